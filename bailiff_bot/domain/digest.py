"""A digest: what it reports, and which owners are notified."""

from dataclasses import dataclass

from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.counting_exemptions import GrantedExemption
from bailiff_bot.domain.deletion import OldImage
from bailiff_bot.domain.history import DigestHistory, OpenFinding, TrendPoint
from bailiff_bot.domain.owner import OwnerFindings, UnassignedFindings
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.saving_totals import SavingsTotal
from bailiff_bot.domain.told_instance import ToldInstance

SCHEDULED_DIGEST, MANUAL_DIGEST, PREVIEW_DIGEST = "scheduled", "by hand", "preview"
"""Kinds of batches: the digest of a slot, one that is sent from the command line, and one that one person receives."""
DIGEST_KINDS = frozenset({SCHEDULED_DIGEST, MANUAL_DIGEST})
"""Digests in the channel. The next digest is compared with the last of them, and only they count in the trend."""

DELIVERY_SUMMARY = "owners"
"""The name of the reply that lists which owners are notified. It is edited once the nudges are settled."""
NUDGE = "nudge"
"""The name of the direct message to an owner. A later one supersedes it."""
_COPY = "copy "
"""The beginning of the name of a copy for a delegate; the owner's user id follows."""

PREVIEW = "preview"
"""The value of `Digest.nudges` in a digest that only one person sees."""


def copy_name(owner_id: str) -> str:
    """Return the name of the copy of an owner's direct message. A later one supersedes it."""
    return f"{_COPY}{owner_id}"


def copied_from(name: str) -> str:
    """Return the user id of the owner of whose direct message a message is a copy; empty if it is none."""
    return name.removeprefix(_COPY) if name.startswith(_COPY) else ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest reports, and which owners are notified."""

    report: Report
    changes: Changes
    history: DigestHistory
    owner_findings: tuple[OwnerFindings, ...]
    """The findings of each owner who was found."""
    owners_due: frozenset[str]
    """The user ids of the owners to notify. The other owners were notified before, and nothing is new."""
    unassigned: tuple[UnassignedFindings, ...]
    """The findings without an owner."""
    nudges: str
    """`on`: owners are notified. `dry-run`: the thread lists who would be notified. Or `off`, or `preview`."""
    extended: tuple[GrantedExemption, ...] = ()
    """The exemptions that were extended since the last digest, and not for the first time."""
    settled: tuple[AuditEntry, ...] = ()
    """What people did since the last digest was planned; nothing in the first digest."""
    old_images: tuple[OldImage, ...] = ()
    """The images of deleted instances that are older than the team wants to keep them."""
    told: tuple[ToldInstance, ...] = ()
    """The flagged instances of which something can be saved; none if prices are off."""
    saved: SavingsTotal | None = None
    """What was saved lately; None if prices are off."""


@dataclass(frozen=True, slots=True)
class DigestMemory:
    """What a digest leaves for the next one, once somebody can have seen it."""

    open_findings: tuple[OpenFinding, ...]
    """They replace those of the digest before."""
    trend_point: TrendPoint
    policy_fingerprint: str
    told: tuple[ToldInstance, ...] = ()
    """The instances of which something can be saved."""
    """The fingerprint of the policy by which the digest was judged."""
