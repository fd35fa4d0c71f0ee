"""What is sent, as values: a dispatch, and the deliveries that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bailiff_bot.domain.history import FindingKey, OpenFinding, TrendPoint


class BatchKind(StrEnum):
    """Why something is sent."""

    SCHEDULED = "scheduled"
    """The digest of a slot of the schedule."""
    MANUAL = "by hand"
    """A digest that somebody sent from the command line."""
    PREVIEW = "preview"
    """A digest that one person alone gets to see."""
    FULL_REPORT = "full report"
    """All tables, for the person who asked for them."""


DIGEST_KINDS = frozenset({BatchKind.SCHEDULED, BatchKind.MANUAL})
"""What everybody saw: the next digest tells what changed since, and the trend counts these alone."""


class MessageKind(StrEnum):
    """What a delivery is of its dispatch."""

    PARENT = "parent"
    """The message whose thread has the rest; nothing else is sent before it."""
    REPLY = "reply"
    DELIVERY_SUMMARY = "roll"
    """The word on who is told, a reply that is drawn anew once that is known."""
    FILE = "file"
    NUDGE = "nudge"
    """A direct message to an owner."""
    EDIT = "edit"
    """New content for an earlier message of ours: done twice it does no harm."""


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    SENDING = "sending"
    """Somebody holds it; whether Slack has it is not known."""
    SENT = "sent"
    REFUSED = "refused"
    """Slack said no for good."""
    EXPIRED = "expired"
    """It was too late to send it, and certainly it was not sent."""
    UNKNOWN = "unknown"
    """Slack may or may not have it, and until it expired nobody could find out."""


SETTLED = frozenset({DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message that is to be sent."""

    kind: MessageKind
    recipient: str
    """The id of a channel, or of the user in whose conversation with the bot it belongs."""
    name: str
    """Which of the messages to this recipient it is: `parent`, `tables 2`, `file`, `nudge`."""
    label: str
    """What it is called where it is missed: "Tables of the report: Legit", "Ada Granger (AGR): 5 instances"."""
    payload: Mapping[str, Any]
    """What is sent, as JSON; only who draws it and who carries it look inside."""
    findings: frozenset[FindingKey] = frozenset()
    """What a nudge tells of; for an edit, what the message still lists afterwards."""
    edited_ts: str = ""
    """The timestamp of the message that an edit is for; its channel is the payload's."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that belong together."""

    id: str
    kind: BatchKind
    slot: str
    """Unique: the local wall-clock time and zone of a scheduled digest ("2026-11-24T09:00 Europe/Paris"); for the
    others the instant in UTC and the id."""
    recipient: str
    """The channel's id, or the id of the user it is for."""
    planned_at: datetime
    expires_at: datetime
    """When what was not sent yet is no longer sent."""
    context: Mapping[str, Any]
    """What the word on who was told is drawn from, as JSON."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A dispatch before any of it is sent, with what is remembered once somebody saw it: kept as a whole, or not."""

    batch: Batch
    messages: tuple[OutgoingMessage, ...]
    """The parent first, then its thread in order, then edits and nudges."""
    open_findings: tuple[OpenFinding, ...] | None = None
    """Every finding that is owed from now on; None where the dispatch is no digest and leaves these as they are."""
    trend_point: TrendPoint | None = None
    """The digest's place in the trend."""
    policy_fingerprint: str = ""
    """The fingerprint of the rules that it was judged by."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A draft on its way."""

    key: str
    """Unique, and sent along in the message's metadata, by which the message is found again."""
    batch_id: str
    """The dispatch's id."""
    kind: MessageKind
    recipient: str
    label: str
    payload: Mapping[str, Any]
    """Empty once it is settled."""
    state: DeliveryState
    available_at: datetime
    """From when on it may be taken: in `sending` that is when its lease runs out."""
    attempted_at: datetime | None
    """When it was last put on the wire, if it may have arrived: it has to be looked up before it is sent again."""
    channel: str = ""
    """Where it stands in Slack."""
    ts: str = ""
    reason: str = ""
    """Why it was refused, expired or is unknown, in words."""
    superseded: bool = False
    """A nudge in `sending` whose owner a later digest tells anew: if it did not arrive, it is not sent again."""
