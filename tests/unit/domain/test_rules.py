from dataclasses import replace

import pytest

from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.rules import Finding, RuleId
from tests.builders import days_ago, instance, report

UNDATED = instance(1, "AGR-x", age=400, state=InstanceState.STOPPED)
DATED = instance(1, "AGR-x", age=400, stopped=3)


def abandoned(words: str) -> Finding:
    return Finding(RuleId.DELETED_WHEN_ABANDONED, words)


@pytest.mark.parametrize(
    ("seen", "findings"),
    [
        (None, ()),
        (14.9, ()),
        (15, (abandoned("stopped for at least 15 days"),)),
        (20.5, (abandoned("stopped for at least 20 days"),)),
    ],
)
def test_a_stop_that_ec2_does_not_date_is_dated_by_our_own_first_sight(
    seen: float | None, findings: tuple[Finding, ...]
) -> None:
    watched = replace(UNDATED, first_seen_stopped=None if seen is None else days_ago(seen))
    [row] = report(watched).rows
    assert row.findings == findings
    assert not watched.last_action_is_dated


def test_what_ec2_dates_goes_by_that_date_whatever_we_saw() -> None:
    [row] = report(replace(DATED, first_seen_stopped=days_ago(99))).rows
    assert row.findings == ()


def test_a_start_after_it_was_seen_stopped_resets_its_stopped_time() -> None:
    [row] = report(replace(UNDATED, launched_at=days_ago(2), first_seen_stopped=days_ago(99))).rows
    assert row.findings == ()


@pytest.mark.parametrize("state", [InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.PENDING])
def test_a_sight_of_it_stopped_says_nothing_of_what_is_not_stopped(state: InstanceState) -> None:
    [row] = report(replace(UNDATED, launched_at=days_ago(20), state=state, first_seen_stopped=days_ago(19))).rows
    assert row.findings == ()
