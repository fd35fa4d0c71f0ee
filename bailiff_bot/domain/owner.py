"""Who is told: the Slack user behind an identity, or the step at which nobody was found."""

from collections.abc import Mapping
from dataclasses import dataclass

from bailiff_bot.domain.identity import Identity
from bailiff_bot.domain.report import Report, Row


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """An active, full member of this workspace."""

    user_id: str
    """Slack's id."""
    name: str
    """As Slack shows it."""


@dataclass(frozen=True, slots=True)
class NoOwner:
    """The reason why there is nobody to tell, in words, with the step at which it failed."""

    reason: str
    lookup_failed: bool = False
    """Slack did not answer: there may well be somebody, who goes untold."""


OwnersByAddress = Mapping[str, Owner | NoOwner]
"""Who is behind each e-mail address."""


@dataclass(frozen=True, slots=True)
class OwnerFindings:
    """What one owner owes."""

    owner: Owner
    owner_keys: tuple[str, ...]
    """The identifiers and addresses that led to this owner."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class UnassignedFindings:
    """Debts that nobody can be told of, and why."""

    owner_label: str
    """The identifier or address as far as it is known; "no owner" where there is not even that."""
    reason: str
    rows: tuple[Row, ...]
    lookup_failed: bool = False
    """Slack did not answer: there may well be an owner, who goes untold."""


NO_OWNER_LABEL = "no owner"


def owner_addresses(report: Report) -> frozenset[str]:
    """Return the e-mail addresses behind which the owners of a report's debts are to be looked for."""
    return frozenset(row.identity.address for row in report.flagged if row.identity.address)


def findings_by_owner(
    report: Report, owners: OwnersByAddress
) -> tuple[tuple[OwnerFindings, ...], tuple[UnassignedFindings, ...]]:
    """Return the debts of each owner, and those of nobody; `owners` answers for each of `addresses(report)`."""
    by_whose: dict[tuple[str, str], list[Row]] = {}
    for row in report.flagged:
        by_whose.setdefault((owner_label(row.identity), row.identity.address or ""), []).append(row)
    found: dict[Owner, dict[str, list[Row]]] = {}
    unassigned: list[UnassignedFindings] = []
    for (whose, _), rows in sorted(by_whose.items()):
        owner = _owner_of(rows[0].identity, owners)
        if isinstance(owner, Owner):
            found.setdefault(owner, {}).setdefault(whose, []).extend(rows)
        else:
            unassigned.append(UnassignedFindings(whose, owner.reason, tuple(rows), owner.lookup_failed))
    return tuple(_owner_findings(owner, theirs) for owner, theirs in sorted(found.items())), tuple(unassigned)


def _owner_findings(owner: Owner, rows_by_key: dict[str, list[Row]]) -> OwnerFindings:
    return OwnerFindings(owner, tuple(rows_by_key), tuple(row for rows in rows_by_key.values() for row in rows))


def owner_label(identity: Identity) -> str:
    """Return what the owner of an instance is called as long as no Slack user is known."""
    return identity.candidate or NO_OWNER_LABEL


def _owner_of(identity: Identity, owners: OwnersByAddress) -> Owner | NoOwner:
    if identity.address:
        return owners[identity.address]
    standing = identity.candidate_status
    return NoOwner(str(standing) if standing else "neither an identifier in the name nor an owner tag")
