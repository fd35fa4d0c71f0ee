"""Batches of messages and their deliveries, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bailiff_bot.domain.history import FindingKey, OpenFinding, TrendPoint


class BatchKind(StrEnum):
    """Why a batch is sent."""

    SCHEDULED = "scheduled"
    """The digest of a slot of the schedule."""
    MANUAL = "by hand"
    """A digest that somebody sent from the command line."""
    PREVIEW = "preview"
    """A digest that only one person receives."""
    FULL_REPORT = "full report"
    """All tables of a report, for the person who asked for them."""


DIGEST_KINDS = frozenset({BatchKind.SCHEDULED, BatchKind.MANUAL})
"""Digests in the channel. The next digest is compared with the last of them, and only they count in the trend."""


class MessageKind(StrEnum):
    """The part of a batch that a message is."""

    PARENT = "parent"
    """The message that starts the thread. Nothing else of the batch is sent before it."""
    REPLY = "reply"
    DELIVERY_SUMMARY = "roll"
    """The reply that lists which owners were notified. It is updated once the nudges are settled."""
    FILE = "file"
    NUDGE = "nudge"
    """A direct message to an owner."""
    EDIT = "edit"
    """New content for an earlier message of Bailiff. It is idempotent."""


class DeliveryState(StrEnum):
    """The state of a delivery."""

    PENDING = "pending"
    SENDING = "sending"
    """A worker has claimed it. Slack may have it already."""
    SENT = "sent"
    REFUSED = "refused"
    """Slack refused it permanently."""
    EXPIRED = "expired"
    """It was not sent in time, and Slack certainly does not have it."""
    UNKNOWN = "unknown"
    """It expired before Bailiff could find out whether Slack has it."""


SETTLED = frozenset({DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to be sent."""

    kind: MessageKind
    recipient: str
    """The id of a channel, or of a user who gets a direct message."""
    name: str
    """Identifies the message among those of the batch to this recipient: `parent`, `tables 2`, `file`, `nudge`."""
    label: str
    """Its title in a list of missing messages: "Tables of the report: Legit", "Ada Granger (AGR): 5 instances"."""
    payload: Mapping[str, Any]
    """The content as JSON. Only the renderer and the transport know its structure."""
    findings: frozenset[FindingKey] = frozenset()
    """The findings that a nudge lists, or that a message still lists after an edit."""
    edited_ts: str = ""
    """The Slack timestamp of the message to edit. The payload holds its channel."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that belong together, such as a digest with its thread and its nudges."""

    id: str
    kind: BatchKind
    slot: str
    """Unique. For a scheduled digest its local time and time zone ("2026-11-24T09:00 Europe/Paris"); for other kinds
    the time in UTC and the batch's id."""
    recipient: str
    """The id of the channel or of the user."""
    planned_at: datetime
    expires_at: datetime
    """From this time on, unsent messages are not sent any more."""
    context: Mapping[str, Any]
    """The data of the delivery summary, as JSON."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A batch before it is sent, with the history to record once the digest can have been seen.

    It is stored in one transaction, completely or not at all.
    """

    batch: Batch
    messages: tuple[OutgoingMessage, ...]
    """The parent first, then its thread in order, then edits and nudges."""
    open_findings: tuple[OpenFinding, ...] | None = None
    """Replaces the recorded open findings; None if the batch is no digest and leaves them unchanged."""
    trend_point: TrendPoint | None = None
    """The digest's point in the trend."""
    policy_fingerprint: str = ""
    """The fingerprint of the policy by which the digest was judged."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a batch and how far it is."""

    key: str
    """Unique. The message's Slack metadata holds it, so that Bailiff can look the message up in Slack."""
    batch_id: str
    kind: MessageKind
    recipient: str
    label: str
    payload: Mapping[str, Any]
    """Empty once it is settled."""
    state: DeliveryState
    available_at: datetime
    """From this time on a worker may claim it. In `sending`, this is when the current claim ends."""
    attempted_at: datetime | None
    """The last attempt to send it, if Slack may have it since: it must be looked up before it is sent again."""
    channel: str = ""
    """With `ts`, the address of the message in Slack."""
    ts: str = ""
    reason: str = ""
    """Why it is refused, expired or unknown, as text for people."""
    superseded: bool = False
    """A nudge in `sending` whose owner a later digest notifies again. If it did not arrive, it is not sent again."""
