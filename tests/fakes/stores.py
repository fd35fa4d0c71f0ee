"""Stores in memory: digest history, schedules, snapshots and leases."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.delivery import BatchPlan, Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.digest import DIGEST_KINDS, SCHEDULED_DIGEST, DigestMemory
from bailiff_bot.domain.finding_keys import load_keys
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import DigestHistory, FindingKey, LastNudge
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.scan_counts import count_to_save
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import StoreError
from bailiff_bot.store.digest_memory import decode, encode
from bailiff_bot.store.schedules import UNUSED_AFTER
from tests.fakes.delivery_store import FakeDeliveryStore


class FakeDigestHistoryStore:
    """Derives the digest history from a delivery store: digests that somebody may have seen, and their nudges."""

    def __init__(self, deliveries: FakeDeliveryStore) -> None:
        self._deliveries = deliveries

    def load(self) -> DigestHistory:
        plans = [plan for plan in self._deliveries.plans if plan.batch.kind in DIGEST_KINDS]
        seen = [plan for plan in plans if self._parent(plan).state in {DeliveryState.SENT, DeliveryState.UNKNOWN}]
        runs = sorted((plan.run for plan in seen if plan.run), key=lambda one: one.planned_at)
        memories = [decode(run.memory) for run in runs]
        last_nudges = [one for plan in plans for one in self._nudges(plan)]
        return DigestHistory(
            memories[-1].open_findings if memories else (),
            {one.recipient: self._with_last_edit(one, plans) for one in last_nudges},
            tuple(memory.trend_point for memory in memories),
            memories[-1].policy_fingerprint if memories else "",
        )

    def encode(self, memory: DigestMemory) -> bytes:
        return encode(memory)

    def _parent(self, plan: BatchPlan) -> Delivery:
        return self._deliveries.deliveries(plan.batch.id)[0]

    def _nudges(self, plan: BatchPlan) -> Iterable[LastNudge]:
        messages = {message.recipient: message for message in plan.messages if message.kind is MessageKind.DIRECT}
        for delivery in self._deliveries.deliveries(plan.batch.id):
            if delivery.kind is MessageKind.DIRECT and delivery.state not in {
                DeliveryState.REFUSED,
                DeliveryState.EXPIRED,
            }:
                listed, planned = load_keys(messages[delivery.recipient].about), plan.batch.planned_at
                yield LastNudge(delivery.recipient, planned, listed, listed, delivery.channel, delivery.ts)

    def _with_last_edit(self, last_nudge: LastNudge, plans: Iterable[BatchPlan]) -> LastNudge:
        edits = [
            message
            for plan in plans
            for message, delivery in zip(plan.messages, self._deliveries.deliveries(plan.batch.id), strict=True)
            if message.kind is MessageKind.EDIT and delivery.state is DeliveryState.SENT
        ]
        remaining: list[frozenset[FindingKey]] = [
            load_keys(one.about) for one in edits if one.edited_ts == last_nudge.ts and one.edited_ts
        ]
        return replace(last_nudge, still_listed=remaining[-1]) if remaining else last_nudge


class FakeExemptionStore:
    """Keeps the exemptions that were granted."""

    def __init__(self, *grants: Grant) -> None:
        self.grants = list(grants)

    def live(self, now: datetime) -> tuple[Grant, ...]:
        return tuple(grant for grant in self.grants if grant.until > now)


class FakeAuditReader:
    """Has no entries."""

    def since(self, at: datetime) -> tuple[AuditEntry, ...]:  # noqa: ARG002
        return ()


class FakeOfferStore:
    """Keeps what the buttons are about."""

    def __init__(self) -> None:
        self.offers: list[Offer] = []

    def save(self, made: Sequence[Offer]) -> None:
        self.offers += made


class FakeResultStore:
    """Keeps what came of clicks."""

    def __init__(self, *results: ActionResult) -> None:
        self.results = list(results)

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        return tuple(one for one in self.results if one.offer.message == message)

    def since(self, at: datetime) -> tuple[ActionResult, ...]:
        return tuple(one for one in self.results if one.at >= at)

    def of_user(self, user_id: str, since: datetime) -> tuple[ActionResult, ...]:
        return tuple(one for one in self.results if one.user_id == user_id and one.at >= since)


class FakeScheduleStore:
    """Keeps since when each schedule is followed, and takes the used slots from a delivery store."""

    def __init__(self, deliveries: FakeDeliveryStore) -> None:
        self._deliveries = deliveries
        self._since_and_last_seen: dict[str, tuple[datetime, datetime]] = {}
        """For each schedule's text: since when it is followed, and when it was last used."""

    def record_use(self, schedule: str, now: datetime) -> datetime:
        since, seen = self._since_and_last_seen.get(schedule, (now, now))
        self._since_and_last_seen[schedule] = (now if seen < now - UNUSED_AFTER else since, max(seen, now))
        return self._since_and_last_seen[schedule][0]

    def used_slots(self, day: str) -> frozenset[str]:
        batches = [plan.batch for plan in self._deliveries.plans if plan.batch.kind == SCHEDULED_DIGEST]
        return frozenset(one.slot for one in batches if one.slot.startswith(day))


class FakeSnapshotStore:
    """Keeps the latest snapshot; several processes may share it. Every call raises `unavailable` if it is set."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.snapshot = snapshot
        self.saved_counts: list[ScanCount] = []
        self.full_reads = 0
        """How often the whole snapshot was read."""
        self.unavailable: StoreError | None = None

    def latest_at(self) -> datetime | None:
        snapshot = self._checked()
        return snapshot.inventory.scanned_at if snapshot else None

    def latest(self) -> Snapshot | None:
        self.full_reads += 1
        return self._checked()

    def save(self, snapshot: Snapshot) -> None:
        kept = self._checked()
        if kept is None or kept.inventory.scanned_at <= snapshot.inventory.scanned_at:
            self.snapshot = snapshot
        before = [count for count in self.saved_counts if count.at < snapshot.inventory.scanned_at]
        self.saved_counts.append(count_to_save(snapshot, before[-1] if before else None))

    def record_stop_times(self, inventory: Inventory) -> Inventory:
        self._checked()
        return inventory

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        self._checked()
        before = [count for count in self.saved_counts if count.at < since][-1:]
        return (*before, *(count for count in self.saved_counts if count.at >= since))

    def _checked(self) -> Snapshot | None:
        if self.unavailable:
            raise self.unavailable
        return self.snapshot


class FakeLeaseStore:
    """Gives each lease to one holder at a time."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        with self._lock:
            current, expires = self.held.get(name, (holder, now))
            if current != holder and expires > now:
                return False
            self.held[name] = (holder, until)
            return True

    def extend(self, name: str, holder: str, until: datetime) -> bool:
        with self._lock:
            held = self.held.get(name, ("", None))[0] == holder
            if held:
                self.held[name] = (holder, until)
            return held

    def release(self, name: str, holder: str) -> None:
        with self._lock:
            if self.held.get(name, ("", None))[0] == holder:
                del self.held[name]
