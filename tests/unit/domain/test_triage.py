"""What became of a disclaimer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.triage import TriageItem, TriageState, triage_item
from tests.builders import NOW, instance, report
from tests.unit.triage_claims import DAY, assignment, disclaimer

BOX = instance(1, "agr-box", age=40)
SECOND = timedelta(seconds=1)


def item(said: Disclaimer, *assigned: Assignment, now: Instance | None = BOX) -> TriageItem:
    row = next(report(now).rows) if now else None
    return triage_item(said, assigned, row, Policy(), NOW + DAY)


def test_it_is_open_until_somebody_decides_it() -> None:
    assert item(disclaimer(BOX)).state is TriageState.OPEN


def test_an_assignment_decides_it_if_it_is_later() -> None:
    earlier, later = assignment(BOX, NOW - SECOND), assignment(BOX, NOW + SECOND)
    assert item(disclaimer(BOX), earlier).state is TriageState.OPEN
    found = item(disclaimer(BOX), earlier, later)
    assert (found.state, found.assignment) == (TriageState.ASSIGNED, later)


def test_of_several_assignments_the_latest_counts() -> None:
    later = assignment(BOX, NOW + SECOND)
    assert item(disclaimer(BOX), assignment(BOX, NOW), later).assignment == later


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (NOW + timedelta(minutes=10), TriageState.UNDONE),
        (NOW + DAY, TriageState.OVER),
        (NOW + DAY + SECOND, TriageState.OPEN),
    ],
)
def test_a_disclaimer_that_ended_at_once_was_undone_and_another_is_over(until: datetime, state: TriageState) -> None:
    assert item(replace(disclaimer(BOX), until=until)).state is state


@pytest.mark.parametrize("changed", [instance(1, "hro-box", age=40), instance(1, "agr-box", tags={"owner": "HRO"})])
def test_another_name_or_owner_tag_ends_it(changed: Instance) -> None:
    assert item(disclaimer(BOX), now=changed).state is TriageState.CHANGED


def test_an_instance_that_was_not_read_ends_nothing() -> None:
    found = item(disclaimer(BOX), now=None)
    assert (found.state, found.row) == (TriageState.OPEN, None)
