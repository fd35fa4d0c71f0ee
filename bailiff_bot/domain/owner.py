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
    unanswered: bool = False
    """Slack did not answer: there may well be somebody, who goes untold."""


Owners = Mapping[str, Owner | NoOwner]
"""Who is behind each e-mail address."""


@dataclass(frozen=True, slots=True)
class Debts:
    """What one owner owes."""

    owner: Owner
    whose: tuple[str, ...]
    """The identifiers and addresses that led to this owner."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Debts that nobody can be told of, and why."""

    whose: str
    """The identifier or address as far as it is known; "no owner" where there is not even that."""
    reason: str
    rows: tuple[Row, ...]
    unanswered: bool = False
    """Slack did not answer: there may well be an owner, who goes untold."""


NOBODY = "no owner"


def addresses(report: Report) -> frozenset[str]:
    """Return the e-mail addresses behind which the owners of a report's debts are to be looked for."""
    return frozenset(row.identity.address for row in report.owing if row.identity.address)


def owners_of(report: Report, owners: Owners) -> tuple[tuple[Debts, ...], tuple[Unclaimed, ...]]:
    """Return the debts of each owner, and those of nobody; `owners` answers for each of `addresses(report)`."""
    by_whose: dict[tuple[str, str], list[Row]] = {}
    for row in report.owing:
        by_whose.setdefault((label(row.identity), row.identity.address or ""), []).append(row)
    found: dict[Owner, dict[str, list[Row]]] = {}
    unclaimed: list[Unclaimed] = []
    for (whose, _), rows in sorted(by_whose.items()):
        owner = _find(rows[0].identity, owners)
        if isinstance(owner, Owner):
            found.setdefault(owner, {}).setdefault(whose, []).extend(rows)
        else:
            unclaimed.append(Unclaimed(whose, owner.reason, tuple(rows), owner.unanswered))
    return tuple(_debts(owner, theirs) for owner, theirs in sorted(found.items())), tuple(unclaimed)


def _debts(owner: Owner, by_whose: dict[str, list[Row]]) -> Debts:
    return Debts(owner, tuple(by_whose), tuple(row for rows in by_whose.values() for row in rows))


def label(identity: Identity) -> str:
    """Return what the owner of an instance is called as long as no Slack user is known."""
    return identity.lead or NOBODY


def _find(identity: Identity, owners: Owners) -> Owner | NoOwner:
    if identity.address:
        return owners[identity.address]
    standing = identity.lead_standing
    return NoOwner(str(standing) if standing else "neither an identifier in the name nor an owner tag")
