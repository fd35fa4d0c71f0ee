"""The owners of flagged instances: the Slack users behind an identity, or the reason why one was not found."""

from collections.abc import Mapping
from dataclasses import dataclass

from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.identity import Candidate, Identity
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


NO_OWNER_LABEL = "no owner"


def owner_addresses(report: Report) -> frozenset[str]:
    """Return the e-mail addresses under which Slack is searched for the owners of the flagged rows."""
    return frozenset(address for row in report.flagged for address in row.identity.addresses)


def findings_by_owner(
    report: Report, owners: OwnersByAddress
) -> tuple[tuple[OwnerFindings, ...], tuple[UnassignedFindings, ...]]:
    """Return the flagged rows of each owner, and those of each candidate who leads to no owner.

    A row with several owners is among the rows of each. `owners` has an entry for each of `owner_addresses(report)`.
    """
    rows_by_candidate: dict[Candidate, list[Row]] = {}
    for row in report.flagged:
        for candidate in row.identity.candidates or (_NOBODY,):
            rows_by_candidate.setdefault(candidate, []).append(row)
    rows_by_owner: dict[Owner, dict[str, list[Row]]] = {}
    unassigned: list[UnassignedFindings] = []
    for candidate, rows in sorted(rows_by_candidate.items(), key=lambda item: (item[0].key, item[0].address or "")):
        owner = owner_of(candidate, owners)
        if isinstance(owner, Owner):
            rows_by_owner.setdefault(owner, {}).setdefault(candidate.key, []).extend(rows)
        else:
            unassigned.append(UnassignedFindings(candidate.key, owner.reason, tuple(rows), owner.lookup_failed))
    assigned = tuple(_owner_findings(owner, rows_by_key) for owner, rows_by_key in sorted(rows_by_owner.items()))
    return assigned, tuple(unassigned)


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
    return NoOwner(str(candidate.status or "neither an identifier in the name nor an owner tag"))


_NOBODY = Candidate(NO_OWNER_LABEL)
"""Stands for the candidates of an instance that has none."""
