"""What was owed before, and what became of it: pure comparisons of a report with what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.rules import RuleId


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What owes something from one digest to the next: an instance, or a controller with its machines."""

    target: Target
    id: str
    """The instance's id, or the controller's kind and name."""


@dataclass(frozen=True, slots=True, order=True)
class FindingKey:
    """Which rule who breaks."""

    subject: Subject
    rule: RuleId


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding that is owed, with its first and its last sight."""

    key: FindingKey
    first: datetime
    last: datetime
    title: str
    """What the subject is called: `hro-poc (i-5f2d...)`."""
    whose: str
    """The owner's label: an identifier, an address, or "no owner"."""
    name: str
    """The owner as Slack shows one; empty where nobody was found."""
    count: int
    """How many instances owe it."""


@dataclass(frozen=True, slots=True)
class Point:
    """A digest in the trend."""

    at: datetime
    owing: int
    """Instances that owed something."""
    instances: int
    complete: bool
    """Whether all that should have been read was."""


@dataclass(frozen=True, slots=True)
class Nudged:
    """The latest direct message to an owner."""

    recipient: str
    """The user's id."""
    at: datetime
    findings: frozenset[FindingKey]
    """What it told of."""
    left: frozenset[FindingKey]
    """What of it the message still lists: it is updated in place as debts are paid."""
    channel: str
    ts: str
    """Where it stands in Slack; empty while it is not known to have arrived."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered when a digest is made."""

    sightings: tuple[Sighting, ...] = ()
    """Every finding that was owed at the last digest."""
    nudged: Mapping[str, Nudged] = field(default_factory=dict)
    """By the recipient, each owner's latest direct message that arrived or may yet arrive."""
    points: tuple[Point, ...] = ()
    """The latest digests, oldest first."""


@dataclass(frozen=True, slots=True)
class Count:
    """What a scan counted, to tell whether the next one is plausible."""

    at: datetime
    instances: Mapping[Target, int]
    """Of each target that was read."""
    people: int | None
    """Identifiers in a complete directory; None where there was none."""
