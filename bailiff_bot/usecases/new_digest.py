"""Makes a digest: a new scan, compared with what earlier digests reported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.changes import Changes, compare
from bailiff_bot.domain.counting_exemptions import GrantedExemption, counting_exemptions, extended_again
from bailiff_bot.domain.deletion import OldImage
from bailiff_bot.domain.delivery import Batch, Run
from bailiff_bot.domain.digest import Digest, DigestMemory
from bailiff_bot.domain.history import DigestHistory, finding_keys, is_nudge_due, trend_point
from bailiff_bot.domain.owner import OwnerFindings, OwnersByAddress, findings_by_owner, owner_addresses
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.rules import policy_fingerprint
from bailiff_bot.domain.saving_totals import SavingsTotal
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.told_instance import ToldInstance, told_instances
from bailiff_bot.usecases.reports import Reports


class OwnerLookup(Protocol):
    """Finds owners among the users of the Slack workspace."""

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner of each e-mail address, or the reason why no owner was found."""
        ...


class DigestHistoryStore(Protocol):
    """Stores what earlier digests reported. Raises StoreError."""

    def load(self) -> DigestHistory:
        """Return the open findings, the last nudges and the trend."""
        ...

    def encode(self, memory: DigestMemory) -> bytes:
        """Return the memory of a digest in the form in which a run keeps it."""
        ...


class AuditReader(Protocol):
    """Reads the audit log. Raises StoreError."""

    def since(self, at: datetime) -> tuple[AuditEntry, ...]:
        """Return the entries from `at` on, in the order in which they were appended."""
        ...


@dataclass(frozen=True, slots=True)
class NewDigests:
    """Makes digests."""

    reports: Reports
    owner_lookup: OwnerLookup
    history: DigestHistoryStore
    expire_late: Callable[[], None]
    """Expires what late batches have not sent, so that their owners do not count as notified."""
    audit: AuditReader
    old_images: Callable[[], tuple[OldImage, ...]]
    """Returns the images of deleted instances that are older than the team wants to keep them."""
    remind_after: timedelta
    """When an owner is reminded though nothing is new."""
    saved: Callable[[datetime], SavingsTotal]
    """Returns what was saved lately, as of a time."""
    schedule_tags: tuple[str, ...] = ()
    """The tags of instances that a scheduler stops and starts."""

    def make(self, nudges: str, planned_at: datetime) -> Digest:
        """Scan, and return the digest that is planned at this time. `nudges` becomes `Digest.nudges`."""
        snapshot, report = self.reports.from_new_scan()
        self.expire_late()
        history = self.history.load()
        owners = self.owner_lookup.owners(owner_addresses(report))
        owner_findings, unassigned = findings_by_owner(report, owners)
        changes = compare(report, owners, snapshot.inventory, history)
        due = frozenset(
            findings.owner.user_id for findings in owner_findings if self._is_due(findings, history, report.as_of)
        )
        extended = self._extended(report, changes.since)
        # What is done during the scan is in the next digest, which begins where this one is planned.
        since = self.audit.since(history.planned_at) if history.planned_at else ()
        settled = tuple(entry for entry in since if entry.record.at < planned_at)
        return Digest(
            report,
            changes,
            history,
            owner_findings,
            due,
            unassigned,
            nudges,
            extended,
            settled,
            self.old_images(),
            self._told(snapshot, report, changes) if report.has_costs else (),
            self.saved(report.as_of) if report.has_costs else None,
        )

    def run(self, batch: Batch, digest: Digest) -> Run:
        """Return the run of a digest: what is remembered once somebody can have seen it."""
        report = digest.report
        fingerprint = policy_fingerprint(report.policy)
        memory = DigestMemory(digest.changes.open_findings, trend_point(report), fingerprint, digest.told)
        return Run(batch.id, batch.planned_at, self.history.encode(memory))

    def _told(self, snapshot: Snapshot, report: Report, changes: Changes) -> tuple[ToldInstance, ...]:
        titles = {one.key.subject: (one.title, one.owner_names) for one in changes.open_findings}
        return tuple(told_instances(report, snapshot.volumes, titles, self.schedule_tags))

    def _extended(self, report: Report, since: datetime | None) -> tuple[GrantedExemption, ...]:
        """Return what administrators are shown once; all of it in the first digest."""
        extended = extended_again(counting_exemptions(report, self.reports.grants()))
        return tuple(one for one in extended if since is None or one.grant.granted_at >= since)

    def _is_due(self, findings: OwnerFindings, history: DigestHistory, now: datetime) -> bool:
        return is_nudge_due(
            finding_keys(findings.rows), history.last_nudges.get(findings.owner.user_id), now, self.remind_after
        )
