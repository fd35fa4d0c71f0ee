"""What Bailiff remembers from one digest to the next, and when an owner is notified again."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bailiff_bot.domain.case import subject_of_case
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject

_REMINDER_TOLERANCE = timedelta(hours=1)
"""Digests do not run at the same second each day. Without this tolerance a reminder could come a day late."""
TREND_LENGTH = 20
"""The number of digests in the trend. A Slack chart takes no more points."""


@dataclass(frozen=True, slots=True, order=True)
class FindingKey:
    """Identifies a finding from one digest to the next."""

    subject: Subject
    rule: RuleId


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding that a digest reported and that is not fixed yet."""

    key: FindingKey
    first_seen: datetime
    last_seen: datetime
    title: str
    """The subject's title in messages: `hro-poc (i-5f2d...)`."""
    owner_label: str
    """Identifiers and addresses, separated by commas, or "no owner"."""
    owner_names: tuple[str, ...]
    """The owners' names in Slack; empty if no owner was found."""
    count: int
    """The number of instances: 1, or the members of a controller."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One digest in the trend."""

    at: datetime
    """The time of its scan."""
    flagged_count: int
    """Flagged instances."""
    instances: int
    """All instances."""
    complete: bool
    """True if a target was read and there was no unexpected gap."""


@dataclass(frozen=True, slots=True)
class LastNudge:
    """The latest direct message to an owner, or the latest copy of it for a delegate."""

    recipient: str
    """The id of the Slack user."""
    at: datetime
    findings: frozenset[FindingKey]
    """The findings that it listed when it was sent."""
    still_listed: frozenset[FindingKey]
    """The findings that it lists now. Bailiff edits the message when a finding is fixed."""
    channel: str
    """With `ts`, the address of the message in Slack; both are empty while it is not known to have arrived."""
    ts: str
    key: str = ""
    """The key of its delivery."""
    copied_from: str = ""
    """The user id of the owner of whose direct message it is a copy for a delegate; empty if it is no copy."""

    @property
    def owner_id(self) -> str:
        """The user id of the owner of the instances that it lists."""
        return self.copied_from or self.recipient


@dataclass(frozen=True, slots=True)
class DigestHistory:
    """What earlier digests left for the next one."""

    open_findings: tuple[OpenFinding, ...] = ()
    """The open findings of the last digest."""
    last_nudges: Mapping[str, LastNudge] = field(default_factory=dict)
    """By recipient, the latest nudge that arrived or may still arrive."""
    trend: tuple[TrendPoint, ...] = ()
    """The latest digests, oldest first."""
    policy_fingerprint: str = ""
    """The fingerprint of the policy at the last digest; empty before the first."""
    planned_at: datetime | None = None
    """When the last digest was planned; None before the first."""
    last_copies: tuple[LastNudge, ...] = ()
    """By recipient and owner, the latest copy for a delegate that arrived or may still arrive."""

    @property
    def direct_messages(self) -> tuple[LastNudge, ...]:
        """The latest nudges and copies."""
        return (*(self.last_nudges[user] for user in sorted(self.last_nudges)), *self.last_copies)


def subject_of(row: Row) -> Subject:
    """Return the subject of a row's findings."""
    return subject_of_case(row.case)


def finding_keys(rows: Iterable[Row]) -> frozenset[FindingKey]:
    """Return the keys of all findings of `rows`."""
    return frozenset(FindingKey(subject_of(row), finding.rule) for row in rows for finding in row.findings)


def kept_keys(rows: Iterable[Row]) -> frozenset[FindingKey]:
    """Return the keys of all findings of `rows` that do not count because an exemption was granted."""
    return frozenset(FindingKey(subject_of(row), finding.rule) for row in rows for finding in row.kept)


def is_nudge_due(
    keys: AbstractSet[FindingKey], last_nudge: LastNudge | None, now: datetime, remind_after: timedelta
) -> bool:
    """Return True if an owner with the findings `keys` must be notified now.

    `last_nudge` is None if the owner was never notified.
    """
    if not keys:
        return False
    reminder_at = reminder_due_at(keys, last_nudge, remind_after)
    return reminder_at is None or now >= reminder_at


def reminder_due_at(
    keys: AbstractSet[FindingKey], last_nudge: LastNudge | None, remind_after: timedelta
) -> datetime | None:
    """Return from when on an owner is reminded of the findings `keys`; None if the next digest notifies the owner.

    That is the case if the latest nudge does not list one of `keys`, or does not list it any more.
    """
    if last_nudge is None or not keys <= last_nudge.still_listed:
        return None
    return last_nudge.at + remind_after - _REMINDER_TOLERANCE


def remaining_findings(
    last_nudge: LastNudge, current: AbstractSet[FindingKey], undetermined: AbstractSet[FindingKey]
) -> frozenset[FindingKey]:
    """Return the findings that an earlier nudge must still list.

    `current` holds the present findings of its recipient alone. `undetermined` holds the findings that may still be the
    recipient's: those that may exist although the report lacks them (`Changes.undetermined`), and those without an
    owner, because the directory or Slack may have failed to answer this time.
    """
    return last_nudge.still_listed & (current | undetermined)


def trend_point(report: Report) -> TrendPoint:
    """Return a report's point in the trend."""
    return TrendPoint(report.as_of, report.flagged_count, report.count, report.complete)
