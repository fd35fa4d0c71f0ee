from dataclasses import replace

import pytest

from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.rules import Finding, RuleId
from tests.builders import days_ago, instance, report

UNDATED = instance(1, "AGR-x", age=400, state=InstanceState.STOPPED)
DATED = instance(1, "AGR-x", age=400, stopped=3)


def abandoned(evidence: str) -> Finding:
    return Finding(RuleId.DELETED_WHEN_ABANDONED, evidence)


@pytest.mark.parametrize(
    ("stopped_days", "findings"),
    [
        (None, ()),
        (14.9, ()),
        (15, (abandoned("stopped for at least 15 days"),)),
        (20.5, (abandoned("stopped for at least 20 days"),)),
    ],
)
def test_a_stop_without_a_date_from_ec2_is_dated_by_our_first_sight(
    stopped_days: float | None, findings: tuple[Finding, ...]
) -> None:
    watched = replace(UNDATED, first_seen_stopped=None if stopped_days is None else days_ago(stopped_days))
    [row] = report(watched).rows
    assert row.findings == findings
    assert not watched.last_action_is_dated


def test_a_date_from_ec2_takes_precedence_over_our_first_sight() -> None:
    [row] = report(replace(DATED, first_seen_stopped=days_ago(99))).rows
    assert row.findings == ()


def test_a_start_resets_the_stopped_time() -> None:
    [row] = report(replace(UNDATED, launched_at=days_ago(2), first_seen_stopped=days_ago(99))).rows
    assert row.findings == ()


@pytest.mark.parametrize("state", [InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.PENDING])
def test_an_instance_that_is_not_stopped_is_not_judged_by_an_earlier_stop(state: InstanceState) -> None:
    [row] = report(replace(UNDATED, launched_at=days_ago(20), state=state, first_seen_stopped=days_ago(19))).rows
    assert row.findings == ()
