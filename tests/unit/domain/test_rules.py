from dataclasses import replace

import pytest

from bailiff_bot.domain.instance import State
from bailiff_bot.domain.rules import Finding, RuleId
from tests.builders import days, instance, report

UNDATED = instance(1, "AGR-x", age=400, state=State.STOPPED)
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
    watched = replace(UNDATED, seen_stopped=None if seen is None else days(seen))
    [row] = report(watched).rows
    assert row.findings == findings
    assert not watched.dated


def test_what_ec2_dates_goes_by_that_date_whatever_we_saw() -> None:
    [row] = report(replace(DATED, seen_stopped=days(99))).rows
    assert row.findings == ()


def test_what_was_started_after_we_saw_it_stopped_is_watched_from_that_start() -> None:
    [row] = report(replace(UNDATED, launched=days(2), seen_stopped=days(99))).rows
    assert row.findings == ()


@pytest.mark.parametrize("state", [State.RUNNING, State.STOPPING, State.PENDING])
def test_a_sight_of_it_stopped_says_nothing_of_what_is_not_stopped(state: State) -> None:
    [row] = report(replace(UNDATED, launched=days(20), state=state, seen_stopped=days(19))).rows
    assert row.findings == ()
