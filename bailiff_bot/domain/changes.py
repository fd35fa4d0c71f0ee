"""What became of what was owed: a report compared with what is remembered. Nothing is called fixed that may not be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.controller import is_exempt
from bailiff_bot.domain.history import FindingKey, Memory, Sighting, Subject, keys_of, single, subject_of
from bailiff_bot.domain.identity import Standing
from bailiff_bot.domain.instance import SETTLED, State, Target, days_between
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.owner import NoOwner, Owners, label
from bailiff_bot.domain.policy import fingerprint
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import NAMING, RuleId, misnamed


class Unsure(StrEnum):
    """Why what was owed is not called fixed, though nobody saw that it still is, in the words a person is told."""

    NOT_READ = "not read"
    IMPLAUSIBLE = "not plausible"
    BETWEEN_STATES = "starting or stopping"
    JUST_STARTED = "just started"
    NOT_DATED = "stopped nobody knows when"
    NO_DIRECTORY = "not checked against the directory"


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of what was owed since the last digest."""

    since: datetime | None
    """The last digest's instant; None: this is the first."""
    new: tuple[Row, ...]
    """What owes and did not; with `still`, all that owes, in the report's order."""
    still: tuple[tuple[Row, int], ...]
    """What owes and did, and for how many days it is known to owe the oldest of what it owes now."""
    fixed: tuple[Sighting, ...]
    """What certainly owes nothing any more, one sighting a subject."""
    unseen: tuple[Sighting, ...]
    """What is neither seen to owe nor certain not to, one sighting a subject, whose key is in `unsure`."""
    sightings: tuple[Sighting, ...]
    """What is to be remembered: all that is owed now, and what is unsure, as it was."""
    unsure: Mapping[FindingKey, Unsure]
    """Of all that is remembered, direct messages included, the findings of which nothing is certain, and why."""
    unasked: tuple[Sighting, ...] = ()
    """What owes nothing any more since the rules changed, so that nobody is thanked, one sighting a subject."""
    waived: frozenset[FindingKey] = frozenset()
    """Of all that is remembered, direct messages included, the findings that are no longer asked for like that."""


def compare(report: Report, owners: Owners, inventory: Inventory, memory: Memory, *, doubted: bool) -> Changes:
    """Return what changed since the last digest, and what to remember for the next.

    `report` is all that was judged of `inventory`, and `owners` answers for each of its debts' addresses. While what
    was seen is `doubted`, nothing is called fixed. Nor is anything that still stands there when the rules are not those
    of the last digest: whether somebody paid it, or it is merely no longer asked for, nobody can tell.
    """
    before: dict[Subject, list[Sighting]] = defaultdict(list)
    for sighting in sorted(memory.sightings, key=lambda one: (one.key, one.first)):
        before[sighting.key.subject].append(sighting)
    owing = [(row, [one for subject in _subjects(row) for one in before.pop(subject, ())]) for row in report.owing]
    gone = _remembered(memory) - keys_of(report.owing)
    unsure = _unsure(gone, report, inventory, doubted=doubted)
    changed = bool(memory.policy) and memory.policy != fingerprint(report.policy)
    waived = _standing(gone - unsure.keys(), report) if changed else frozenset[FindingKey]()
    ended = [_oldest([one for one in found if one.key in unsure] or found) for found in before.values()]
    open_still = [one for one in memory.sightings if one.key in unsure]
    if changed:  # the next digest will not know that, and shall thank nobody for what it may not ask for any more
        open_still = [replace(one, name="") for one in open_still]
    seen = [one for row, earlier in owing for one in _seen(row, earlier, owners, report.at)]
    return Changes(
        since=_since(memory),
        new=tuple(row for row, earlier in owing if not earlier),
        still=tuple((row, _days(row, earlier, report.at)) for row, earlier in owing if earlier),
        fixed=tuple(one for one in ended if one.key not in unsure and one.key not in waived),
        unseen=tuple(one for one in ended if one.key in unsure),
        sightings=tuple(sorted((*seen, *open_still), key=lambda one: one.key)),
        unsure=unsure,
        unasked=tuple(one for one in ended if one.key in waived),
        waived=waived,
    )


def paid_by(fixed: Iterable[Sighting]) -> tuple[tuple[str, int], ...]:
    """Return who is to be thanked, as Slack shows them, and for how many instances, most first."""
    paid: Counter[str] = Counter()
    for sighting in fixed:
        paid[sighting.name] += sighting.count
    return tuple(sorted(((name, count) for name, count in paid.items() if name), key=lambda one: (-one[1], one[0])))


def _since(memory: Memory) -> datetime | None:
    return max((*(point.at for point in memory.points), *(one.last for one in memory.sightings)), default=None)


def _subjects(row: Row) -> Iterator[Subject]:
    """Yield what a row may be remembered as: a controller also speaks for what its machines owed before it had them."""
    yield subject_of(row)
    if row.controller:
        yield from map(single, row.members)


def _remembered(memory: Memory) -> frozenset[FindingKey]:
    told = (nudged.left for nudged in memory.nudged.values())
    return frozenset(one.key for one in memory.sightings).union(*told)


def _seen(row: Row, earlier: list[Sighting], owners: Owners, now: datetime) -> Iterator[Sighting]:
    """Yield a sighting of each finding, with its first sight kept."""
    whose = label(row.identity)
    owner = owners[row.identity.address] if row.identity.address else NoOwner("")
    if isinstance(owner, NoOwner):
        known = (one.name for one in earlier if owner.unanswered and one.whose == whose)
        name = next(known, "")  # Slack did not answer this time, and somebody wants to be thanked later
    else:
        name = owner.name
    title = _title(row)
    for finding in row.findings:
        first = min((one.first for one in earlier if one.key.rule is finding.rule), default=now)
        yield Sighting(FindingKey(subject_of(row), finding.rule), first, now, title, whose, name, row.count)


def _title(row: Row) -> str:
    if row.controller:
        return f"{row.controller.kind} {row.controller.name}"
    return row.instance.id if row.instance.name is None else f"{row.instance.name} ({row.instance.id})"


def _days(row: Row, earlier: list[Sighting], now: datetime) -> int:
    rules = {finding.rule for finding in row.findings}
    return max((days_between(one.first, now) for one in earlier if one.key.rule in rules), default=0)


def _oldest(sightings: list[Sighting]) -> Sighting:
    return min(sightings, key=lambda one: (one.first, one.key))


def _unsure(
    keys: AbstractSet[FindingKey], report: Report, inventory: Inventory, *, doubted: bool
) -> dict[FindingKey, Unsure]:
    """Return those of some findings, none of which is found now, that may be owed all the same."""
    read = frozenset(inventory.read)
    rows = _rows({key.subject for key in keys}, report)
    reasons = {key: _why(key, rows.get(key.subject), read, report, doubted=doubted) for key in sorted(keys)}
    return {key: reason for key, reason in reasons.items() if reason}


def _rows(subjects: AbstractSet[Subject], report: Report) -> dict[Subject, Row]:
    return {subject: row for row in report.rows for subject in _subjects(row) if subject in subjects}


def _standing(keys: AbstractSet[FindingKey], report: Report) -> frozenset[FindingKey]:
    """Return those of some findings whose subject is there still."""
    rows = _rows({key.subject for key in keys}, report)
    return frozenset(key for key in keys if key.subject in rows)


def _why(
    key: FindingKey, row: Row | None, read: AbstractSet[Target], report: Report, *, doubted: bool
) -> Unsure | None:
    """Return why a finding that is not found now may be owed all the same; None: it is certain that it is not."""
    if key.subject.target not in read:
        return Unsure.NOT_READ
    if row and row.findings and key.subject != subject_of(row):
        return None  # its controller owes in its place
    if doubted:
        return Unsure.IMPLAUSIBLE
    if row is None or _exempt(row, report):
        return None
    return _why_not_judged(key.rule, row, report)


def _exempt(row: Row, report: Report) -> bool:
    return row.controller is None and is_exempt(row.instance, report.policy.exempt_tags)


def _why_not_judged(rule: RuleId, row: Row, report: Report) -> Unsure | None:
    """Return why a rule, which finds nothing in a row, may yet be broken by it: what it waits for, or does not know."""
    instance = row.instance
    if rule is RuleId.ALLOWED_REGION:
        return None
    if instance.state not in SETTLED:
        return Unsure.BETWEEN_STATES
    if rule is RuleId.DELETED_WHEN_ABANDONED:
        return Unsure.NOT_DATED if instance.state is State.STOPPED and not instance.dated else None
    if rule in NAMING:
        return _why_not_misnamed(rule, row, report)
    return None


def _why_not_misnamed(rule: RuleId, row: Row, report: Report) -> Unsure | None:
    found = misnamed(row.instance, row.identity, report.at)
    if found and found not in row.findings:
        return Unsure.JUST_STARTED
    if rule is RuleId.KNOWN_OWNER and row.identity.standing in {Standing.UNAVAILABLE, Standing.UNCHECKED}:
        return Unsure.NO_DIRECTORY
    return None
