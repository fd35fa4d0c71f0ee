from dataclasses import replace

import pytest

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.cleared import Cleared
from bailiff_bot.domain.history import FindingKey, LastNudge, finding_keys
from bailiff_bot.domain.nudge_update import NudgeOutcome, NudgeUpdate
from tests.builders import days_ago, instance, report

FOUND = report(*(instance(number, f"agr-{number}", age=40) for number in (1, 2, 3)))
ONE, TWO, THREE = sorted(finding_keys(FOUND.flagged))
LISTED = frozenset({ONE, TWO, THREE})
LAST_NUDGE = LastNudge("U1", days_ago(6), LISTED, LISTED, "D1", "1.0")
CHANGES = Changes(days_ago(6), (), (), (), (), (), {})
EVERYTHING_GONE = NudgeUpdate(LAST_NUDGE, frozenset(), frozenset(), report(), CHANGES)


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (EVERYTHING_GONE, {NudgeOutcome.FIXED: 3}),
        (replace(EVERYTHING_GONE, remaining=frozenset({ONE})), {NudgeOutcome.FIXED: 2}),
        (
            replace(EVERYTHING_GONE, changes=replace(CHANGES, dropped_by_policy=frozenset({ONE}))),
            {NudgeOutcome.FIXED: 2, NudgeOutcome.DROPPED_BY_POLICY: 1},
        ),
        (
            replace(EVERYTHING_GONE, changes=replace(CHANGES, cleared={ONE: Cleared.IN_USE, TWO: Cleared.NOT_IDLE})),
            {NudgeOutcome.FIXED: 1, NudgeOutcome.IN_USE: 1, NudgeOutcome.NOT_IDLE: 1},
        ),
        (replace(EVERYTHING_GONE, report=FOUND), {NudgeOutcome.NOT_YOURS: 3}),
        (
            replace(EVERYTHING_GONE, report=FOUND, own=frozenset({ONE, TWO})),
            {NudgeOutcome.BROKEN_AGAIN: 2, NudgeOutcome.NOT_YOURS: 1},
        ),
    ],
)
def test_each_subject_that_is_no_longer_listed_has_one_outcome(
    update: NudgeUpdate, expected: dict[NudgeOutcome, int]
) -> None:
    assert update.outcomes() == expected


def test_a_subject_of_which_one_finding_remains_is_still_listed() -> None:
    other = FindingKey(ONE.subject, next(iter(set(type(ONE.rule)) - {ONE.rule})))
    both = replace(LAST_NUDGE, findings=frozenset({ONE, other}))
    update = replace(EVERYTHING_GONE, last_nudge=both, remaining=frozenset({other}))
    assert (update.total, update.outcomes()) == (1, {})


def test_a_subject_of_which_one_finding_was_fixed_is_fixed_whatever_its_metrics_say() -> None:
    other = FindingKey(ONE.subject, next(iter(set(type(ONE.rule)) - {ONE.rule})))
    both, changes = (
        replace(LAST_NUDGE, findings=frozenset({ONE, other})),
        replace(CHANGES, cleared={ONE: Cleared.IN_USE}),
    )
    assert replace(EVERYTHING_GONE, last_nudge=both, changes=changes).outcomes() == {NudgeOutcome.FIXED: 1}
