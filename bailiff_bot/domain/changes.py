"""What became of what was owed: a report compared with what is remembered. Nothing is called fixed that may not be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.controller import is_exempt
from bailiff_bot.domain.history import (
    DigestHistory,
    FindingKey,
    OpenFinding,
    Subject,
    finding_keys,
    instance_subject,
    subject_of,
)
from bailiff_bot.domain.identity import DirectoryStatus
from bailiff_bot.domain.instance import STEADY_STATES, InstanceState, Target, days_between
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.owner import NoOwner, OwnersByAddress, owner_label
from bailiff_bot.domain.policy import policy_fingerprint
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import NAMING_RULES, RuleId, check_naming


class Undetermined(StrEnum):
    """Why what was owed is not called fixed, though nobody saw that it still is, in the words a person is told."""

    NOT_READ = "not read"
    IMPLAUSIBLE = "not plausible"
    BETWEEN_STATES = "starting or stopping"
    JUST_STARTED = "just started"
    STOP_NOT_DATED = "stopped nobody knows when"
    DIRECTORY_NOT_CHECKED = "not checked against the directory"


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of what was owed since the last digest."""

    since: datetime | None
    """The last digest's instant; None: this is the first."""
    new: tuple[Row, ...]
    """What owes and did not; with `still`, all that owes, in the report's order."""
    still_open: tuple[tuple[Row, int], ...]
    """What owes and did, and for how many days it is known to owe the oldest of what it owes now."""
    fixed: tuple[OpenFinding, ...]
    """What certainly owes nothing any more, one sighting a subject."""
    undetermined_subjects: tuple[OpenFinding, ...]
    """What is neither seen to owe nor certain not to, one sighting a subject, whose key is in `unsure`."""
    open_findings: tuple[OpenFinding, ...]
    """What is to be remembered: all that is owed now, and what is unsure, as it was."""
    undetermined: Mapping[FindingKey, Undetermined]
    """Of all that is remembered, direct messages included, the findings of which nothing is certain, and why."""
    dropped_subjects: tuple[OpenFinding, ...] = ()
    """What owes nothing any more since the rules changed, so that nobody is thanked, one sighting a subject."""
    dropped_by_policy: frozenset[FindingKey] = frozenset()
    """Of all that is remembered, direct messages included, the findings that are no longer asked for like that."""


def compare(
    report: Report, owners: OwnersByAddress, inventory: Inventory, history: DigestHistory, *, implausible: bool
) -> Changes:
    """Return what changed since the last digest, and what to remember for the next.

    `report` is all that was judged of `inventory`, and `owners` answers for each of its debts' addresses. While what
    was seen is `doubted`, nothing is called fixed. Nor is anything that still stands there when the rules are not those
    of the last digest: whether somebody paid it, or it is merely no longer asked for, nobody can tell.
    """
    before: dict[Subject, list[OpenFinding]] = defaultdict(list)
    for open_finding in sorted(history.open_findings, key=lambda one: (one.key, one.first_seen)):
        before[open_finding.key.subject].append(open_finding)
    owing = [
        (row, [one for subject in _possible_subjects(row) for one in before.pop(subject, ())]) for row in report.flagged
    ]
    gone = _remembered_keys(history) - finding_keys(report.flagged)
    undetermined = _undetermined(gone, report, inventory, implausible=implausible)
    changed = bool(history.policy_fingerprint) and history.policy_fingerprint != policy_fingerprint(report.policy)
    dropped = _keys_of_existing(gone - undetermined.keys(), report) if changed else frozenset[FindingKey]()
    ended = [_oldest([one for one in found if one.key in undetermined] or found) for found in before.values()]
    open_still = [one for one in history.open_findings if one.key in undetermined]
    if changed:  # the next digest will not know that, and shall thank nobody for what it may not ask for any more
        open_still = [replace(one, owner_name="") for one in open_still]
    seen = [one for row, earlier in owing for one in _open_findings(row, earlier, owners, report.as_of)]
    return Changes(
        since=_since(history),
        new=tuple(row for row, earlier in owing if not earlier),
        still_open=tuple((row, _days_open(row, earlier, report.as_of)) for row, earlier in owing if earlier),
        fixed=tuple(one for one in ended if one.key not in undetermined and one.key not in dropped),
        undetermined_subjects=tuple(one for one in ended if one.key in undetermined),
        open_findings=tuple(sorted((*seen, *open_still), key=lambda one: one.key)),
        undetermined=undetermined,
        dropped_subjects=tuple(one for one in ended if one.key in dropped),
        dropped_by_policy=dropped,
    )


def fixed_by(fixed: Iterable[OpenFinding]) -> tuple[tuple[str, int], ...]:
    """Return who is to be thanked, as Slack shows them, and for how many instances, most first."""
    paid: Counter[str] = Counter()
    for open_finding in fixed:
        paid[open_finding.owner_name] += open_finding.count
    return tuple(sorted(((name, count) for name, count in paid.items() if name), key=lambda one: (-one[1], one[0])))


def _since(history: DigestHistory) -> datetime | None:
    return max(
        (*(point.at for point in history.trend), *(one.last_seen for one in history.open_findings)), default=None
    )


def _possible_subjects(row: Row) -> Iterator[Subject]:
    """Yield what a row may be remembered as: a controller also speaks for what its machines owed before it had them."""
    yield subject_of(row)
    if row.controller:
        yield from map(instance_subject, row.members)


def _remembered_keys(history: DigestHistory) -> frozenset[FindingKey]:
    told = (last_nudge.still_listed for last_nudge in history.last_nudges.values())
    return frozenset(one.key for one in history.open_findings).union(*told)


def _open_findings(
    row: Row, earlier: list[OpenFinding], owners: OwnersByAddress, now: datetime
) -> Iterator[OpenFinding]:
    """Yield a sighting of each finding, with its first sight kept."""
    whose = owner_label(row.identity)
    owner = owners[row.identity.address] if row.identity.address else NoOwner("")
    if isinstance(owner, NoOwner):
        known = (one.owner_name for one in earlier if owner.lookup_failed and one.owner_label == whose)
        name = next(known, "")  # Slack did not answer this time, and somebody wants to be thanked later
    else:
        name = owner.name
    title = _title(row)
    for finding in row.findings:
        first = min((one.first_seen for one in earlier if one.key.rule is finding.rule), default=now)
        yield OpenFinding(FindingKey(subject_of(row), finding.rule), first, now, title, whose, name, row.count)


def _title(row: Row) -> str:
    if row.controller:
        return f"{row.controller.kind} {row.controller.name}"
    return row.instance.id if row.instance.name is None else f"{row.instance.name} ({row.instance.id})"


def _days_open(row: Row, earlier: list[OpenFinding], now: datetime) -> int:
    rules = {finding.rule for finding in row.findings}
    return max((days_between(one.first_seen, now) for one in earlier if one.key.rule in rules), default=0)


def _oldest(open_findings: list[OpenFinding]) -> OpenFinding:
    return min(open_findings, key=lambda one: (one.first_seen, one.key))


def _undetermined(
    keys: AbstractSet[FindingKey], report: Report, inventory: Inventory, *, implausible: bool
) -> dict[FindingKey, Undetermined]:
    """Return those of some findings, none of which is found now, that may be owed all the same."""
    read = frozenset(inventory.read)
    rows = _rows_by_subject({key.subject for key in keys}, report)
    reasons = {
        key: _why_undetermined(key, rows.get(key.subject), read, report, implausible=implausible)
        for key in sorted(keys)
    }
    return {key: reason for key, reason in reasons.items() if reason}


def _rows_by_subject(subjects: AbstractSet[Subject], report: Report) -> dict[Subject, Row]:
    return {subject: row for row in report.rows for subject in _possible_subjects(row) if subject in subjects}


def _keys_of_existing(keys: AbstractSet[FindingKey], report: Report) -> frozenset[FindingKey]:
    """Return those of some findings whose subject is there still."""
    rows = _rows_by_subject({key.subject for key in keys}, report)
    return frozenset(key for key in keys if key.subject in rows)


def _why_undetermined(
    key: FindingKey, row: Row | None, read: AbstractSet[Target], report: Report, *, implausible: bool
) -> Undetermined | None:
    """Return why a finding that is not found now may be owed all the same; None: it is certain that it is not."""
    if key.subject.target not in read:
        return Undetermined.NOT_READ
    if row and row.findings and key.subject != subject_of(row):
        return None  # its controller owes in its place
    if implausible:
        return Undetermined.IMPLAUSIBLE
    if row is None or _is_exempt(row, report):
        return None
    return _why_rule_undetermined(key.rule, row, report)


def _is_exempt(row: Row, report: Report) -> bool:
    return row.controller is None and is_exempt(row.instance, report.policy.exempt_tags)


def _why_rule_undetermined(rule: RuleId, row: Row, report: Report) -> Undetermined | None:
    """Return why a rule, which finds nothing in a row, may yet be broken by it: what it waits for, or does not know."""
    instance = row.instance
    if rule is RuleId.ALLOWED_REGION:
        return None
    if instance.state not in STEADY_STATES:
        return Undetermined.BETWEEN_STATES
    if rule is RuleId.DELETED_WHEN_ABANDONED:
        return (
            Undetermined.STOP_NOT_DATED
            if instance.state is InstanceState.STOPPED and not instance.last_action_is_dated
            else None
        )
    if rule in NAMING_RULES:
        return _why_naming_undetermined(rule, row, report)
    return None


def _why_naming_undetermined(rule: RuleId, row: Row, report: Report) -> Undetermined | None:
    found = check_naming(row.instance, row.identity, report.as_of)
    if found and found not in row.findings:
        return Undetermined.JUST_STARTED
    if rule is RuleId.KNOWN_OWNER and row.identity.identifier_status in {
        DirectoryStatus.UNAVAILABLE,
        DirectoryStatus.UNCHECKED,
    }:
        return Undetermined.DIRECTORY_NOT_CHECKED
    return None
