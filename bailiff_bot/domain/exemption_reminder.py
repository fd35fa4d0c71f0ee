"""When somebody is reminded that an exemption ends."""

from datetime import date, datetime, time, timedelta, tzinfo

from bailiff_bot.domain.grants import Grant, Grants
from bailiff_bot.domain.report import Row

_FROM, _UNTIL = time(9), time(18)
"""Reminders are sent between these times of day, in the team's zone, so that none wakes anybody."""
_DAY = timedelta(days=1)


def last_day(until: datetime, zone: tzinfo) -> date:
    """Return the last day of an exemption in a zone. `until` is the first instant without it."""
    return (until - timedelta(microseconds=1)).astimezone(zone).date()


def is_reminder_due(grant: Grant, now: datetime, zone: tzinfo) -> bool:
    """Return True from the day before the last day on, at a time of day at which reminders are sent.

    Nobody is reminded within a day of the grant, of what they have just chosen.
    """
    the_day_before = datetime.combine(last_day(grant.until, zone) - _DAY, _FROM, zone)
    in_time = max(the_day_before, grant.granted_at + _DAY) <= now < grant.until
    return in_time and is_waking_hour(now, zone)


def is_waking_hour(now: datetime, zone: tzinfo) -> bool:
    """Return True at a time of day at which reminders are sent."""
    return _FROM <= now.astimezone(zone).time() < _UNTIL


def counts_again(grant: Grant, row: Row, grants: Grants) -> bool:
    """Return True if a row breaks a rule that only this exemption keeps from counting.

    It is not so if the row breaks no rule, or if a tag or another exemption lasts longer. `grants` count now.
    """
    longest = grants.get(grant.subject, {})
    return any(finding.rule in longest and longest[finding.rule].id == grant.id for finding in row.kept)
