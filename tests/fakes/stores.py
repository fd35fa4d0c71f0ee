"""Stores in memory: digest history, schedules, snapshots and leases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditEntry, AuditRecord
from bailiff_bot.domain.delegation import Delegation, live
from bailiff_bot.domain.delivery import BatchPlan, Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.digest import DIGEST_KINDS, SCHEDULED_DIGEST, DigestMemory, copied_from
from bailiff_bot.domain.exempt_instances import exempt_times
from bailiff_bot.domain.finding_keys import load_keys
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import DigestHistory, FindingKey, LastNudge
from bailiff_bot.domain.instance import FirstExempt
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Assignment, Disclaimer, OwnershipClaims
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.scan_counts import count_to_save
from bailiff_bot.domain.snapshot import InstanceUpdate, Snapshot
from bailiff_bot.domain.stopped_instances import InstanceKey
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
        sent = [self._with_last_edit(one, plans) for plan in plans for one in self._direct_messages(plan)]
        copies = {(one.recipient, one.copied_from): one for one in sent if one.copied_from}
        return DigestHistory(
            memories[-1].open_findings if memories else (),
            {one.recipient: one for one in sent if not one.copied_from},
            tuple(memory.trend_point for memory in memories),
            memories[-1].policy_fingerprint if memories else "",
            last_copies=tuple(copies[pair] for pair in sorted(copies)),
        )

    def encode(self, memory: DigestMemory) -> bytes:
        return encode(memory)

    def _parent(self, plan: BatchPlan) -> Delivery:
        return self._deliveries.deliveries(plan.batch.id)[0]

    def _direct_messages(self, plan: BatchPlan) -> Iterable[LastNudge]:
        messages = {(message.recipient, message.name): message for message in plan.messages}
        for delivery in self._deliveries.deliveries(plan.batch.id):
            if delivery.kind is MessageKind.DIRECT and delivery.state not in {
                DeliveryState.REFUSED,
                DeliveryState.EXPIRED,
            }:
                listed = load_keys(messages[delivery.recipient, delivery.name].about)
                yield LastNudge(
                    delivery.recipient,
                    plan.batch.planned_at,
                    listed,
                    listed,
                    delivery.channel,
                    delivery.ts,
                    copied_from=copied_from(delivery.name),
                )

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

    def get(self, exemption_id: str) -> Grant | None:
        return next((grant for grant in self.grants if grant.id == exemption_id), None)


class FakeOwnershipStore:
    """Keeps what was said of who owns an instance."""

    def __init__(self, *claims: OwnershipClaims) -> None:
        self.claims = claims[0] if claims else OwnershipClaims()

    def live(self, now: datetime) -> OwnershipClaims:
        return replace(self.claims, disclaimers=tuple(one for one in self.claims.disclaimers if one.until > now))

    def assignment(self, assignment_id: str) -> Assignment | None:
        return next((one for one in self.claims.assignments if one.id == assignment_id), None)

    def disclaimer(self, disclaimer_id: str) -> Disclaimer | None:
        return next((one for one in self.claims.disclaimers if one.id == disclaimer_id), None)


class FakeDelegationStore:
    """Keeps who acts for whom, and what was recorded. The notices are planned in a delivery store."""

    def __init__(self, *delegations: Delegation, delivery_store: FakeDeliveryStore | None = None) -> None:
        self.delegations = list(delegations)
        self.delivery_store = delivery_store or FakeDeliveryStore()
        self.records: list[AuditRecord] = []

    def begin(self, delegation: Delegation, notice: BatchPlan, record: AuditRecord) -> None:
        pair = delegation.owner_id, delegation.delegate_id
        others = [one for one in self.delegations if (one.owner_id, one.delegate_id) != pair]
        self.delegations = [*others, delegation]
        assert self.delivery_store.save_plan(notice)
        self.records.append(record)

    def end(self, delegation_id: str, at: datetime, notice: BatchPlan, record: AuditRecord) -> bool:
        found = self.get(delegation_id)
        if found is None or found.until <= at:
            return False
        self.delegations[self.delegations.index(found)] = replace(found, until=at)
        assert self.delivery_store.save_plan(notice)
        self.records.append(record)
        return True

    def get(self, delegation_id: str) -> Delegation | None:
        return next((one for one in self.delegations if one.id == delegation_id), None)

    def live(self, now: datetime) -> tuple[Delegation, ...]:
        return live(self.delegations, now)

    def of_owner(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        return tuple(one for one in live(self.delegations, now) if one.owner_id == user_id)

    def of_delegate(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        return tuple(one for one in live(self.delegations, now) if one.delegate_id == user_id)


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

    def same_rendering(self, offer: Offer) -> tuple[Offer, ...]:
        return tuple(one for one in self.offers if one.at == offer.at and not one.made_id)


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

    def words(self, action: Action, made_ids: Iterable[str]) -> Mapping[str, str]:
        made = set(made_ids)
        return {one.made_id: one.reason for one in self.results if one.action is action and one.made_id in made}


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
        self.first_exempt: dict[InstanceKey, FirstExempt] = {}
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

    def updates(self, since: datetime) -> tuple[InstanceUpdate, ...]:
        """Return no updates."""
        del since
        return ()

    def record_first_exempt(self, inventory: Inventory, policy: Policy) -> Inventory:
        self._checked()
        times = exempt_times(inventory, self.first_exempt, policy)
        self.first_exempt = {key: one for key, one in self.first_exempt.items() if key not in times.gone} | dict(
            times.new
        )
        return times.inventory

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
