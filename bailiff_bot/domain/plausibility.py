"""Whether what was seen is plausible: a directory or a fleet that shrinks at once has hardly been seen whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from bailiff_bot.domain.history import ScanCount

MIN_PEOPLE = 10
"""Of fewer, half can leave in a day: that is a team and not a fault."""
MIN_INSTANCES = 20
"""Of fewer, half are deleted by one person who tidies up."""
SHRINK_FACTOR = 2
"""A count is implausible when the earlier one is more than so many times as large: no organisation loses half of its
people or machines between two looks, while a filter that is wrong, or a half-written file, does just that."""


@dataclass(frozen=True, slots=True)
class PlausibilityWarnings:
    """Why what was seen is not plausible, in words; empty where it is."""

    people: str = ""
    fleet: str = ""


def check_plausibility(current: ScanCount, earlier: Iterable[ScanCount]) -> PlausibilityWarnings:
    """Return what is implausible in a count beside earlier ones: those of a day and the last before it.

    So a fleet that did shrink is believed after a day: by then the larger counts are not among the earlier ones.
    """
    counts = tuple(earlier)
    return PlausibilityWarnings(_people(current, counts), _fleet(current, counts))


def _people(current: ScanCount, earlier: Iterable[ScanCount]) -> str:
    known = max((count.people for count in earlier if count.people is not None), default=0)
    if current.people is None or not _shrank_implausibly(current.people, known, MIN_PEOPLE):
        return ""
    return f"the directory knows {current.people:,} people, and knew {known:,}"


def _fleet(current: ScanCount, earlier: Iterable[ScanCount]) -> str:
    """Compare only what was read both times: a region that was not is missing from the coverage, not from the fleet."""
    shrunk: list[tuple[int, int]] = []
    for count in earlier:
        both = current.instances_by_target.keys() & count.instances_by_target.keys()
        before = sum(count.instances_by_target[target] for target in both)
        now = sum(current.instances_by_target[target] for target in both)
        if _shrank_implausibly(now, before, MIN_INSTANCES):
            shrunk.append((before, now))
    if not shrunk:
        return ""
    before, now = max(shrunk)
    return f"the fleet shrank from {before:,} to {now:,} instances in the regions that were read"


def _shrank_implausibly(now: int, before: int, minimum: int) -> bool:
    return before >= minimum and now * SHRINK_FACTOR < before
