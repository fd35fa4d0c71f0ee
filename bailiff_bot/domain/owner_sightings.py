"""Since when scans have shown each owner of an instance without a break.

Whoever may write a tag can make anybody an owner at once. So what cannot be undone wants an owner whom scans have shown
for a while. An owner is an e-mail address: nobody without one can act.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bailiff_bot.domain.case import Case, subject_of_case
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class Sighting:
    """An owner whom scans have shown."""

    subject: Subject
    address: str
    """The e-mail address of the owner, case-folded."""
    since: datetime
    """When the first of these scans began."""
    is_former: bool = False
    """True if this owner is gone and nobody came instead. Who comes later took it from this owner all the same."""


Sightings = Mapping[Subject, tuple[Sighting, ...]]


@dataclass(frozen=True, slots=True)
class SightingChanges:
    """What a scan changes in the recorded sightings."""

    saved: tuple[Sighting, ...]
    """New ones, and recorded ones with another `is_former` or `since`."""
    ended: tuple[Sighting, ...]
    """Recorded ones of owners who own the instance no more."""
    displaced: tuple[tuple[Case, Sighting], ...]
    """Of the ended ones, those whose instance somebody else owns now, without having said "not mine"."""
    owned: int
    """The number of instances that have an owner."""


def sighting_changes(
    cases: Iterable[Case], read: AbstractSet[Target], recorded: Sightings, at: datetime
) -> SightingChanges:
    """Return what a scan changes that began `at` a time, and read these targets.

    `cases` are the single instances of the scan. What is recorded of targets that were not read stays as it is.
    """
    left, owned = dict(recorded), 0
    saved: list[Sighting] = []
    over: list[tuple[Case, Sighting]] = []
    for case in cases:
        subject = subject_of_case(case)
        before = left.pop(subject, ())
        owned += _has_owner(case)
        if not _is_same(before, case):  # a fast path: nearly all of 100,000 instances have the owner that they had
            saved += _saved(case, subject, before, at)
            over += [(case, one) for one in _lost(case, before) if _is_over(one, case)]
    gone = (one for subject, before in left.items() if subject.target in read for one in before)
    return SightingChanges(
        tuple(saved),
        (*(one for _, one in over), *gone),
        tuple((case, one) for case, one in over if one.address not in _disclaimed(case)),
        owned,
    )


def _is_same(before: tuple[Sighting, ...], case: Case) -> bool:
    addresses = case.identity.addresses
    return len(before) == len(addresses) and all(
        one.address == address and not one.is_former for one, address in zip(before, addresses, strict=True)
    )


def _is_over(lost: Sighting, case: Case) -> bool:
    return _has_owner(case) or lost.address in _disclaimed(case)


def _saved(case: Case, subject: Subject, before: tuple[Sighting, ...], at: datetime) -> Iterator[Sighting]:
    """Yield the owners who are new, or were gone; and those who are gone while nobody owns the instance."""
    known = {one.address for one in before if not one.is_former}
    for address in case.identity.addresses:
        # The database refuses some characters that do not print, and no mailbox has them.
        if address not in known and address.isprintable():
            yield Sighting(subject, address, at)
    if not _has_owner(case):
        lost = (one for one in _lost(case, before) if one.address not in _disclaimed(case))
        yield from (replace(one, is_former=True) for one in lost if not one.is_former)


def _lost(case: Case, before: tuple[Sighting, ...]) -> Iterator[Sighting]:
    return (one for one in before if one.address not in case.identity.addresses)


def _has_owner(case: Case) -> bool:
    return any(candidate.is_owner for candidate in case.identity.candidates)


def _disclaimed(case: Case) -> frozenset[str]:
    return frozenset(one.address for one in case.identity.disclaimers)


def owned_for(since: Mapping[str, datetime], address: str, now: datetime) -> timedelta:
    """Return for how long scans have shown an owner. `since` has when each owner was first shown; zero without it."""
    first = since.get(address.casefold())
    return max(now - first, timedelta()) if first else timedelta()
