"""AWS fails, region by region and as a whole: each failure is named in words, and everything else is reported."""

from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.sandbox import Stage
from tests.integration.bot.conftest import ONE_REGION, VISIBLE, Audience, Done, bailiff_here, days, ids, ids_of

OWN_ALONE = {"BAILIFF_ROLE_ARNS": ""}
FAILING = {
    "eu-west-2": "access denied",
    "eu-north-1": "throttled by AWS",
    "eu-central-1": "not an answer of EC2",
    "us-west-1": "unreachable",
    "me-south-1": "region not enabled",
    "xx-nowhere-1": "no such region",
}
HEALTHY = ("eu-west-1", "eu-west-3", "us-east-1")


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says on the command line."""

    done: Done

    @property
    def coverage(self) -> str:
        return next(line for line in self.done.stdout.splitlines() if " read, " in line)


@pytest.fixture(scope="module")
def broken(stage: Stage) -> Told:
    """Return the report of a tenant in which regions fail in six ways at once."""
    stage.aws.deny("eu-west-2")
    stage.aws.throttle("eu-north-1")
    stage.aws.html("eu-central-1")
    stage.aws.reset("us-west-1")
    regions = ",".join((*HEALTHY, *FAILING))
    told = Told(bailiff_here(stage, "report", BAILIFF_REGIONS=regions, **OWN_ALONE))
    stage.aws.heal()
    return told


@pytest.mark.parametrize(("region", "reason"), FAILING.items())
def test_a_region_that_fails_is_named_with_the_reason_in_words(broken: Told, region: str, reason: str) -> None:
    assert f"{region} ({reason})" in broken.coverage


def test_what_was_read_is_counted_against_what_should_have_been(broken: Told) -> None:
    assert broken.coverage.startswith("3 of 9 regions read, ")


def test_the_other_regions_are_reported_in_full(broken: Told) -> None:
    readable = [one for one in VISIBLE if one.account == "111122223333" and one.region in HEALTHY]
    shown = ids_of(*(one for one in readable if one.verdict != "managed"))
    assert ids(broken.done.stdout) == shown
    assert f"of {len(readable)} instances" in broken.done.stdout


def test_failed_regions_leave_with_3_and_a_line_each_on_standard_error(broken: Told) -> None:
    assert broken.done.returncode == 3
    assert len(broken.done.stderr.splitlines()) == len(FAILING)
    assert all(line.startswith("bailiff: not read: 111122223333 ") for line in broken.done.stderr.splitlines())


def test_a_region_slower_than_its_deadline_is_given_up_and_named(audience: Audience, stage: Stage) -> None:
    assert audience.stage is stage
    stage.aws.slow("us-east-1", 5.0, action="DescribeInstances")
    changes = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_TARGET_DEADLINE": "2"}
    told = Told(bailiff_here(stage, "report", **OWN_ALONE, **changes))
    assert "us-east-1 (timed out)" in told.coverage
    assert "prod-db" in told.done.stdout
    assert told.done.returncode == 3


@pytest.mark.usefixtures("audience")
def test_expired_credentials_read_nothing_and_are_named(stage: Stage) -> None:
    stage.aws.expire_credentials()
    told = Told(bailiff_here(stage, "report"))
    assert told.done.stdout.startswith("Nothing could be read")
    assert "(credentials expired)" in told.coverage
    assert told.done.returncode == 3
    assert "Traceback" not in told.done.stderr


def test_with_expired_credentials_the_digest_says_that_nothing_could_be_read(audience: Audience, stage: Stage) -> None:
    stage.aws.expire_credentials()
    screen = audience.screen("bill", "cloud-costs")
    done = bailiff_here(stage, "digest")
    (message,) = screen.new()
    assert "Nothing could be read" in message.words
    assert "(credentials expired)" in message.words
    assert done.returncode == 3
    assert audience.calls("conversations.open") == []


def test_a_wrong_external_id_closes_the_second_account_and_nothing_else(stage: Stage) -> None:
    told = Told(bailiff_here(stage, "report", BAILIFF_REGIONS="eu-west-1,us-east-1", BAILIFF_EXTERNAL_ID="another"))
    assert "account 444455556666 (role not assumable)" in told.coverage
    assert "prod-db" in told.done.stdout
    assert "agr-lab" not in told.done.stdout
    assert told.done.returncode == 3


def test_keys_that_aws_refuses_read_nothing_and_are_named(stage: Stage) -> None:
    told = Told(bailiff_here(stage, "report", AWS_SECRET_ACCESS_KEY="wrong"))
    assert "(credentials refused)" in told.coverage
    assert told.done.returncode == 3


@pytest.mark.usefixtures("audience")
def test_a_clock_that_is_wrong_is_named(stage: Stage) -> None:
    stage.aws.skew(days(1))
    told = Told(bailiff_here(stage, "report", **ONE_REGION))
    assert "clock is wrong" in told.coverage
    assert told.done.returncode == 3


@pytest.mark.parametrize("declared", ["sa-east-1", "111122223333/sa-east-1", "*/sa-*"])
def test_a_declared_unread_target_is_still_shown_and_quiets_the_exit_code(stage: Stage, declared: str) -> None:
    regions = {"BAILIFF_REGIONS": "eu-west-1,sa-east-1", "BAILIFF_EXPECTED_UNREAD": declared}
    told = Told(bailiff_here(stage, "report", **OWN_ALONE, **regions))
    assert told.coverage.endswith("closed, as declared: sa-east-1 (access denied)")
    assert "not read" not in told.coverage
    assert (told.done.returncode, told.done.stderr) == (0, "")


@pytest.mark.usefixtures("audience")
def test_a_declaration_excuses_no_other_target(stage: Stage) -> None:
    stage.aws.deny("us-east-1")
    regions = {"BAILIFF_REGIONS": "us-east-1,sa-east-1", "BAILIFF_EXPECTED_UNREAD": "sa-east-1"}
    told = Told(bailiff_here(stage, "report", **OWN_ALONE, **regions))
    assert "not read: us-east-1 (access denied)" in told.coverage
    assert told.done.returncode == 3
