"""What one seeded instance is: everything relative to the moment at which the sandbox starts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
"""The states of EC2 and their codes."""

STOPPED_BY_USER = "User initiated ({date})"
STOPPED_BY_AWS = "Server.ScheduledStop: Stopped due to scheduled retirement ({date})"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFixture:
    """An instance of the seeded fleet, and what Bailiff should say of it."""

    key: str
    """A short handle, unique in a fleet; the instance id is made from it."""
    name: str | None
    """The Name tag; None for no such tag."""
    since_start: timedelta
    """Since the last start (`LaunchTime`)."""
    expected_table: str
    """The table it belongs in under the fleet's policy; `absent` when gone, `unread` where the bot may not look."""
    other_broken_rules: tuple[str, ...] = ()
    """Further rules it breaks."""
    state: str = "running"
    reason: str = ""
    """`StateTransitionReason`; `{date}` stands for the moment of the stop."""
    since_stop: timedelta = timedelta(0)
    """Since the stop, where the reason has a date."""
    since_creation: timedelta | None = None
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
        return (now - self.since_start).replace(microsecond=0)

    def created_at(self, now: datetime) -> datetime:
        """Tell its first start."""
        return (now - (self.since_creation or self.since_start)).replace(microsecond=0)

    def reason_at(self, now: datetime) -> str:
        """`StateTransitionReason` in AWS's own words."""
        return self.reason.replace("{date}", format_transition_time(now - self.since_stop))


def format_transition_time(moment: datetime) -> str:
    """Write a moment as it stands in a `StateTransitionReason`: `2016-06-23 23:39:15 GMT`."""
    return f"{moment:%Y-%m-%d %H:%M:%S} GMT"
