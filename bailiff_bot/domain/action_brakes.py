"""The brakes: how much may be done in AWS in 24 hours, and who stopped everything."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.domain.action import Action, Brake

BRAKE = "brake"
"""The action in the audit log."""
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
    """Switching it off lifts the limits, too: slots before this time do not count any more, except the user's own."""


@dataclass(frozen=True, slots=True)
class BrakeUse:
    """How much of the limits is used."""

    total: int
    """What all people began."""
    own: int
    """What one person began, deletions included."""
    own_deletions: int
    next_free: datetime | None = None
    """When the oldest action stops counting; None if none counts."""


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
        return bool(self.use(user_id, now).own) and self._limit(user_id, Action.DELETE, now) is not Brake.NONE

    def counting(self, now: datetime) -> tuple[Slot, ...]:
        """Return the slots that count: those of `BRAKE_WINDOW`, since the brake was switched off.

        Those of the user who switched it off count on. Otherwise one user alone could do any number of actions, by
        lifting the limits before each is reached.
        """
        since, switch = now - BRAKE_WINDOW, self.switch
        recent = tuple(slot for slot in self.slots if slot.at > since)
        if switch is None or switch.is_on:
            return recent
        return tuple(slot for slot in recent if slot.at > switch.at or slot.user_id == switch.user_id)

    def use(self, user_id: str, now: datetime) -> BrakeUse:
        """Return how much of the limits is used, by all people and by one user."""
        counting = self.counting(now)
        own = [slot for slot in counting if slot.user_id == user_id]
        oldest = min((slot.at for slot in counting), default=None)
        next_free = oldest + BRAKE_WINDOW if oldest else None
        return BrakeUse(len(counting), len(own), sum(slot.action is Action.DELETE for slot in own), next_free)

    def _limit(self, user_id: str, action: Action, now: datetime) -> Brake:
        use, limits = self.use(user_id, now), self.limits
        if use.total >= limits.total:
            return Brake.ALL
        if use.own >= limits.per_person:
            return Brake.PERSON
        is_one_too_many = action is Action.DELETE and use.own_deletions >= limits.deletions_per_person
        return Brake.PERSON if is_one_too_many else Brake.NONE
