"""The use cases that send: the digest with its nudges, the preview, the full report.

Each one saves a plan of all its messages before it sends the first. So any process can resume an unfinished plan.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from bailiff_bot.domain.changes import Changes, compare
from bailiff_bot.domain.delivery import DIGEST_KINDS, SETTLED, Batch, BatchKind, BatchPlan, OutgoingMessage
from bailiff_bot.domain.history import (
    DigestHistory,
    FindingKey,
    LastNudge,
    finding_keys,
    is_nudge_due,
    remaining_findings,
    trend_point,
)
from bailiff_bot.domain.owner import (
    OwnerFindings,
    OwnersByAddress,
    UnassignedFindings,
    findings_by_owner,
    owner_addresses,
)
from bailiff_bot.domain.policy import policy_fingerprint
from bailiff_bot.domain.report import Report
from bailiff_bot.errors import SlackError, StoreError
from bailiff_bot.leases import Leases
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.usecases.reports import Reports

PREVIEW = "preview"
"""The value of `Digest.nudges` in a digest that only one person sees."""
ANSWER_EXPIRES_AFTER = timedelta(hours=1)
"""When a message that a person requested is too late to be sent."""
_LEASE = "digest"
_POLL_SECONDS = 0.5


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


class MessageRenderer(Protocol):
    """Renders the messages to send."""

    def digest(self, digest: Digest, recipient: str) -> tuple[tuple[OutgoingMessage, ...], Mapping[str, Any]]:
        """Return the parent with its thread, and the context for the final delivery summary, as JSON."""
        ...

    def nudge(self, findings: OwnerFindings, digest: Digest, last_nudge: LastNudge | None) -> OutgoingMessage:
        """Return the direct message to an owner. `last_nudge` is the message before, if there was one."""
        ...

    def updated_nudge(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], digest: Digest) -> OutgoingMessage:
        """Return an edit of an earlier direct message that still lists the `remaining` findings."""
        ...

    def superseded_nudge(self, last_nudge: LastNudge) -> OutgoingMessage:
        """Return an edit of an earlier direct message that a newer one supersedes."""
        ...

    def full_report(self, report: Report, recipient: str, owner_keys: tuple[str, ...]) -> tuple[OutgoingMessage, ...]:
        """Return the parent with its thread."""
        ...


@dataclass(frozen=True, slots=True)
class DigestResult:
    """The result of sending a digest."""

    digest: Digest
    notified: int
    """The number of owners who were notified."""
    problems: tuple[str, ...]
    """One line for each message that was not sent and each owner who was not notified, with the reason."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Sends digests, previews and full reports.

    `channel` returns the id of the digest's channel, or raises Refused.
    """

    reports: Reports
    owner_lookup: OwnerLookup
    renderer: MessageRenderer
    history: DigestHistoryStore
    worker: OutboxWorker
    leases: Leases
    channel: Callable[[], str]
    nudges: str
    """`on`, `dry-run` or `off`."""
    remind_after: timedelta
    """When an owner is reminded though nothing is new."""

    def send_scheduled(self, slot: str, expires_at: datetime) -> DigestResult | None:
        """Send the digest of a slot. Returns None if another replica sends it or has sent it.

        Messages that are not sent by `expires_at` expire. Raises SlackError if the digest does not arrive.
        """
        batch = _batch(BatchKind.SCHEDULED, slot, self.channel(), self._now(), expires_at)
        with self.leases.hold(_LEASE) as acquired:
            # Another replica may have held the lease before, and planned this slot.
            planned = self._plan(batch) if acquired and not self._deliveries.has_slot(slot) else None
        return self._send(*planned) if planned else None

    def send_now(self) -> DigestResult:
        """Send the digest now, after any digest that is being planned. Raises SlackError if it does not arrive."""
        channel = self.channel()
        while True:
            with self.leases.hold(_LEASE) as acquired:
                planned = self._plan(self._unscheduled_batch(BatchKind.MANUAL, channel)) if acquired else None
            if planned:
                return self._send(*planned)
            if self.worker.sender.pause(_POLL_SECONDS):
                raise SlackError("The digest was not sent: Bailiff was told to stop.")

    def send_preview(self, user: str) -> DigestResult:
        """Send a whole digest to one person. It notifies no owner and leaves no history."""
        planned = self._plan(self._unscheduled_batch(BatchKind.PREVIEW, user))
        if planned is None:
            raise SlackError("The preview was not sent: another was planned at the same instant. Send it again.")
        return self._send(*planned)

    def send_full_report(self, user: str, report: Report, owner_keys: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Send every table of a report to a person. Returns one line for each message that was not sent.

        Raises SlackError if the first message was not sent, or if it is not known whether it was.
        """
        batch = self._unscheduled_batch(BatchKind.FULL_REPORT, user)
        self._write(BatchPlan(batch, self.renderer.full_report(report, user, owner_keys)))
        result = self.worker.send(batch)
        if result.deliveries[0].state in SETTLED:
            result.raise_for_parent()
        return result.problems

    @property
    def _deliveries(self) -> DeliveryStore:
        return self.worker.sender.store

    def _now(self) -> datetime:
        return self.worker.current_time()

    def _unscheduled_batch(self, kind: BatchKind, recipient: str) -> Batch:
        now = self._now()
        slot = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S} {kind} {uuid4().hex[:12]}"
        return _batch(kind, slot, recipient, now, now + ANSWER_EXPIRES_AFTER)

    def _plan(self, batch: Batch) -> tuple[Batch, Digest] | None:
        """Scan, and save a plan of all messages. Returns None if another process has the slot or the lease."""
        is_digest = batch.kind in DIGEST_KINDS
        digest = self._make_digest(self.nudges if is_digest else PREVIEW)
        messages, context = self.renderer.digest(digest, batch.recipient)
        batch = replace(batch, context=context)
        if self._now() >= batch.expires_at:
            raise SlackError(f"The digest of {batch.slot} was not sent: the scan took until it was too late for it.")
        if is_digest:
            plan = BatchPlan(
                batch,
                (*messages, *self._direct_messages(digest)),
                digest.changes.open_findings,
                trend_point(digest.report),
                policy_fingerprint(digest.report.policy),
            )
        else:
            plan = BatchPlan(batch, messages)
        if is_digest and not self.leases.still_held(_LEASE):
            return None  # another process may have planned a digest in the meantime, for the same owners
        return (batch, digest) if self._write(plan) else None

    def _write(self, plan: BatchPlan) -> bool:
        """Save a plan. Returns False if another batch has its slot. Raises StoreError.

        If the database did not answer, the plan may be saved all the same: check that before raising.
        """
        try:
            return self._deliveries.save_plan(plan)
        except StoreError as error:
            try:
                saved = bool(self._deliveries.deliveries(plan.batch.id))
            except StoreError:
                raise StoreError(
                    f"{error} If it was written down all the same, the running bot sends it: look before you ask again."
                ) from error
            if not saved:
                raise
            return True

    def _make_digest(self, nudges: str) -> Digest:
        snapshot, report = self.reports.from_new_scan()
        self.worker.expire_late()
        history = self.history.load()
        owners = self.owner_lookup.owners(owner_addresses(report))
        owner_findings, unassigned = findings_by_owner(report, owners)
        changes = compare(report, owners, snapshot.inventory, history, implausible=bool(report.plausibility_warnings))
        due = frozenset(
            findings.owner.user_id for findings in owner_findings if self._is_due(findings, history, report.as_of)
        )
        return Digest(report, changes, history, owner_findings, due, unassigned, nudges)

    def _is_due(self, findings: OwnerFindings, history: DigestHistory, now: datetime) -> bool:
        return is_nudge_due(
            finding_keys(findings.rows), history.last_nudges.get(findings.owner.user_id), now, self.remind_after
        )

    def _direct_messages(self, digest: Digest) -> Iterator[OutgoingMessage]:
        """Yield the nudges to the owners who are due, and edits of earlier nudges that are out of date."""
        notify = digest.nudges == "on" and not digest.report.plausibility_warnings
        notified = digest.owners_due if notify else frozenset()
        current = {findings.owner.user_id: finding_keys(findings.rows) for findings in digest.owner_findings}
        # An unassigned finding may belong to the reader: perhaps the directory or Slack did not answer this time.
        undetermined = (
            finding_keys(row for one in digest.unassigned for row in one.rows) | digest.changes.undetermined.keys()
        )
        for findings in digest.owner_findings:
            user = findings.owner.user_id
            if user in notified:
                yield self.renderer.nudge(findings, digest, digest.history.last_nudges.get(user))
        for user, last_nudge in sorted(digest.history.last_nudges.items()):
            if not last_nudge.ts or not last_nudge.still_listed:
                continue
            remaining = remaining_findings(last_nudge, current.get(user, frozenset()), undetermined)
            if user in notified:
                yield self.renderer.superseded_nudge(last_nudge)
            elif remaining != last_nudge.still_listed:
                yield self.renderer.updated_nudge(last_nudge, remaining, digest)

    def _send(self, batch: Batch, digest: Digest) -> DigestResult:
        """Send a planned digest. Raises SlackError if its parent was not sent."""
        result = self.worker.send(batch)
        result.raise_for_parent()
        failed_lookups = tuple(
            f"{one.owner_label} was not told: {one.reason}" for one in digest.unassigned if one.lookup_failed
        )
        return DigestResult(digest, result.notified, (*failed_lookups, *result.problems))


def _batch(kind: BatchKind, slot: str, recipient: str, planned_at: datetime, expires_at: datetime) -> Batch:
    return Batch(uuid4().hex, kind, slot, recipient, planned_at, expires_at, {})
