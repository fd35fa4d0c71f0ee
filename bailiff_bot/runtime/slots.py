"""The slots at which digests are due, by a crontab and a time zone.

A slot is a local wall-clock time. When clocks go back, an hour occurs twice: a slot in it fires the first time only.
When clocks go forward, an hour is skipped: a slot in it fires all the same, 02:30 when the clock shows 03:30.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

from bailiff_bot.domain.schedule import slot_order
from bailiff_bot.errors import SettingsError
from bailiff_bot.runtime.crontab import cron_trigger

_DAY = timedelta(days=1)
"""No time zone ever skipped more: Samoa skipped a whole day in 2011."""
_SEARCH_SPANS = (timedelta(minutes=15), timedelta(hours=25))
"""How far back `latest` searches, the short span first: a dense crontab has many slots. A day has up to 25 hours."""


class Slots(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """The slots of a crontab in a time zone, as an APScheduler trigger. `parse_slots` builds it."""

    def __init__(self, cron: BaseTrigger, zone: ZoneInfo) -> None:
        self._cron = cron
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the slot after `previous_fire_time`, even if it is past; without one, the first slot from `now` on."""
        if previous_fire_time:
            return self._first_slot_from(previous_fire_time.replace(tzinfo=None) + timedelta.resolution)
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - _DAY) - _DAY  # a slot in a skipped hour may fire from `now` on
        slot = self._first_slot_from(wall_clock - max(skipped, timedelta(0)))
        while slot and slot.astimezone(UTC) < now.astimezone(UTC):
            slot = self.get_next_fire_time(slot, now)
        return slot

    def latest(self, now: datetime) -> datetime | None:
        """Return the latest slot of the last 25 hours that is not after `now`; one of two at the same instant."""
        now = now.astimezone(UTC)
        for span in _SEARCH_SPANS:
            if past := [slot for slot in self._slots_before(now, span) if now - span < slot.astimezone(UTC) <= now]:
                return max(past, key=slot_order)
        return None

    def _slots_before(self, now: datetime, span: timedelta) -> Iterator[datetime]:
        """Yield all slots from `span` before `now` until `now`, and some just outside, in wall-clock order."""
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - 3 * _DAY) - 3 * _DAY
        slot = self._first_slot_from(wall_clock - span - max(skipped, timedelta(0)))
        while slot and slot.replace(tzinfo=None) <= wall_clock + max(-skipped, timedelta(0)):
            yield slot
            slot = self.get_next_fire_time(slot, now)

    def key(self, slot: datetime) -> str:
        """Return the unique key of a slot: `2026-11-24T09:00 Europe/Paris`."""
        return f"{slot:%Y-%m-%dT%H:%M} {self._zone.key}"

    def to_local(self, instant: datetime) -> datetime:
        """Return an instant as local time, with the zone."""
        return instant.astimezone(self._zone)

    def slot_of_key(self, key: str) -> datetime | None:
        """Return the slot of a key; None if the key is of another time zone."""
        wall_clock, _, zone = key.partition(" ")
        return datetime.fromisoformat(wall_clock).replace(tzinfo=self._zone) if zone == self._zone.key else None

    def _wall_clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone).replace(tzinfo=None)

    def _first_slot_from(self, wall_clock: datetime) -> datetime | None:
        # UTC has no clock changes, so the cron trigger gets wall-clock times as UTC. Only the result gets the zone.
        slot: datetime | None = self._cron.get_next_fire_time(None, wall_clock.replace(tzinfo=UTC))
        return slot and slot.replace(tzinfo=self._zone)


def parse_slots(crontab: str, timezone: str) -> Slots:
    """Return the slots of a five-field crontab in the time zone of that name; weekdays 0 and 7 are Sunday.

    Raises SettingsError, with one line, if the crontab is not valid or never fires, or if the time zone is unknown.
    """
    try:
        return Slots(cron_trigger(crontab), _zone(timezone))
    except ValueError as error:
        hint = "it should be five fields like '0 9 * * 1-5': minute, hour, day of the month, month, weekday"
        raise SettingsError(f"BAILIFF_DIGEST_CRON is {crontab!r}, but {error}; {hint}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise SettingsError(f"BAILIFF_TIMEZONE is {name!r}; it should be a time zone like Europe/Paris") from error
