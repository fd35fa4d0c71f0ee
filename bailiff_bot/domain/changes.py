"""What changed between the last digest and a report. A finding is called fixed only if that is certain."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from bailiff_bot.domain.cleared import Cleared, cleared_findings
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.history import DigestHistory, FindingKey, OpenFinding, finding_keys, kept_keys, subject_of
from bailiff_bot.domain.instance import Target, days_between
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.owner import Owner, OwnersByAddress, owner_label, owner_of
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import Rules, build_rules, policy_fingerprint
from bailiff_bot.domain.subject import Subject, instance_subject

_IMPLAUSIBLE = Gap(GapSource.COUNT, None, "not plausible")


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the last digest."""

    since: datetime | None
    """The time of the last digest; None if this is the first."""
    new: tuple[Row, ...]
    """Rows that are flagged now and were not at the last digest. With `still_open`, these are all flagged rows."""
    still_open: tuple[tuple[Row, int], ...]
    """Rows that were flagged at the last digest too, each with the age in days of its oldest present finding."""
    fixed: tuple[OpenFinding, ...]
    """Subjects that certainly have no finding any more, one open finding each."""
    undetermined_subjects: tuple[OpenFinding, ...]
    """Subjects that may still have a finding, one open finding each; its key is in `undetermined`."""
    open_findings: tuple[OpenFinding, ...]
    """What the next digest must remember: all present findings, and the undetermined ones unchanged."""
    undetermined: Mapping[FindingKey, Gap]
    """The remembered findings that may still exist, with the reason. Includes those that only a nudge still lists."""
    dropped_subjects: tuple[OpenFinding, ...] = ()
    """Subjects that have no finding because the policy changed, one open finding each. Nobody is thanked for them."""
    kept_subjects: tuple[OpenFinding, ...] = ()
    """Subjects whose findings do not count because an exemption was granted, one open finding each."""
    kept: frozenset[FindingKey] = frozenset()
    """The remembered findings from which an exemption was granted, also those that only a nudge listed."""
    dropped_by_policy: frozenset[FindingKey] = frozenset()
    """The remembered findings that the changed policy no longer reports, also those that only a nudge still lists."""
    cleared_subjects: tuple[OpenFinding, ...] = ()
    """Subjects whose findings ended because of their usage, one open finding each; its key is in `cleared`."""
    cleared: Mapping[FindingKey, Cleared] = field(default_factory=dict)
    """The remembered findings that ended because of the usage, with the reason, also those that only a nudge listed."""


def compare(report: Report, owners: OwnersByAddress, inventory: Inventory, history: DigestHistory) -> Changes:
    """Return what changed since the last digest, and what the next digest must remember.

    `report` covers all of `inventory`. `owners` has an entry for each of `owner_addresses(report)`. While the report is
    not plausible, nothing is called fixed. Neither is what ended because the metrics say something else now: nobody did
    anything. If the policy changed since the last digest, a finding of an instance that
    still exists is not called fixed either: somebody fixed it, or the new policy does not report it; nobody can tell.
    """
    earlier_by_subject: dict[Subject, list[OpenFinding]] = defaultdict(list)
    for finding in sorted(history.open_findings, key=lambda finding: (finding.key, finding.first_seen)):
        earlier_by_subject[finding.key.subject].append(finding)
    flagged = [
        (row, [finding for subject in _possible_subjects(row) for finding in earlier_by_subject.pop(subject, ())])
        for row in report.flagged
    ]
    listed_keys = _remembered_keys(history) | _nudged_keys(history)
    kept = listed_keys & kept_keys(report.rows)
    absent_keys = _remembered_keys(history) - finding_keys(report.flagged) - kept
    undetermined = _undetermined(absent_keys, report, inventory)
    policy_changed = bool(history.policy_fingerprint) and history.policy_fingerprint != policy_fingerprint(
        report.policy
    )
    dropped = (
        _keys_of_existing(absent_keys - undetermined.keys(), report) if policy_changed else frozenset[FindingKey]()
    )
    cleared = _cleared(listed_keys - kept - undetermined.keys() - dropped, report, history)
    ended = [
        _oldest(
            [one for one in findings if one.key in undetermined]
            or [one for one in findings if one.key in kept]
            or [one for one in findings if one.key not in cleared]
            or findings
        )
        for findings in earlier_by_subject.values()
    ]
    undetermined_findings = [finding for finding in history.open_findings if finding.key in undetermined]
    if policy_changed:
        # The next digest does not know of this change of policy. Without names it cannot thank anybody for a finding
        # that the new policy may not report.
        undetermined_findings = [replace(finding, owner_names=()) for finding in undetermined_findings]
    present = [finding for row, earlier in flagged for finding in _open_findings(row, earlier, owners, report.as_of)]
    return Changes(
        since=_since(history),
        new=tuple(row for row, earlier in flagged if not earlier),
        still_open=tuple((row, _days_open(row, earlier, report.as_of)) for row, earlier in flagged if earlier),
        fixed=tuple(one for one in ended if one.key not in undetermined.keys() | dropped | kept | cleared.keys()),
        undetermined_subjects=tuple(finding for finding in ended if finding.key in undetermined),
        open_findings=tuple(sorted((*present, *undetermined_findings), key=lambda finding: finding.key)),
        undetermined=undetermined,
        dropped_subjects=tuple(finding for finding in ended if finding.key in dropped),
        dropped_by_policy=dropped,
        kept_subjects=tuple(finding for finding in ended if finding.key in kept),
        kept=kept,
        cleared_subjects=tuple(finding for finding in ended if finding.key in cleared),
        cleared=cleared,
    )


def fixed_by(fixed: Iterable[OpenFinding]) -> tuple[tuple[str, int], ...]:
    """Return the Slack names of the owners to thank, each with the number of fixed instances, largest first."""
    counts: Counter[str] = Counter()
    for finding in fixed:
        for name in finding.owner_names:
            counts[name] += finding.count
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _since(history: DigestHistory) -> datetime | None:
    trend_times = (point.at for point in history.trend)
    finding_times = (finding.last_seen for finding in history.open_findings)
    return max((*trend_times, *finding_times), default=None)


def _possible_subjects(row: Row) -> Iterator[Subject]:
    """Yield the subjects under which the history may hold a row.

    For a controller these are its own subject and those of its members: an earlier digest may have reported a member
    before the controller managed it.
    """
    yield subject_of(row)
    if row.controller:
        yield from map(instance_subject, row.members)


def _remembered_keys(history: DigestHistory) -> frozenset[FindingKey]:
    listed = (last_nudge.still_listed for last_nudge in history.direct_messages)
    return frozenset(finding.key for finding in history.open_findings).union(*listed)


def _nudged_keys(history: DigestHistory) -> frozenset[FindingKey]:
    return frozenset[FindingKey]().union(*(last_nudge.findings for last_nudge in history.direct_messages))


def _open_findings(
    row: Row, earlier: list[OpenFinding], owners: OwnersByAddress, now: datetime
) -> Iterator[OpenFinding]:
    """Yield each finding of a row as an open finding; `first_seen` is kept from the earlier ones."""
    label, title = owner_label(row.identity), _title(row)
    names = _owner_names(row, [finding for finding in earlier if finding.owner_label == label], owners)
    for finding in row.findings:
        first_seen = min((one.first_seen for one in earlier if one.key.rule is finding.rule), default=now)
        yield OpenFinding(FindingKey(subject_of(row), finding.rule), first_seen, now, title, label, names, row.count)


def _owner_names(row: Row, earlier: list[OpenFinding], owners: OwnersByAddress) -> tuple[str, ...]:
    """Return the names of a row's owners. `earlier` are its open findings of the same owners."""
    found = [owner_of(candidate, owners) for candidate in row.identity.candidates]
    names = [owner.name for owner in found if isinstance(owner, Owner)]
    if any(not isinstance(owner, Owner) and owner.lookup_failed for owner in found):
        # The earlier names are kept, so that the owners can be thanked later.
        names += [name for finding in earlier for name in finding.owner_names]
    return tuple(dict.fromkeys(names))


def _title(row: Row) -> str:
    if row.controller:
        return f"{row.controller.kind} {row.controller.name}"
    return row.instance.id if row.instance.name is None else f"{row.instance.name} ({row.instance.id})"


def _days_open(row: Row, earlier: list[OpenFinding], now: datetime) -> int:
    rules = {finding.rule for finding in row.findings}
    return max((days_between(finding.first_seen, now) for finding in earlier if finding.key.rule in rules), default=0)


def _oldest(open_findings: list[OpenFinding]) -> OpenFinding:
    return min(open_findings, key=lambda finding: (finding.first_seen, finding.key))


def _undetermined(keys: AbstractSet[FindingKey], report: Report, inventory: Inventory) -> dict[FindingKey, Gap]:
    """Return the findings of `keys` that may still exist, with the gap; the report contains none of `keys`."""
    read, rules = frozenset(inventory.read), build_rules(report.policy)
    rows = _rows_by_subject({key.subject for key in keys}, report)
    gaps = {key: _why_undetermined(key, rows.get(key.subject), read, report, rules) for key in sorted(keys)}
    return {key: gap for key, gap in gaps.items() if gap}


def _cleared(keys: AbstractSet[FindingKey], report: Report, history: DigestHistory) -> dict[FindingKey, Cleared]:
    """Return those of `keys` that the usage ended, with the reason; none while it is not read, or not plausible."""
    if not report.policy.reads_usage or not report.plausible:
        return {}
    absent = keys - finding_keys(report.flagged)
    return cleared_findings(absent, _rows_by_subject({key.subject for key in absent}, report), history)


def _rows_by_subject(subjects: AbstractSet[Subject], report: Report) -> dict[Subject, Row]:
    return {subject: row for row in report.rows for subject in _possible_subjects(row) if subject in subjects}


def _keys_of_existing(keys: AbstractSet[FindingKey], report: Report) -> frozenset[FindingKey]:
    """Return those of `keys` whose subject is still in the report."""
    rows = _rows_by_subject({key.subject for key in keys}, report)
    return frozenset(key for key in keys if key.subject in rows)


def _why_undetermined(
    key: FindingKey, row: Row | None, read: AbstractSet[Target], report: Report, rules: Rules
) -> Gap | None:
    """Return why an absent finding may still exist; None if it certainly does not."""
    if key.subject.target not in read:
        return Gap(GapSource.TARGET, key.subject.target, "not read")
    if row and row.findings and key.subject != subject_of(row):
        return None  # the findings of its controller replace it
    if not report.plausible:
        return _IMPLAUSIBLE
    if row is None or row.case.exemption:
        return None
    return rules[key.rule].undetermined(row.case, report.as_of)
