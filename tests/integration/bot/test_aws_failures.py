"""AWS fails in one region or as a whole: the report names each failure, and shows everything else."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import (
    ANSWER_TIMEOUT,
    ONE_REGION,
    VISIBLE_INSTANCES,
    CompletedCommand,
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)

OWN_ACCOUNT_ONLY = {"BAILIFF_ROLE_ARNS": ""}
FAILING = {
    "eu-west-2": "access denied",
    "eu-north-1": "throttled by AWS",
    "eu-central-1": "not an answer of EC2",
    "us-west-1": "unreachable",
    "me-south-1": "region not enabled",
    "xx-nowhere-1": "no such region",
}
READABLE = ("eu-west-1", "eu-west-3", "us-east-1")


@dataclass(frozen=True, slots=True)
class ReportOutput:
    """The output of `bailiff report`."""

    result: CompletedCommand

    @property
    def coverage(self) -> str:
        return next(line for line in self.result.stdout.splitlines() if " read, " in line)


@pytest.fixture(scope="module")
def partial_report(sandbox: Sandbox) -> ReportOutput:
    """Return the report when six regions fail at once, each in its own way."""
    sandbox.aws.deny("eu-west-2")
    sandbox.aws.throttle("eu-north-1")
    sandbox.aws.respond_html("eu-central-1")
    sandbox.aws.reset_connections("us-west-1")
    regions_setting = ",".join((*READABLE, *FAILING))
    report = ReportOutput(run_in_process(sandbox, "report", BAILIFF_REGIONS=regions_setting, **OWN_ACCOUNT_ONLY))
    sandbox.aws.clear_faults()
    return report


@pytest.mark.parametrize(("region", "reason"), FAILING.items())
def test_a_failing_region_is_named_with_its_reason(partial_report: ReportOutput, region: str, reason: str) -> None:
    assert f"{region} ({reason})" in partial_report.coverage


def test_the_coverage_counts_the_regions_that_were_read(partial_report: ReportOutput) -> None:
    assert partial_report.coverage.startswith("3 of 9 regions read, ")


def test_the_other_regions_are_reported_in_full(partial_report: ReportOutput) -> None:
    reported = [
        instance for instance in VISIBLE_INSTANCES if instance.account == "111122223333" and instance.region in READABLE
    ]
    listed = ids_of(*(instance for instance in reported if instance.expected_table != "managed"))
    assert ids(partial_report.result.stdout) == listed
    assert f"of {len(reported)} instances" in partial_report.result.stdout


def test_failed_regions_give_exit_code_3_and_one_line_each_on_standard_error(partial_report: ReportOutput) -> None:
    assert partial_report.result.returncode == 3
    assert len(partial_report.result.stderr.splitlines()) == len(FAILING)
    assert all(
        line.startswith("bailiff: not read: 111122223333 ") for line in partial_report.result.stderr.splitlines()
    )


def test_a_region_slower_than_its_deadline_is_named_as_timed_out(users: SandboxUsers, sandbox: Sandbox) -> None:
    assert users.sandbox is sandbox
    sandbox.aws.delay_responses("us-east-1", 5.0, action="DescribeInstances")
    overrides = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_TARGET_DEADLINE": "2"}
    report = ReportOutput(run_in_process(sandbox, "report", **OWN_ACCOUNT_ONLY, **overrides))
    assert "us-east-1 (timed out)" in report.coverage
    assert "prod-db" in report.result.stdout
    assert report.result.returncode == 3


@pytest.mark.usefixtures("users")
def test_with_expired_credentials_the_report_names_them_and_reads_nothing(sandbox: Sandbox) -> None:
    sandbox.aws.expire_credentials()
    report = ReportOutput(run_in_process(sandbox, "report"))
    assert report.result.stdout.startswith("Nothing could be read")
    assert "(credentials expired)" in report.coverage
    assert report.result.returncode == 3
    assert "Traceback" not in report.result.stderr


def test_with_expired_credentials_the_digest_says_that_nothing_could_be_read(
    users: SandboxUsers, sandbox: Sandbox
) -> None:
    sandbox.aws.expire_credentials()
    view = users.view("bill", "cloud-costs")
    result = run_in_process(sandbox, "digest")
    (message,) = view.new_messages()
    assert "Nothing could be read" in message.visible_text
    assert "(credentials expired)" in message.visible_text
    assert result.returncode == 3
    assert users.calls("conversations.open") == []


def test_a_wrong_external_id_leaves_only_the_second_account_unread(sandbox: Sandbox) -> None:
    report = ReportOutput(
        run_in_process(sandbox, "report", BAILIFF_REGIONS="eu-west-1,us-east-1", BAILIFF_EXTERNAL_ID="another")
    )
    assert "account 444455556666 (role not assumable)" in report.coverage
    assert "prod-db" in report.result.stdout
    assert "agr-lab" not in report.result.stdout
    assert report.result.returncode == 3


def test_with_refused_keys_the_report_names_them_and_reads_nothing(sandbox: Sandbox) -> None:
    report = ReportOutput(run_in_process(sandbox, "report", AWS_SECRET_ACCESS_KEY="wrong"))
    assert "(credentials refused)" in report.coverage
    assert report.result.returncode == 3


@pytest.mark.usefixtures("users")
def test_a_wrong_clock_is_named(sandbox: Sandbox) -> None:
    sandbox.aws.set_clock_skew(days(1))
    report = ReportOutput(run_in_process(sandbox, "report", **ONE_REGION))
    assert "clock is wrong" in report.coverage
    assert report.result.returncode == 3


@pytest.mark.parametrize("declared", ["sa-east-1", "111122223333/sa-east-1", "*/sa-*"])
def test_a_declared_unread_target_is_still_shown_and_gives_exit_code_0(sandbox: Sandbox, declared: str) -> None:
    overrides = {"BAILIFF_REGIONS": "eu-west-1,sa-east-1", "BAILIFF_EXPECTED_UNREAD": declared}
    report = ReportOutput(run_in_process(sandbox, "report", **OWN_ACCOUNT_ONLY, **overrides))
    assert report.coverage.endswith("closed, as expected: sa-east-1 (access denied)")
    assert "not read" not in report.coverage
    assert (report.result.returncode, report.result.stderr) == (0, "")


@pytest.mark.usefixtures("users")
def test_a_declaration_does_not_cover_other_targets(sandbox: Sandbox) -> None:
    sandbox.aws.deny("us-east-1")
    overrides = {"BAILIFF_REGIONS": "us-east-1,sa-east-1", "BAILIFF_EXPECTED_UNREAD": "sa-east-1"}
    report = ReportOutput(run_in_process(sandbox, "report", **OWN_ACCOUNT_ONLY, **overrides))
    assert "not read: us-east-1 (access denied)" in report.coverage
    assert report.result.returncode == 3


def test_a_bot_that_starts_without_a_login_to_sso_logs_one_line_with_the_remedy(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    config, log = tmp_path / "config", tmp_path / "log"
    config.write_text(
        "[profile sso]\nsso_account_id = 111122223333\nsso_role_name = reader\nsso_region = eu-west-1\n"
        "sso_start_url = https://example.awsapps.com/start\n"
    )
    sso = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "sso", "AWS_CONFIG_FILE": str(config)}
    with log.open("w") as file:
        bot = sandbox.start_bot(log_fd=file.fileno(), HOME=str(tmp_path), **OWN_ACCOUNT_ONLY, **sso)
    sandbox.slack.driver.wait_for(lambda: "target.unread" in log.read_text())
    bot.terminate()
    assert bot.wait(ANSWER_TIMEOUT) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (unread,) = [line for line in lines if line["level"] != "info" and line["event"] != "digest.disabled"]
    assert unread["event"] == "target.unread"
    assert unread["detail"].startswith("SSO, profile sso: ")
    assert unread["remedy"] == "run aws sso login --profile sso"
