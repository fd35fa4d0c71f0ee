"""AWS fails, region by region and as a whole: each failure is named in words, and everything else is reported."""

from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import (
    ONE_REGION,
    VISIBLE,
    CompletedCommand,
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)

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
class ReportOutput:
    """What a report says on the command line."""

    done: CompletedCommand

    @property
    def coverage(self) -> str:
        return next(line for line in self.done.stdout.splitlines() if " read, " in line)


@pytest.fixture(scope="module")
def broken(sandbox: Sandbox) -> ReportOutput:
    """Return the report of a tenant in which regions fail in six ways at once."""
    sandbox.aws.deny("eu-west-2")
    sandbox.aws.throttle("eu-north-1")
    sandbox.aws.respond_html("eu-central-1")
    sandbox.aws.reset_connections("us-west-1")
    regions = ",".join((*HEALTHY, *FAILING))
    told = ReportOutput(run_in_process(sandbox, "report", BAILIFF_REGIONS=regions, **OWN_ALONE))
    sandbox.aws.clear_faults()
    return told


@pytest.mark.parametrize(("region", "reason"), FAILING.items())
def test_a_region_that_fails_is_named_with_the_reason_in_words(broken: ReportOutput, region: str, reason: str) -> None:
    assert f"{region} ({reason})" in broken.coverage


def test_what_was_read_is_counted_against_what_should_have_been(broken: ReportOutput) -> None:
    assert broken.coverage.startswith("3 of 9 regions read, ")


def test_the_other_regions_are_reported_in_full(broken: ReportOutput) -> None:
    readable = [one for one in VISIBLE if one.account == "111122223333" and one.region in HEALTHY]
    shown = ids_of(*(one for one in readable if one.expected_table != "managed"))
    assert ids(broken.done.stdout) == shown
    assert f"of {len(readable)} instances" in broken.done.stdout


def test_failed_regions_leave_with_3_and_a_line_each_on_standard_error(broken: ReportOutput) -> None:
    assert broken.done.returncode == 3
    assert len(broken.done.stderr.splitlines()) == len(FAILING)
    assert all(line.startswith("bailiff: not read: 111122223333 ") for line in broken.done.stderr.splitlines())


def test_a_region_slower_than_its_deadline_is_given_up_and_named(users: SandboxUsers, sandbox: Sandbox) -> None:
    assert users.sandbox is sandbox
    sandbox.aws.delay_responses("us-east-1", 5.0, action="DescribeInstances")
    changes = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_TARGET_DEADLINE": "2"}
    told = ReportOutput(run_in_process(sandbox, "report", **OWN_ALONE, **changes))
    assert "us-east-1 (timed out)" in told.coverage
    assert "prod-db" in told.done.stdout
    assert told.done.returncode == 3


@pytest.mark.usefixtures("users")
def test_expired_credentials_read_nothing_and_are_named(sandbox: Sandbox) -> None:
    sandbox.aws.expire_credentials()
    told = ReportOutput(run_in_process(sandbox, "report"))
    assert told.done.stdout.startswith("Nothing could be read")
    assert "(credentials expired)" in told.coverage
    assert told.done.returncode == 3
    assert "Traceback" not in told.done.stderr


def test_with_expired_credentials_the_digest_says_that_nothing_could_be_read(
    users: SandboxUsers, sandbox: Sandbox
) -> None:
    sandbox.aws.expire_credentials()
    view = users.view("bill", "cloud-costs")
    done = run_in_process(sandbox, "digest")
    (message,) = view.new_messages()
    assert "Nothing could be read" in message.visible_text
    assert "(credentials expired)" in message.visible_text
    assert done.returncode == 3
    assert users.calls("conversations.open") == []


def test_a_wrong_external_id_closes_the_second_account_and_nothing_else(sandbox: Sandbox) -> None:
    told = ReportOutput(
        run_in_process(sandbox, "report", BAILIFF_REGIONS="eu-west-1,us-east-1", BAILIFF_EXTERNAL_ID="another")
    )
    assert "account 444455556666 (role not assumable)" in told.coverage
    assert "prod-db" in told.done.stdout
    assert "agr-lab" not in told.done.stdout
    assert told.done.returncode == 3


def test_keys_that_aws_refuses_read_nothing_and_are_named(sandbox: Sandbox) -> None:
    told = ReportOutput(run_in_process(sandbox, "report", AWS_SECRET_ACCESS_KEY="wrong"))
    assert "(credentials refused)" in told.coverage
    assert told.done.returncode == 3


@pytest.mark.usefixtures("users")
def test_a_clock_that_is_wrong_is_named(sandbox: Sandbox) -> None:
    sandbox.aws.set_clock_skew(days(1))
    told = ReportOutput(run_in_process(sandbox, "report", **ONE_REGION))
    assert "clock is wrong" in told.coverage
    assert told.done.returncode == 3


@pytest.mark.parametrize("declared", ["sa-east-1", "111122223333/sa-east-1", "*/sa-*"])
def test_a_declared_unread_target_is_still_shown_and_quiets_the_exit_code(sandbox: Sandbox, declared: str) -> None:
    regions = {"BAILIFF_REGIONS": "eu-west-1,sa-east-1", "BAILIFF_EXPECTED_UNREAD": declared}
    told = ReportOutput(run_in_process(sandbox, "report", **OWN_ALONE, **regions))
    assert told.coverage.endswith("closed, as declared: sa-east-1 (access denied)")
    assert "not read" not in told.coverage
    assert (told.done.returncode, told.done.stderr) == (0, "")


@pytest.mark.usefixtures("users")
def test_a_declaration_excuses_no_other_target(sandbox: Sandbox) -> None:
    sandbox.aws.deny("us-east-1")
    regions = {"BAILIFF_REGIONS": "us-east-1,sa-east-1", "BAILIFF_EXPECTED_UNREAD": "sa-east-1"}
    told = ReportOutput(run_in_process(sandbox, "report", **OWN_ALONE, **regions))
    assert "not read: us-east-1 (access denied)" in told.coverage
    assert told.done.returncode == 3
