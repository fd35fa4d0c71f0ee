"""When people are reminded that an exemption ends, and of which."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.exemption_reminder import counts_again, is_reminder_due, last_day
from bailiff_bot.domain.grants import Grant, live_grants
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import instance_subject
from tests.builders import DEFAULT_POLICY, DIRECTORY, NOW, instance, inventory

PARIS = ZoneInfo("Europe/Paris")
BOX = instance(1, "agr-box", age=40)
LAST_DAY = date(2026, 12, 1)
UNTIL = datetime(2026, 12, 1, 23, tzinfo=UTC)
"""Midnight in Paris, after the last day."""


def grant(number: int = 1, until: datetime = UNTIL, granted: datetime = NOW) -> Grant:
    rules = frozenset({RuleId.STOPPED_WHEN_UNUSED})
    return Grant(f"g{number}", instance_subject(BOX), rules, until, "a demo", "U1", "Ada", granted)


def paris(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


DUE = [
    paris(30, 9),
    paris(30, 17, 59),
    paris(1, 9, month=12),  # late, because nothing ran the day before
    paris(1, 17, 59, month=12),
]
NOT_DUE = [
    paris(29, 17),
    paris(30, 8, 59),
    paris(30, 18),
    paris(1, 3, month=12),  # it wakes nobody
    paris(2, 9, month=12),
]


@pytest.mark.parametrize("now", [*DUE, *NOT_DUE])
def test_a_reminder_is_due_from_the_day_before_the_last_day_on_within_working_hours(now: datetime) -> None:
    assert last_day(UNTIL, PARIS) == LAST_DAY
    assert is_reminder_due(grant(), now, PARIS) == (now in DUE)


def test_nobody_is_reminded_within_a_day_of_what_they_chose() -> None:
    granted = paris(30, 10)
    assert not is_reminder_due(grant(granted=granted), paris(30, 11), PARIS)
    assert not is_reminder_due(grant(granted=granted), paris(1, 9, 59, month=12), PARIS)
    assert is_reminder_due(grant(granted=granted), paris(1, 10, month=12), PARIS)


def test_only_what_counts_again_is_worth_a_reminder() -> None:
    longer = grant(2, UNTIL + timedelta(days=1))
    compliant, tagged = instance(1, "agr-box"), instance(1, "agr-box", age=40, tags={"bailiff:exempt": ""})
    for one, grants, expected in (
        (BOX, [grant()], True),
        (BOX, [grant(), longer], False),
        (compliant, [grant()], False),
        (tagged, [grant()], False),
    ):
        live = live_grants(grants, NOW)
        [row] = judge(Snapshot(inventory([one]), DIRECTORY), DEFAULT_POLICY, NOW, live).rows
        assert counts_again(grant(), row, live) is expected
