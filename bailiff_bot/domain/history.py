"""What is remembered from one digest to the next, and when an owner is told again."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId

_EARLY = timedelta(hours=1)
"""A digest is not made at the same second each day, and no reminder shall slip by a day for that."""
TREND = 20
"""So many digests make the trend: as many points as a chart of Slack's takes."""


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
    """The instant for which it was judged: that of its scan."""
    owing: int
    """Instances that owed something."""
    instances: int
    complete: bool
    """Whether all that should have been read was, was plausible, and the directory told everything."""


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
    policy: str = ""
    """The fingerprint of the rules at the last digest that was seen; empty before the first."""


@dataclass(frozen=True, slots=True)
class Count:
    """What a scan counted, to tell whether the next one is plausible."""

    at: datetime
    instances: Mapping[Target, int]
    """Of each target that was read."""
    people: int | None
    """Identifiers in a complete directory; None where there was none."""


def subject_of(row: Row) -> Subject:
    """Return what a row is from one digest to the next."""
    if row.controller:
        return Subject(row.controller.target, f"{row.controller.kind} {row.controller.name}")
    return single(row.instance)


def single(instance: Instance) -> Subject:
    """Return what an instance is as long as no controller owes for it."""
    return Subject(instance.target, instance.id)


def keys_of(rows: Iterable[Row]) -> frozenset[FindingKey]:
    """Return all that some rows owe."""
    return frozenset(FindingKey(subject_of(row), finding.rule) for row in rows for finding in row.findings)


def nudge_due(keys: AbstractSet[FindingKey], nudged: Nudged | None, now: datetime, remind: timedelta) -> bool:
    """Return whether an owner who owes `keys` is to be told, having been told before or never.

    That is so for anything the latest message does not list (any more), and for all of it once `remind` has passed.
    """
    if not keys or nudged is None:
        return bool(keys)
    return not keys <= nudged.left or now - nudged.at >= remind - _EARLY


def left_of(nudged: Nudged, owed: AbstractSet[FindingKey], maybe: AbstractSet[FindingKey]) -> frozenset[FindingKey]:
    """Return what an earlier direct message goes on listing: what its reader owes, and what the reader may owe.

    `owed` is what the reader owes, and nobody else's. `maybe` is what nobody was found for, as the directory or Slack
    may not have told this time whose it is, and what may be owed though nobody saw it (`Changes.unsure`).
    """
    return nudged.left & (owed | maybe)


def point_of(report: Report) -> Point:
    """Return a report's place in the trend."""
    seen = bool(report.coverage.read) and report.coverage.complete
    return Point(report.at, report.debts, report.count, seen and not report.people_gaps and not report.doubts)
