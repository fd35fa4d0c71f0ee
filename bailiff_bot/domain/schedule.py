"""When a digest is due, and until when it is sent."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

LATE_TOLERANCE = timedelta(hours=1)
"""A digest that is at most this late is sent at any time of day."""


class Calendar(Protocol):
    """The slots at which digests are due. A slot is a local wall-clock time with its zone."""

    def latest(self, now: datetime) -> datetime | None:
        """Return the latest slot of the last 25 hours that is not after `now`; None if there is none."""
        ...

    def to_local(self, instant: datetime) -> datetime:
        """Return an instant as local time, with the zone."""
        ...

    def slot_of_key(self, key: str) -> datetime | None:
        """Return the slot of a key such as `2026-11-24T09:00 Europe/Paris`; None if it is of another time zone."""
        ...


def due_slot(
    calendar: Calendar, now: datetime, *, since: datetime, until: time, used: Collection[str]
) -> datetime | None:
    """Return the slot whose digest is due now, the latest of the local day; None if there is none.

    A slot is not due

    - before `since`, the instant from which this schedule is in use;
    - if its key, or that of a later slot of its day, is in `used`;
    - if it is more than an hour late and it is later than `until`, in local time;
    - if it is of the day before and more than an hour late.
    """
    slot = calendar.latest(now)
    if slot is None or slot.astimezone(UTC) < since or _is_used(calendar, slot, used):
        return None
    local = calendar.to_local(now)
    in_time = slot.date() == local.date() and local.time() <= until
    return slot if in_time or now - slot.astimezone(UTC) <= LATE_TOLERANCE else None


def _is_used(calendar: Calendar, slot: datetime, used: Collection[str]) -> bool:
    """Return True if a slot is used, or a later one of its day: the machine's clock may have been set back."""
    same_day = (calendar.slot_of_key(key) for key in used if key.startswith(f"{slot:%Y-%m-%d}"))
    return any(slot_order(other) >= slot_order(slot) for other in same_day if other)


def slot_order(slot: datetime) -> tuple[datetime, datetime]:
    """Return a slot's sort key: its instant, then its wall-clock time. A skipped 02:30 fires at 03:30, after 03:00."""
    return slot.astimezone(UTC), slot.replace(tzinfo=UTC)


def expiry(slot: datetime, until: time) -> datetime:
    """Return the instant in UTC from which the digest of a slot is not sent any more.

    It is `until` on the slot's day, and at least an hour after the slot.
    """
    end_of_day = datetime.combine(slot.date(), until, slot.tzinfo)
    return max(slot.astimezone(UTC) + LATE_TOLERANCE, end_of_day.astimezone(UTC))
