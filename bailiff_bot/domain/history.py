"""What is remembered from one digest to the next, and when an owner is told again."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId

_REMINDER_TOLERANCE = timedelta(hours=1)
"""A digest is not made at the same second each day, and no reminder shall slip by a day for that."""
TREND_LENGTH = 20
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
class OpenFinding:
    """A finding that is owed, with its first and its last sight."""

    key: FindingKey
    first_seen: datetime
    last_seen: datetime
    title: str
    """What the subject is called: `hro-poc (i-5f2d...)`."""
    owner_label: str
    """The owner's label: an identifier, an address, or "no owner"."""
    owner_name: str
    """The owner as Slack shows one; empty where nobody was found."""
    count: int
    """How many instances owe it."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A digest in the trend."""

    at: datetime
    """The instant for which it was judged: that of its scan."""
    flagged_count: int
    """Instances that owed something."""
    instances: int
    complete: bool
    """Whether all that should have been read was, was plausible, and the directory told everything."""


@dataclass(frozen=True, slots=True)
class LastNudge:
    """The latest direct message to an owner."""

    recipient: str
    """The user's id."""
    at: datetime
    findings: frozenset[FindingKey]
    """What it told of."""
    still_listed: frozenset[FindingKey]
    """What of it the message still lists: it is updated in place as debts are paid."""
    channel: str
    ts: str
    """Where it stands in Slack; empty while it is not known to have arrived."""


@dataclass(frozen=True, slots=True)
class DigestHistory:
    """What is remembered when a digest is made."""

    open_findings: tuple[OpenFinding, ...] = ()
    """Every finding that was owed at the last digest."""
    last_nudges: Mapping[str, LastNudge] = field(default_factory=dict)
    """By the recipient, each owner's latest direct message that arrived or may yet arrive."""
    trend: tuple[TrendPoint, ...] = ()
    """The latest digests, oldest first."""
    policy_fingerprint: str = ""
    """The fingerprint of the rules at the last digest that was seen; empty before the first."""


@dataclass(frozen=True, slots=True)
class ScanCount:
    """What a scan counted, to tell whether the next one is plausible."""

    at: datetime
    instances_by_target: Mapping[Target, int]
    """Of each target that was read."""
    people: int | None
    """Identifiers in a complete directory; None where there was none."""


def subject_of(row: Row) -> Subject:
    """Return what a row is from one digest to the next."""
    if row.controller:
        return Subject(row.controller.target, f"{row.controller.kind} {row.controller.name}")
    return instance_subject(row.instance)


def instance_subject(instance: Instance) -> Subject:
    """Return what an instance is as long as no controller owes for it."""
    return Subject(instance.target, instance.id)


def finding_keys(rows: Iterable[Row]) -> frozenset[FindingKey]:
    """Return all that some rows owe."""
    return frozenset(FindingKey(subject_of(row), finding.rule) for row in rows for finding in row.findings)


def is_nudge_due(
    keys: AbstractSet[FindingKey], last_nudge: LastNudge | None, now: datetime, remind_after: timedelta
) -> bool:
    """Return whether an owner who owes `keys` is to be told, having been told before or never.

    That is so for anything the latest message does not list (any more), and for all of it once `remind` has passed.
    """
    if not keys or last_nudge is None:
        return bool(keys)
    return not keys <= last_nudge.still_listed or now - last_nudge.at >= remind_after - _REMINDER_TOLERANCE


def remaining_findings(
    last_nudge: LastNudge, current: AbstractSet[FindingKey], undetermined: AbstractSet[FindingKey]
) -> frozenset[FindingKey]:
    """Return what an earlier direct message goes on listing: what its reader owes, and what the reader may owe.

    `owed` is what the reader owes, and nobody else's. `maybe` is what nobody was found for, as the directory or Slack
    may not have told this time whose it is, and what may be owed though nobody saw it (`Changes.unsure`).
    """
    return last_nudge.still_listed & (current | undetermined)


def trend_point(report: Report) -> TrendPoint:
    """Return a report's place in the trend."""
    seen = bool(report.coverage.read_count) and report.coverage.complete
    return TrendPoint(
        report.as_of,
        report.flagged_count,
        report.count,
        seen and not report.directory_gaps and not report.plausibility_warnings,
    )
