"""Usage of the sandbox's CloudWatch in the report of the real program, and what it says where it may not read it."""

import json
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.aws.usage_patterns import UsagePattern
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import days, run_in_process

SETTINGS = {"BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": "", "BAILIFF_USAGE": "on"}
READ_USAGE = "cloudwatch:GetMetricData"
AGED = 60
PATTERNS = {
    UsagePattern.IDLE: "idle for 14 days: CPU at most",
    UsagePattern.QUIET: "is it still used?",
    UsagePattern.USED: "",
    UsagePattern.FILE_SERVER: "",
    UsagePattern.GPU: f"running for {AGED} days",
    UsagePattern.LATE: f"running for {AGED} days",
    UsagePattern.NONE: f"running for {AGED} days",
}
"""What the finding of an instance says that runs for a long time; empty: it has none."""


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    kinds = dict.fromkeys(PATTERNS, "t3.medium") | {UsagePattern.GPU: "p3.2xlarge"}
    return tuple(
        InstanceFixture(
            key=f"agr-{number}",
            name=f"agr-{number}",
            since_start=days(AGED),
            type=kinds[pattern],
            usage=pattern,
            expected_table="legit" if pattern in {UsagePattern.USED, UsagePattern.FILE_SERVER} else "unused",
        )
        for number, pattern in enumerate(PATTERNS)
    )


def evidence(sandbox: Sandbox, **changes: str) -> dict[str, str]:
    """Return what the report says of each instance."""
    reported = json.loads(run_in_process(sandbox, "report", "--format", "json", **{**SETTINGS, **changes}).stdout)
    return {one["name"]: "; ".join(one["evidence"]) for one in reported["records"] if "name" in one}


def test_each_instance_is_judged_by_its_usage(sandbox: Sandbox) -> None:
    found = evidence(sandbox)
    for number, (pattern, expected) in enumerate(PATTERNS.items()):
        said = found[f"agr-{number}"]
        assert (expected in said) if expected else not said, pattern


def test_usage_that_is_refused_is_told_in_one_line_and_only_the_age_asks(sandbox: Sandbox) -> None:
    sandbox.aws.withdraw_permission(READ_USAGE)
    try:
        refused, text = evidence(sandbox), run_in_process(sandbox, "report", **SETTINGS)
    finally:
        sandbox.aws.restore_permission(READ_USAGE)
    assert refused == evidence(sandbox, BAILIFF_USAGE="off")
    allow = "allow cloudwatch:GetMetricData, or set BAILIFF_USAGE to off"
    assert f"Usage not read in 1 of 1 region: access denied; {allow}" in " ".join(text.stdout.split())
    assert [line for line in text.stderr.splitlines() if "usage not read" in line and allow in line]
    assert text.returncode == 0


def test_a_second_scan_of_the_day_asks_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    before = calls(sandbox)
    for _ in range(2):
        run_in_process(sandbox, "report", folder=tmp_path, **SETTINGS)
    assert calls(sandbox) - before == 1


def calls(sandbox: Sandbox) -> int:
    return sum(call.iam_action == READ_USAGE for call in sandbox.aws.calls)
