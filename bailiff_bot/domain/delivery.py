"""Batches of messages and their deliveries, as values."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bailiff_bot.domain.offer import Offer


class MessageKind(StrEnum):
    """Where a message goes."""

    PARENT = "parent"
    """It starts the thread. Nothing else of the batch is sent before it."""
    REPLY = "reply"
    """Into the thread."""
    FILE = "file"
    """Into the thread, as a file."""
    DIRECT = "nudge"
    """To a user. It supersedes an unsettled direct message of the same name to the same user."""
    EDIT = "edit"
    """It replaces the content of an earlier message. It is idempotent. It supersedes an unsettled edit of that name."""

    @classmethod
    def _missing_(cls, value: object) -> "MessageKind | None":
        """Return the kind of a value that earlier versions stored."""
        return cls.REPLY if value == "roll" else None


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
_MAYBE_SEEN = frozenset({DeliveryState.SENT, DeliveryState.UNKNOWN})


def is_seen(parents: AbstractSet[DeliveryState]) -> bool:
    """Return True if somebody can have seen one of the parents of a run. Then what it remembers is final."""
    return not parents.isdisjoint(_MAYBE_SEEN)


def can_be_seen(parents: AbstractSet[DeliveryState]) -> bool:
    """Return True if somebody can have seen one of the parents of a run, or may see one later."""
    return not parents <= SETTLED - _MAYBE_SEEN


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to be sent."""

    kind: MessageKind
    recipient: str
    """The id of a channel, or of a user who gets a direct message."""
    name: str
    """Identifies the message among those of the batch to this recipient: `parent`, `tables 2`, `file`."""
    label: str
    """Its title in a list of missing messages: "Tables of the report: Legit", "Ada Granger (AGR): 5 instances"."""
    payload: Mapping[str, Any]
    """The content as JSON. Only the renderer and the transport know its structure."""
    about: Sequence[Any] = ()
    """What a direct message is about, or is about after an edit, as JSON. Whoever plans the next message reads it."""
    edited_ts: str = ""
    """The Slack timestamp of the message to edit. The payload holds its channel."""
    offers: Sequence[Offer] = ()
    """What the buttons of the message are about. An empty `Offer.message` stands for this message."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that belong together: a thread, and direct messages that are sent after its parent."""

    id: str
    kind: str
    """It decides what is done with the batch besides sending it: a digest, a full report."""
    slot: str
    """Unique. For a scheduled digest its local time and time zone ("2026-11-24T09:00 Europe/Paris"); for other kinds
    the time in UTC, the kind and a random id."""
    recipient: str
    """The id of the channel or of the user."""
    planned_at: datetime
    expires_at: datetime
    """From this time on, unsent messages are not sent any more."""
    context: Mapping[str, Any]
    """What the batch's kind needs once all messages are settled, as JSON."""


def delivery_key(batch: Batch, name: str, recipient: str) -> str:
    """Return the key of the delivery that a batch has of a message."""
    return f"{batch.slot}/{name}/{recipient}"


@dataclass(frozen=True, slots=True)
class Run:
    """One or more batches that are planned together, and what is remembered once one of their parents can be seen."""

    id: str
    planned_at: datetime
    memory: bytes
    """Only the kind of the batches knows its structure."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A batch before it is sent. It is stored in one transaction, completely or not at all."""

    batch: Batch
    messages: tuple[OutgoingMessage, ...]
    """The parent first, then its thread in order, then direct messages and edits."""
    run: Run | None = None
    """None if nothing is remembered of the batch."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a batch and how far it is."""

    key: str
    """Unique. The message's Slack metadata holds it, so that Bailiff can look the message up in Slack."""
    batch_id: str
    kind: MessageKind
    recipient: str
    name: str
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
    """A direct message in `sending` that a later one supersedes. If it did not arrive, it is not sent again."""
