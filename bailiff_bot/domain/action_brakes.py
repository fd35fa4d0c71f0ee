"""The brakes: how much may be done in AWS in 24 hours, and who stopped everything."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.domain.action import Action, Brake

BRAKE_WINDOW = timedelta(hours=24)
"""Limits count what was done in this time."""


@dataclass(frozen=True, slots=True)
class BrakeLimits:
    """What may be begun in `BRAKE_WINDOW`, whatever comes of it."""

    per_person: int = 20
    """Of stop, rename and delete together."""
    deletions_per_person: int = 5
    total: int = 200
    """Of all people together."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An action that was begun. Refusals and undoing take no slot."""

    user_id: str
    action: Action
    at: datetime


@dataclass(frozen=True, slots=True)
class BrakeSwitch:
    """What an administrator last did with `/bailiff brake`."""

    is_on: bool
    user_id: str
    """The id of the Slack user."""
    name: str
    """The name that Slack showed of this user."""
    at: datetime
    """Switching it off lifts the limits, too: slots before this time do not count any more."""


@dataclass(frozen=True, slots=True)
class Brakes:
    """All that decides whether one more action may begin."""

    limits: BrakeLimits
    slots: tuple[Slot, ...] = ()
    """At least those of `BRAKE_WINDOW`; older ones do not count."""
    switch: BrakeSwitch | None = None
    """The last switch; None if there never was one."""
    is_implausible: bool = False
    """True if the last scan read a directory or a fleet that shrank implausibly, or owners that changed in bulk."""

    def reached(self, user_id: str, action: Action, now: datetime) -> Brake:
        """Return which brake keeps a user from one more action; `NONE` if none does."""
        if self.switch and self.switch.is_on:
            return Brake.ALL
        if self.is_implausible:
            return Brake.IMPLAUSIBLE
        return self._limit(user_id, action, now)

    def ran_into_it(self, user_id: str, now: datetime) -> bool:
        """Return True if a user's own actions reached a limit, or helped to reach that of all: who may not lift it."""
        own = any(slot.user_id == user_id for slot in self.counting(now))
        return own and self._limit(user_id, Action.DELETE, now) is not Brake.NONE

    def counting(self, now: datetime) -> tuple[Slot, ...]:
        """Return the slots that count: those of `BRAKE_WINDOW`, since the brake was switched off."""
        since = now - BRAKE_WINDOW
        switch = self.switch
        lifted = switch.at if switch and not switch.is_on else None
        return tuple(slot for slot in self.slots if slot.at > since and (lifted is None or slot.at > lifted))

    def _limit(self, user_id: str, action: Action, now: datetime) -> Brake:
        counting = self.counting(now)
        if len(counting) >= self.limits.total:
            return Brake.ALL
        own = [slot for slot in counting if slot.user_id == user_id]
        deletions = sum(slot.action is Action.DELETE for slot in own)
        if len(own) >= self.limits.per_person:
            return Brake.PERSON
        is_one_too_many = action is Action.DELETE and deletions >= self.limits.deletions_per_person
        return Brake.PERSON if is_one_too_many else Brake.NONE
