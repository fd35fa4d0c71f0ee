"""Changes of the owner of an instance that scans show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.identity import Candidate, Identity
from bailiff_bot.domain.owner_sightings import Sighting
from bailiff_bot.domain.subject import Subject

OWNER_CHANGE = "owner change"
"""The kind of the batch that tells former owners."""
CHANGES_WINDOW = timedelta(hours=24)
"""Changes of the owner are counted in this time."""
MAX_CHANGED_INSTANCES = 20
"""So many instances may change their owner in `CHANGES_WINDOW`, however few there are: one team may take them over."""
MAX_CHANGED_PERCENT = 10
"""If more than so many percent of the instances with an owner change it in a day, that is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """Somebody owns an instance no more, and others do."""

    id: str
    subject: Subject
    name: str | None
    """The Name tag of the instance at that time; None without one."""
    former: str
    """The e-mail address of who owned it."""
    owners: str
    """Who owns it now, as text for people."""
    addresses: tuple[str, ...]
    """Their e-mail addresses, as far as they are known."""
    evidence: str
    """What makes them its owners, as text for people: "by its name"."""
    at: datetime
    """When the scan began that showed it first."""
    is_told: bool = False
    """True if the former owner need not be told of it any more."""


@dataclass(frozen=True, slots=True)
class OwnerChangeCount:
    """How many instances changed their owner in `CHANGES_WINDOW`."""

    changed: int
    owned: int
    """The instances that had an owner in the last scan that recorded owners."""


def owner_change(case: Case, former: Sighting, at: datetime) -> OwnerChange:
    """Return that the owner of a former sighting does not own the instance of a case any more."""
    identity = case.identity
    return OwnerChange(
        sha256(f"{former.subject} {former.address} {at.isoformat()}".encode()).hexdigest()[:24],
        former.subject,
        case.instance.name,
        former.address,
        ", ".join(_label(one) for one in identity.candidates if one.is_owner),
        identity.addresses,
        owner_evidence(identity),
        at,
        is_told=_is_told_of_assignment(identity, former),
    )


def _label(owner: Candidate) -> str:
    return f"{owner.key} ({owner.address})" if owner.address and owner.address != owner.key else owner.key


def _is_told_of_assignment(identity: Identity, former: Sighting) -> bool:
    """Return True if a notice told the former owner of the assignment: it was made while that person was the owner."""
    assignment = identity.assignment
    return assignment is not None and not former.is_former and former.since < assignment.assigned_at


def owner_evidence(identity: Identity) -> str:
    """Return what makes the owners of an instance its owners, as text for people."""
    if identity.assignment:
        return f"assigned by {identity.assignment.assigner}"
    is_named = any(one.key == identity.identifier for one in identity.candidates)
    return " and ".join(
        filter(None, ["by its name" if is_named else "", f"by its tag {identity.tag}" if identity.tag else ""])
    )


def changed_implausibly(count: OwnerChangeCount) -> bool:
    """Return True if so many instances changed their owner that it is rather a mistake, or an attack."""
    is_many = count.changed > MAX_CHANGED_INSTANCES
    return is_many and count.changed * 100 > count.owned * MAX_CHANGED_PERCENT
