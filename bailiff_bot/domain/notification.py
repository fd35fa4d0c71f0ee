"""The direct messages that list an instance: who was told of it, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.deletion import Deletion
from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.domain.history import LastNudge
from bailiff_bot.domain.owner import OwnersByAddress
from bailiff_bot.domain.rules import RuleId


@dataclass(frozen=True, slots=True)
class Notification:
    """A direct message that lists an instance or a controller."""

    recipient: str
    """The id of the Slack user."""
    label: str
    """The recipient in the list of notified owners: `Ada (AGR): 3 instances`."""
    at: datetime
    """When it was sent, or planned if it is not sent yet."""
    state: DeliveryState
    rules: frozenset[RuleId]
    """The broken rules that it listed when it was planned."""
    still_listed: frozenset[RuleId]
    """The broken rules that it lists now."""
    reason: str = ""
    """Why it was not sent, or why nobody knows; empty if it was sent."""
    channel: str = ""
    """With `ts`, the address of the message in Slack; both are empty if it is not known to have arrived."""
    ts: str = ""


@dataclass(frozen=True, slots=True)
class NotificationHistory:
    """Who was told, and who is told next."""

    owners: OwnersByAddress
    """The Slack user behind each address of the instance's owners, or why there is none."""
    notifications: tuple[Notification, ...] = ()
    """For each recipient, the latest direct message that lists the instance."""
    last_nudges: Mapping[str, LastNudge] = field(default_factory=dict)
    """By recipient, the latest direct message, whatever it lists."""
    remind_after: timedelta | None = None
    """When an owner is reminded though nothing is new; None if no owner is notified at all."""
    delegations: tuple[Delegation, ...] = ()
    """Those that are not over: a delegate gets copies of what the owner is told."""
    deletion: Deletion | None = None
    """The deletion of the instance that somebody asked for, and that is not over; None if there is none."""
