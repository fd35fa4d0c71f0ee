"""What is sent, as values: a dispatch, and the deliveries that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bailiff_bot.domain.history import FindingKey, Point, Sighting


class Occasion(StrEnum):
    """Why something is sent."""

    SCHEDULED = "scheduled"
    """The digest of a slot of the schedule."""
    BY_HAND = "by hand"
    """A digest that somebody sent from the command line."""
    PREVIEW = "preview"
    """A digest that one person alone gets to see."""
    REPORT = "full report"
    """All tables, for the person who asked for them."""


DIGESTS = frozenset({Occasion.SCHEDULED, Occasion.BY_HAND})
"""What everybody saw: the next digest tells what changed since, and the trend counts these alone."""


class Part(StrEnum):
    """What a delivery is of its dispatch."""

    PARENT = "parent"
    """The message whose thread has the rest; nothing else is sent before it."""
    REPLY = "reply"
    ROLL = "roll"
    """The word on who is told, a reply that is drawn anew once that is known."""
    FILE = "file"
    NUDGE = "nudge"
    """A direct message to an owner."""
    EDIT = "edit"
    """New content for an earlier message of ours: done twice it does no harm."""


class State(StrEnum):
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


SETTLED = frozenset({State.SENT, State.REFUSED, State.EXPIRED, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is to be sent."""

    part: Part
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
    edits: str = ""
    """The timestamp of the message that an edit is for; its channel is the payload's."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Deliveries that belong together."""

    id: str
    occasion: Occasion
    slot: str
    """Unique: the local wall-clock time and zone of a scheduled digest ("2026-11-24T09:00 Europe/Paris"); for the
    others the instant in UTC and the id."""
    recipient: str
    """The channel's id, or the id of the user it is for."""
    planned: datetime
    expires: datetime
    """When what was not sent yet is no longer sent."""
    context: Mapping[str, Any]
    """What the word on who was told is drawn from, as JSON."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A dispatch before any of it is sent, with what is remembered once somebody saw it: kept as a whole, or not."""

    dispatch: Dispatch
    drafts: tuple[Draft, ...]
    """The parent first, then its thread in order, then edits and nudges."""
    sightings: tuple[Sighting, ...] | None = None
    """Every finding that is owed from now on; None where the dispatch is no digest and leaves these as they are."""
    point: Point | None = None
    """The digest's place in the trend."""
    policy: str = ""
    """The fingerprint of the rules that it was judged by."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A draft on its way."""

    key: str
    """Unique, and sent along in the message's metadata, by which the message is found again."""
    dispatch: str
    """The dispatch's id."""
    part: Part
    recipient: str
    label: str
    payload: Mapping[str, Any]
    """Empty once it is settled."""
    state: State
    ready: datetime
    """From when on it may be taken: in `sending` that is when its lease runs out."""
    attempted: datetime | None
    """When it was last put on the wire, if it may have arrived: it has to be looked up before it is sent again."""
    channel: str = ""
    """Where it stands in Slack."""
    ts: str = ""
    reason: str = ""
    """Why it was refused, expired or is unknown, in words."""
    replaced: bool = False
    """A nudge in `sending` whose owner a later digest tells anew: if it did not arrive, it is not sent again."""
