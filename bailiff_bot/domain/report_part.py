"""The part of a report that a filter selects, and whose it is."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from bailiff_bot.domain.identity import People
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_filter import EVERYTHING, ReportFilter, filtered, not_priced_count, places_outside


@dataclass(frozen=True, slots=True)
class ReportPart:
    """The part of a report that a filter selects."""

    report: Report
    """Only this part, with its own coverage and gaps."""
    filter: ReportFilter = EVERYTHING
    owner_keys: tuple[str, ...] = ()
    """The identifiers and addresses under which the owners of the filter have instances."""
    ambiguous: tuple[str, ...] = ()
    """Identifiers that the directory lists for an owner and for somebody else. Their instances are left out."""
    unlisted: tuple[str, ...] = ()
    """Addresses of the filter that neither the directory nor an owner tag has: nobody knows what they own."""
    outside: tuple[str, ...] = ()
    """Accounts and regions of the filter that are no part of the scan: nobody knows what is there."""
    not_priced: int = 0
    """How many instances a filter by cost leaves out, because something of them has no price."""

    @property
    def names(self) -> tuple[str, ...]:
        """What is selected: owners, accounts, regions, rules and a cost."""
        return (*self.owner_keys, *replace(self.filter, owners=()).words)


@dataclass(frozen=True, slots=True)
class _OwnerKeys:
    owner: str
    keys: AbstractSet[str]
    """Empty if the owner is an address of which nothing is known."""
    ambiguous: AbstractSet[str] = frozenset()


def select(report: Report, people: People, wanted: ReportFilter) -> ReportPart:
    """Return the part of a report that a filter selects. `people` finds the identifiers of an address."""
    owners = [_keys_of(owner, report, people) for owner in wanted.owners]
    return ReportPart(
        filtered(report, wanted),
        wanted,
        tuple(dict.fromkeys(key for owner in owners for key in sorted(owner.keys))),
        tuple(sorted({identifier for owner in owners for identifier in owner.ambiguous})),
        tuple(owner.owner for owner in owners if not owner.keys),
        places_outside(wanted, report.coverage),
        not_priced_count(report, wanted),
    )


def _keys_of(owner: str, report: Report, people: People) -> _OwnerKeys:
    if "@" not in owner:
        return _OwnerKeys(owner, {owner})
    listed = people.identifiers_of(owner)
    unambiguous = {identifier for identifier in listed if people.address_of(identifier)}
    candidates = (candidate for row in report.of_owners((owner,)).rows for candidate in row.identity.candidates)
    keys = unambiguous | {candidate.key for candidate in candidates if candidate.address == owner}
    is_listed = listed or any(one.address == owner for row in report.rows for one in row.identity.disclaimers)
    return _OwnerKeys(owner, keys or ({owner} if is_listed else frozenset()), listed - unambiguous)
