"""What one seeded instance is: everything relative to the moment at which the sandbox starts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT

STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
"""The states of EC2 and their codes."""

BY_USER = "User initiated ({date})"
BY_AWS = "Server.ScheduledStop: Stopped due to scheduled retirement ({date})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An instance of the seeded fleet, and what Bailiff should say of it."""

    key: str
    """A short handle, unique in a fleet; the instance id is made from it."""
    name: str | None
    """The Name tag; None for no such tag."""
    up: timedelta
    """Since the last start (`LaunchTime`)."""
    verdict: str
    """The table it belongs in under the fleet's policy; `absent` when gone, `unread` where the bot may not look."""
    also: tuple[str, ...] = ()
    """Further rules it breaks."""
    state: str = "running"
    reason: str = ""
    """`StateTransitionReason`; `{date}` stands for the moment of the stop."""
    stopped: timedelta = timedelta(0)
    """Since the stop, where the reason has a date."""
    created: timedelta | None = None
    """Since it was made, when that was before the last start."""
    account: str = OWN_ACCOUNT
    region: str = "eu-west-1"
    type: str = "t3.medium"
    tags: tuple[tuple[str, str], ...] = ()
    """Tags other than Name."""

    @property
    def id(self) -> str:
        """Its instance id, the same in every run."""
        return "i-" + hashlib.sha256(self.key.encode()).hexdigest()[:17]

    def all_tags(self) -> dict[str, str]:
        """Every tag, Name included."""
        named = {} if self.name is None else {"Name": self.name}
        return named | dict(self.tags)

    def launched_at(self, now: datetime) -> datetime:
        """Tell its last start; EC2 knows whole seconds only."""
        return (now - self.up).replace(microsecond=0)

    def created_at(self, now: datetime) -> datetime:
        """Tell its first start."""
        return (now - (self.created or self.up)).replace(microsecond=0)

    def reason_at(self, now: datetime) -> str:
        """`StateTransitionReason` in AWS's own words."""
        return self.reason.replace("{date}", written(now - self.stopped))


def written(moment: datetime) -> str:
    """Write a moment as it stands in a `StateTransitionReason`: `2016-06-23 23:39:15 GMT`."""
    return f"{moment:%Y-%m-%d %H:%M:%S} GMT"
