"""Stand-ins for the adapters: each has its adapter's interface, and records what was asked of it."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from bailiff_bot.domain.delivery import DIGEST_KINDS, BatchKind, BatchPlan, Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.history import DigestHistory, FindingKey, LastNudge, ScanCount
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import StoreError
from bailiff_bot.leases import Leases
from bailiff_bot.store.digest_history import UNUSED_AFTER
from bailiff_bot.store.scan_counts import count_to_save
from bailiff_bot.usecases.snapshots import Snapshots
from tests.fakes.outbox import FakeDeliveryStore

P = ParamSpec("P")
T = TypeVar("T")
FRESH = timedelta(minutes=15)


class FakeClock:
    """Stands until it is moved; any thread may move it."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)) -> None:
        self.now = now
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, duration: timedelta) -> None:
        with self._lock:
            self.now += duration

    def pause(self, seconds: float) -> bool:
        """Let the time pass for which somebody waits; nothing ever stops."""
        self.advance(timedelta(seconds=seconds))
        return False


class FakeSlackUsers:
    """Knows the owners it is given, and nobody else."""

    def __init__(self, owners_by_address: Mapping[str, Owner | NoOwner] | None = None) -> None:
        self.owners_by_address = dict(owners_by_address or {})
        self.lookups: list[frozenset[str]] = []

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        self.lookups.append(addresses)
        return {
            address: self.owners_by_address.get(address, NoOwner(f"no active Slack user has {address}"))
            for address in addresses
        }


class FakeUserCache:
    """Remembers whom it was told of, and when."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[Owner | NoOwner, datetime]] = {}

    def load(self, addresses: frozenset[str], since: datetime) -> dict[str, Owner | NoOwner]:
        return {address: owner for address, (owner, at) in self.entries.items() if address in addresses and at >= since}

    def save(self, found: Mapping[str, Owner | NoOwner], now: datetime) -> None:
        answered = {who: one for who, one in found.items() if isinstance(one, Owner) or not one.lookup_failed}
        self.entries.update({address: (owner, now) for address, owner in answered.items()})


class FakeDigestHistoryStore:
    """Remembers what the digests in a ledger let it that somebody may have seen, and what became of the nudges."""

    def __init__(self, deliveries: FakeDeliveryStore) -> None:
        self._deliveries = deliveries

    def load(self) -> DigestHistory:
        plans = [plan for plan in self._deliveries.plans if plan.batch.kind in DIGEST_KINDS]
        seen = [plan for plan in plans if self._parent(plan).state in {DeliveryState.SENT, DeliveryState.UNKNOWN}]
        latest = [
            plan for plan in sorted(seen, key=lambda one: one.batch.planned_at) if plan.open_findings is not None
        ][-1:]
        owed, policy = next(((plan.open_findings or (), plan.policy_fingerprint) for plan in latest), ((), ""))
        points = sorted((plan.trend_point for plan in seen if plan.trend_point), key=lambda one: one.at)
        last_nudge = [one for plan in plans for one in self._nudges(plan)]
        return DigestHistory(
            owed, {one.recipient: self._amended(one, plans) for one in last_nudge}, tuple(points), policy
        )

    def _parent(self, plan: BatchPlan) -> Delivery:
        return self._deliveries.deliveries(plan.batch.id)[0]

    def _nudges(self, plan: BatchPlan) -> Iterable[LastNudge]:
        messages = {message.recipient: message for message in plan.messages if message.kind is MessageKind.NUDGE}
        for delivery in self._deliveries.deliveries(plan.batch.id):
            if delivery.kind is MessageKind.NUDGE and delivery.state not in {
                DeliveryState.REFUSED,
                DeliveryState.EXPIRED,
            }:
                told, planned = messages[delivery.recipient].findings, plan.batch.planned_at
                yield LastNudge(delivery.recipient, planned, told, told, delivery.channel, delivery.ts)

    def _amended(self, last_nudge: LastNudge, plans: Iterable[BatchPlan]) -> LastNudge:
        edits = [
            message
            for plan in plans
            for message, delivery in zip(plan.messages, self._deliveries.deliveries(plan.batch.id), strict=True)
            if message.kind is MessageKind.EDIT and delivery.state is DeliveryState.SENT
        ]
        left: list[frozenset[FindingKey]] = [
            one.findings for one in edits if one.edited_ts == last_nudge.ts and one.edited_ts
        ]
        return replace(last_nudge, still_listed=left[-1]) if left else last_nudge


class FakeScheduleStore:
    """Remembers since when a schedule stands, and takes the used slots from a ledger."""

    def __init__(self, deliveries: FakeDeliveryStore) -> None:
        self._deliveries = deliveries
        self._texts: dict[str, tuple[datetime, datetime]] = {}
        """Of each text, since when it stands and when it was last used."""

    def record_use(self, schedule: str, now: datetime) -> datetime:
        since, seen = self._texts.get(schedule, (now, now))
        self._texts[schedule] = (now if seen < now - UNUSED_AFTER else since, max(seen, now))
        return self._texts[schedule][0]

    def used_slots(self, day: str) -> frozenset[str]:
        batches = [plan.batch for plan in self._deliveries.plans if plan.batch.kind is BatchKind.SCHEDULED]
        return frozenset(one.slot for one in batches if one.slot.startswith(day))


class FakeSnapshotStore:
    """Keeps the latest snapshot for as many processes as share it; `away` is what a database that fails raises."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.snapshot = snapshot
        self.counted: list[ScanCount] = []
        self.read = 0
        """How often the snapshot was read as a whole."""
        self.unavailable: StoreError | None = None

    def latest_at(self) -> datetime | None:
        snapshot = self._checked()
        return snapshot.inventory.scanned_at if snapshot else None

    def latest(self) -> Snapshot | None:
        self.read += 1
        return self._checked()

    def save(self, snapshot: Snapshot) -> None:
        kept = self._checked()
        if kept is None or kept.inventory.scanned_at <= snapshot.inventory.scanned_at:
            self.snapshot = snapshot
        before = [count for count in self.counted if count.at < snapshot.inventory.scanned_at]
        self.counted.append(count_to_save(snapshot, before[-1] if before else None))

    def record_stop_times(self, inventory: Inventory) -> Inventory:
        self._checked()
        return inventory

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        self._checked()
        before = [count for count in self.counted if count.at < since][-1:]
        return (*before, *(count for count in self.counted if count.at >= since))

    def _checked(self) -> Snapshot | None:
        if self.unavailable:
            raise self.unavailable
        return self.snapshot


class FakeLeaseStore:
    """Gives each turn to one holder at a time."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        with self._lock:
            had_by, ends = self.held.get(name, (holder, now))
            if had_by != holder and ends > now:
                return False
            self.held[name] = (holder, until)
            return True

    def release(self, name: str, holder: str) -> None:
        with self._lock:
            if self.held.get(name, ("", None))[0] == holder:
                del self.held[name]


class FakeSnapshotSource:
    """Takes the snapshots it is given, one after the other and the last one again and again; raises the exceptions."""

    def __init__(self, *results: Snapshot | Exception) -> None:
        self.results = list(results)
        self.calls = 0

    def __call__(self) -> Snapshot:
        self.calls += 1
        result = self.results[min(self.calls, len(self.results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result


class ImmediateExecutor(Executor):
    """Runs what it is given before it returns."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future holds whatever was raised
            future.set_exception(error)
        return future


class DeferredExecutor(Executor):
    """Keeps what it is given until it is told to run it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        self.waiting.append((future, lambda: work(*args, **kwargs)))
        return future

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for future, work in waiting:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - a future holds whatever was raised
                future.set_exception(error)


def make_snapshots(  # noqa: PLR0913, PLR0917 - a process's parts, of which two processes share some
    take_snapshot: Callable[[], Snapshot],
    executor: Executor,
    clock: FakeClock,
    store: FakeSnapshotStore | None = None,
    lease_store: FakeLeaseStore | None = None,
    holder: str = "this process",
    pause: Callable[[float], bool] | None = None,
) -> Snapshots:
    """Return a process's snapshots, which are renewed after a quarter of an hour."""
    leases = Leases(lease_store or FakeLeaseStore(), holder, clock)
    return Snapshots(take_snapshot, executor, FRESH, clock, store or FakeSnapshotStore(), leases, pause or clock.pause)
