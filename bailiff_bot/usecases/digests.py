"""The use cases that send: the digest with its nudges, the preview, the full report. Each is planned, then carried out.

A plan is written down as a whole before anything is sent, so that whoever finds it unfinished can go on with it.
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
"""The nudges of a digest that one person alone gets to see."""
ANSWER_EXPIRES_AFTER = timedelta(hours=1)
"""For how long somebody who asked waits for what was asked for."""
_LEASE = "digest"
_POLL_SECONDS = 0.5


class OwnerLookup(Protocol):
    """Who is who in the Slack workspace."""

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner behind each e-mail address, or the reason why there is none."""
        ...


class DigestHistoryStore(Protocol):
    """What earlier digests said; raises StoreError."""

    def load(self) -> DigestHistory:
        """Return what is remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Digest:
    """What is said to everyone once a day."""

    report: Report
    changes: Changes
    history: DigestHistory
    owner_findings: tuple[OwnerFindings, ...]
    """Those of each owner that was found."""
    owners_due: frozenset[str]
    """The users among these who are told, or would be: the others were, and nothing is new."""
    unassigned: tuple[UnassignedFindings, ...]
    """Those of nobody that could be found."""
    nudges: str
    """`on`: the owners are told; `dry-run`: the thread says who would be; `off`; `preview`."""


class MessageRenderer(Protocol):
    """Draws what is sent."""

    def digest(self, digest: Digest, recipient: str) -> tuple[tuple[OutgoingMessage, ...], Mapping[str, Any]]:
        """Return the parent and its thread, and what the last word on who was told is drawn from, as JSON."""
        ...

    def nudge(self, findings: OwnerFindings, digest: Digest, last_nudge: LastNudge | None) -> OutgoingMessage:
        """Return the direct message to an owner, who was told before or not."""
        ...

    def updated_nudge(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], digest: Digest) -> OutgoingMessage:
        """Return the new content of an earlier direct message, of which so much is left."""
        ...

    def superseded_nudge(self, last_nudge: LastNudge) -> OutgoingMessage:
        """Return the new content of an earlier direct message that a newer one replaces."""
        ...

    def full_report(self, report: Report, recipient: str, owner_keys: tuple[str, ...]) -> tuple[OutgoingMessage, ...]:
        """Return the parent and its thread."""
        ...


@dataclass(frozen=True, slots=True)
class DigestResult:
    """How a digest went."""

    digest: Digest
    notified: int
    """How many owners were told."""
    problems: tuple[str, ...]
    """What did not arrive and who was not told, with the reason, a line each."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Sends; `channel` returns the id of the digest's channel, or raises Refused."""

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
    """After which an owner is told again though nothing is new."""

    def send_scheduled(self, slot: str, expires_at: datetime) -> DigestResult | None:
        """Send the digest of a slot, unless another replica does; what is not sent at `expires` no longer is."""
        batch = _batch(BatchKind.SCHEDULED, slot, self.channel(), self._now(), expires_at)
        with self.leases.hold(_LEASE) as mine:
            # Also with the turn: another replica may have had it before.
            planned = self._plan(batch) if mine and not self._deliveries.has_slot(slot) else None
        return self._send(*planned) if planned else None

    def send_now(self) -> DigestResult:
        """Send the digest now; raises SlackError when it does not arrive."""
        channel = self.channel()
        while True:
            with self.leases.hold(_LEASE) as mine:
                planned = self._plan(self._unscheduled_batch(BatchKind.MANUAL, channel)) if mine else None
            if planned:
                return self._send(*planned)
            if self.worker.sender.pause(_POLL_SECONDS):
                raise SlackError("The digest was not sent: Bailiff was told to stop.")

    def send_preview(self, user: str) -> DigestResult:
        """Send the whole of a digest to one person alone; it tells no owner, and is forgotten."""
        planned = self._plan(self._unscheduled_batch(BatchKind.PREVIEW, user))
        if planned is None:
            raise SlackError("The preview was not sent: another was planned at the same instant. Send it again.")
        return self._send(*planned)

    def send_full_report(self, user: str, report: Report, owner_keys: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Send every table of a report to a person; return what is missing of it, a line each.

        Raises SlackError when not even its first message will arrive.
        """
        batch = self._unscheduled_batch(BatchKind.FULL_REPORT, user)
        self._write(BatchPlan(batch, self.renderer.full_report(report, user, owner_keys)))
        carried = self.worker.send(batch)
        if carried.deliveries[0].state in SETTLED:
            carried.raise_for_parent()
        return carried.problems

    @property
    def _deliveries(self) -> DeliveryStore:
        return self.worker.sender.store

    def _now(self) -> datetime:
        return self.worker.now()

    def _unscheduled_batch(self, occasion: BatchKind, recipient: str) -> Batch:
        now = self._now()
        slot = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S} {occasion} {uuid4().hex[:12]}"
        return _batch(occasion, slot, recipient, now, now + ANSWER_EXPIRES_AFTER)

    def _plan(self, batch: Batch) -> tuple[Batch, Digest] | None:
        """Look at the tenant, and write down all that is to be sent; None when the slot is somebody else's."""
        known = batch.kind in DIGEST_KINDS
        digest = self._make_digest(self.nudges if known else PREVIEW)
        messages, context = self.renderer.digest(digest, batch.recipient)
        batch = replace(batch, context=context)
        if self._now() >= batch.expires_at:
            raise SlackError(f"The digest of {batch.slot} was not sent: the scan took until it was too late for it.")
        if known:
            direct = tuple(self._direct_messages(digest))
            rules = policy_fingerprint(digest.report.policy)
            plan = BatchPlan(
                batch, (*messages, *direct), digest.changes.open_findings, trend_point(digest.report), rules
            )
        else:
            plan = BatchPlan(batch, messages)
        if known and not self.leases.still_held(_LEASE):
            return None  # somebody else may have looked at the tenant meanwhile, and told the same owners
        return (batch, digest) if self._write(plan) else None

    def _write(self, plan: BatchPlan) -> bool:
        """Write a plan down; where the database gives no answer, look whether it did."""
        try:
            return self._deliveries.save_plan(plan)
        except StoreError as error:
            try:
                written = bool(self._deliveries.deliveries(plan.batch.id))
            except StoreError:
                raise StoreError(
                    f"{error} If it was written down all the same, the running bot sends it: look before you ask again."
                ) from error
            if not written:
                raise
            return True

    def _make_digest(self, nudges: str) -> Digest:
        snapshot, report = self.reports.from_new_scan()
        self.worker.expire_late()
        memory = self.history.load()
        owners = self.owner_lookup.owners(owner_addresses(report))
        debts, unassigned = findings_by_owner(report, owners)
        changes = compare(report, owners, snapshot.inventory, memory, implausible=bool(report.plausibility_warnings))
        due = frozenset(one.owner.user_id for one in debts if self._is_due(one, memory, report.as_of))
        return Digest(report, changes, memory, debts, due, unassigned, nudges)

    def _is_due(self, findings: OwnerFindings, history: DigestHistory, now: datetime) -> bool:
        return is_nudge_due(
            finding_keys(findings.rows), history.last_nudges.get(findings.owner.user_id), now, self.remind_after
        )

    def _direct_messages(self, digest: Digest) -> Iterator[OutgoingMessage]:
        """Yield the direct messages, and the new content of those that would no longer be true."""
        told = digest.owners_due if digest.nudges == "on" and not digest.report.plausibility_warnings else frozenset()
        owed = {one.owner.user_id: finding_keys(one.rows) for one in digest.owner_findings}
        # What nobody was found for may be the reader's all the same: the directory or Slack may have told nothing.
        uncertain = (
            finding_keys(row for one in digest.unassigned for row in one.rows) | digest.changes.undetermined.keys()
        )
        for debts in digest.owner_findings:
            if debts.owner.user_id in told:
                yield self.renderer.nudge(debts, digest, digest.history.last_nudges.get(debts.owner.user_id))
        for user, last_nudge in sorted(digest.history.last_nudges.items()):
            left = remaining_findings(last_nudge, owed.get(user, frozenset()), uncertain)
            if not last_nudge.ts or not last_nudge.still_listed:
                continue
            if user in told:
                yield self.renderer.superseded_nudge(last_nudge)
            elif left != last_nudge.still_listed:
                yield self.renderer.updated_nudge(last_nudge, left, digest)

    def _send(self, batch: Batch, digest: Digest) -> DigestResult:
        """Carry a digest out; raises SlackError when it did not arrive."""
        carried = self.worker.send(batch)
        carried.raise_for_parent()
        unanswered = tuple(
            f"{one.owner_label} was not told: {one.reason}" for one in digest.unassigned if one.lookup_failed
        )
        return DigestResult(digest, carried.notified, (*unanswered, *carried.problems))


def _batch(occasion: BatchKind, slot: str, recipient: str, planned: datetime, expires: datetime) -> Batch:
    return Batch(uuid4().hex, occasion, slot, recipient, planned, expires, {})
