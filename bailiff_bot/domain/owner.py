"""The owners of flagged instances: the Slack user behind an identity, or the reason why none was found."""

from collections.abc import Mapping
from dataclasses import dataclass

from bailiff_bot.domain.identity import Identity
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


@dataclass(frozen=True, slots=True)
class UnassignedFindings:
    """Flagged rows of which no owner can be notified, and the reason."""

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
    return frozenset(row.identity.address for row in report.flagged if row.identity.address)


def findings_by_owner(
    report: Report, owners: OwnersByAddress
) -> tuple[tuple[OwnerFindings, ...], tuple[UnassignedFindings, ...]]:
    """Return the flagged rows of each owner, and those without an owner.

    `owners` has an entry for each of `owner_addresses(report)`.
    """
    rows_by_identity: dict[tuple[str, str], list[Row]] = {}
    for row in report.flagged:
        rows_by_identity.setdefault((owner_label(row.identity), row.identity.address or ""), []).append(row)
    rows_by_owner: dict[Owner, dict[str, list[Row]]] = {}
    unassigned: list[UnassignedFindings] = []
    for (label, _), rows in sorted(rows_by_identity.items()):
        owner = _owner_of(rows[0].identity, owners)
        if isinstance(owner, Owner):
            rows_by_owner.setdefault(owner, {}).setdefault(label, []).extend(rows)
        else:
            unassigned.append(UnassignedFindings(label, owner.reason, tuple(rows), owner.lookup_failed))
    assigned = tuple(_owner_findings(owner, rows_by_key) for owner, rows_by_key in sorted(rows_by_owner.items()))
    return assigned, tuple(unassigned)


def _owner_findings(owner: Owner, rows_by_key: dict[str, list[Row]]) -> OwnerFindings:
    return OwnerFindings(owner, tuple(rows_by_key), tuple(row for rows in rows_by_key.values() for row in rows))


def owner_label(identity: Identity) -> str:
    """Return the label of an instance's owner where no Slack name is known."""
    return identity.candidate or NO_OWNER_LABEL


def _owner_of(identity: Identity, owners: OwnersByAddress) -> Owner | NoOwner:
    if identity.address:
        return owners[identity.address]
    status = identity.candidate_status
    return NoOwner(str(status) if status else "neither an identifier in the name nor an owner tag")
