"""The owners of flagged instances: the Slack users behind an identity, or the reason why one was not found."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from bailiff_bot.domain.history import FindingKey, finding_keys, subject_of
from bailiff_bot.domain.identity import Candidate, Identity
from bailiff_bot.domain.ownership import Disclaimer
from bailiff_bot.domain.report import Report, Row


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """A Slack user: an active, full member of this workspace."""

    user_id: str
    """The id in Slack."""
    name: str
    """The name that Slack shows."""


@dataclass(frozen=True, slots=True)
class NoOwner:
    """Why no owner was found."""

    reason: str
    """The step that failed, as text for people."""
    lookup_failed: bool = False
    """True if Slack did not answer. An owner may exist, who is not notified this time."""


OwnersByAddress = Mapping[str, Owner | NoOwner]
"""The owner of each e-mail address, or why there is none."""


@dataclass(frozen=True, slots=True)
class OwnerFindings:
    """The flagged rows of one owner."""

    owner: Owner
    owner_keys: tuple[str, ...]
    """The identifiers and addresses that led to this owner."""
    rows: tuple[Row, ...]
    """Each row once. It may be among those of another owner too."""


@dataclass(frozen=True, slots=True)
class UnassignedFindings:
    """Flagged rows of an owner who cannot be notified, and the reason. Other owners of them may be notified."""

    owner_label: str
    """The identifier or the address under which the owner was looked for; "no owner" if there is neither."""
    reason: str
    """The step that failed, as text for people."""
    rows: tuple[Row, ...]
    lookup_failed: bool = False
    """True if Slack did not answer. An owner may exist, who is not notified this time."""
    disclaimers: tuple[Disclaimer, ...] = ()
    """Who said "not mine", if nobody else is known. This is the reason then."""


NO_OWNER_LABEL = "no owner"
_NOT_NAMED = "neither an identifier in the name nor an owner tag"


def owner_addresses(report: Report) -> frozenset[str]:
    """Return the e-mail addresses under which Slack is searched for the owners of the flagged rows."""
    return frozenset(address for row in report.flagged for address in row.identity.addresses)


def findings_by_owner(
    report: Report, owners: OwnersByAddress
) -> tuple[tuple[OwnerFindings, ...], tuple[UnassignedFindings, ...]]:
    """Return the flagged rows of each owner, and those of each candidate who leads to no owner.

    A row with several owners is among the rows of each. `owners` has an entry for each of `owner_addresses(report)`.
    """
    rows_by_candidate: dict[Candidate, list[Row]] = defaultdict(list)
    for row in report.flagged:
        for candidate in row.identity.candidates:
            rows_by_candidate[candidate].append(row)
    rows_by_owner: dict[Owner, dict[str, list[Row]]] = {}
    unassigned = [*_without_candidates(report)]
    for candidate, rows in sorted(rows_by_candidate.items(), key=lambda item: (item[0].key, item[0].address or "")):
        owner = owner_of(candidate, owners)
        if isinstance(owner, Owner):
            rows_by_owner.setdefault(owner, {}).setdefault(candidate.key, []).extend(rows)
        else:
            unassigned.append(UnassignedFindings(candidate.key, owner.reason, tuple(rows), owner.lookup_failed))
    assigned = tuple(_owner_findings(owner, rows_by_key) for owner, rows_by_key in sorted(rows_by_owner.items()))
    return assigned, tuple(sorted(unassigned, key=attrgetter("owner_label")))


def _without_candidates(report: Report) -> Iterator[UnassignedFindings]:
    """Yield the flagged rows for whose owner there is no candidate, by who said "not mine" on which day."""
    groups: dict[tuple[tuple[str, date], ...], list[Row]] = defaultdict(list)
    for row in report.flagged:
        if not row.identity.candidates:
            said = row.identity.disclaimers
            groups[tuple((one.user_id, one.said_at.astimezone(report.policy.zone).date()) for one in said)].append(row)
    for rows in groups.values():
        yield UnassignedFindings(NO_OWNER_LABEL, _NOT_NAMED, tuple(rows), disclaimers=rows[0].identity.disclaimers)


def possible_findings(unassigned: Iterable[UnassignedFindings], user_id: str) -> frozenset[FindingKey]:
    """Return the findings without an owner that may be a user's.

    Perhaps the directory or Slack did not answer this time. What people said of the owner is certain all the same.
    """
    return finding_keys(row for one in unassigned for row in one.rows if not row.identity.excludes(user_id))


def _owner_findings(owner: Owner, rows_by_key: dict[str, list[Row]]) -> OwnerFindings:
    # Two keys of one row may lead to the same user, such as two addresses.
    rows = {subject_of(row): row for rows in rows_by_key.values() for row in rows}
    return OwnerFindings(owner, tuple(rows_by_key), tuple(rows.values()))


def owner_label(identity: Identity) -> str:
    """Return the label of an instance's owners where no Slack name is known."""
    return ", ".join(candidate.key for candidate in identity.candidates) or NO_OWNER_LABEL


def owner_of(candidate: Candidate, owners: OwnersByAddress) -> Owner | NoOwner:
    """Return the Slack user behind a candidate, or why there is none."""
    if candidate.address:
        return owners[candidate.address]
    return NoOwner(str(candidate.status or _NOT_NAMED))
