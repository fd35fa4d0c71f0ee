"""Finds implausible counts: a directory or a fleet that suddenly shrinks was probably not read completely."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.instance import Target

MIN_PEOPLE = 10
"""A smaller directory is not compared: half of a small team can leave in a day."""
MIN_INSTANCES = 20
"""A smaller fleet is not compared: one person can delete half of it in a clean-up."""
SHRINK_FACTOR = 2
"""A count is implausible if an earlier one is more than this many times as large. No organisation loses half of its
people or machines between two scans; a wrong filter or a half-written file has just this effect."""


@dataclass(frozen=True, slots=True)
class ScanCount:
    """The counts of a scan. Later scans are compared with them to find implausible counts."""

    at: datetime
    instances_by_target: Mapping[Target, int]
    """One entry for each target that was read."""
    people: int | None
    """Identifiers in the directory; None if there was no directory or it had gaps."""


@dataclass(frozen=True, slots=True)
class PlausibilityWarnings:
    """Why a count is not plausible, as text for people; empty if it is plausible."""

    people: str = ""
    fleet: str = ""


def check_plausibility(current: ScanCount, earlier: Iterable[ScanCount]) -> PlausibilityWarnings:
    """Return what is implausible in a scan's counts, compared with earlier counts.

    `earlier` holds the counts of one day and the last count before that day. So a real decrease is accepted after a
    day: by then `earlier` does not contain the larger counts any more.
    """
    counts = tuple(earlier)
    return PlausibilityWarnings(_people(current, counts), _fleet(current, counts))


def _people(current: ScanCount, earlier: Iterable[ScanCount]) -> str:
    before = max((count.people for count in earlier if count.people is not None), default=0)
    if current.people is None or not _shrank_implausibly(current.people, before, MIN_PEOPLE):
        return ""
    return f"the directory knows {current.people:,} people, and knew {before:,}"


def _fleet(current: ScanCount, earlier: Iterable[ScanCount]) -> str:
    """Compare the targets that both scans read. The coverage already reports a target that was not read."""
    shrunk: list[tuple[int, int]] = []
    for count in earlier:
        read_by_both = current.instances_by_target.keys() & count.instances_by_target.keys()
        before = sum(count.instances_by_target[target] for target in read_by_both)
        now = sum(current.instances_by_target[target] for target in read_by_both)
        if _shrank_implausibly(now, before, MIN_INSTANCES):
            shrunk.append((before, now))
    if not shrunk:
        return ""
    before, now = max(shrunk)
    return f"the fleet shrank from {before:,} to {now:,} instances in the regions that were read"


def _shrank_implausibly(now: int, before: int, minimum: int) -> bool:
    return before >= minimum and now * SHRINK_FACTOR < before
