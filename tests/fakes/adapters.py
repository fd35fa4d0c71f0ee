"""Stand-ins for the adapters: each has its adapter's interface, and records what was asked of it."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from bailiff_bot.domain.delivery import DIGESTS, Delivery, Occasion, Part, Plan, State
from bailiff_bot.domain.history import Count, FindingKey, Memory, Nudged
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.owner import NoOwner, Owner, Owners
from bailiff_bot.errors import StoreError
from bailiff_bot.leases import Turns
from bailiff_bot.store.digest_history import UNUSED
from bailiff_bot.store.scan_counts import counted
from bailiff_bot.usecases.snapshots import Snapshot, Snapshots
from tests.fakes.outbox import FakeLedger

P = ParamSpec("P")
T = TypeVar("T")
FRESH = timedelta(minutes=15)


class FakeClock:
    """Stands until it is moved; any thread may move it."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)) -> None:
        self.at = at
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self.at

    def move(self, elapsed: timedelta) -> None:
        with self._lock:
            self.at += elapsed

    def pause(self, seconds: float) -> bool:
        """Let the time pass for which somebody waits; nothing ever stops."""
        self.move(timedelta(seconds=seconds))
        return False


class FakeRoster:
    """Knows the owners it is given, and nobody else."""

    def __init__(self, known: Mapping[str, Owner | NoOwner] | None = None) -> None:
        self.known = dict(known or {})
        self.asked: list[frozenset[str]] = []

    def owners(self, addresses: frozenset[str]) -> Owners:
        self.asked.append(addresses)
        return {
            address: self.known.get(address, NoOwner(f"no active Slack user has {address}")) for address in addresses
        }


class FakePeopleCache:
    """Remembers whom it was told of, and when."""

    def __init__(self) -> None:
        self.people: dict[str, tuple[Owner | NoOwner, datetime]] = {}

    def recall(self, addresses: frozenset[str], since: datetime) -> dict[str, Owner | NoOwner]:
        return {address: owner for address, (owner, at) in self.people.items() if address in addresses and at >= since}

    def remember(self, found: Mapping[str, Owner | NoOwner], now: datetime) -> None:
        answered = {who: one for who, one in found.items() if isinstance(one, Owner) or not one.unanswered}
        self.people.update({address: (owner, now) for address, owner in answered.items()})


class FakeHistory:
    """Remembers what the digests in a ledger let it that somebody may have seen, and what became of the nudges."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def recall(self) -> Memory:
        plans = [plan for plan in self._ledger.plans if plan.dispatch.occasion in DIGESTS]
        seen = [plan for plan in plans if self._parent(plan).state in {State.SENT, State.UNKNOWN}]
        latest = [plan for plan in sorted(seen, key=lambda one: one.dispatch.planned) if plan.sightings is not None][
            -1:
        ]
        owed, policy = next(((plan.sightings or (), plan.policy) for plan in latest), ((), ""))
        points = sorted((plan.point for plan in seen if plan.point), key=lambda one: one.at)
        nudged = [one for plan in plans for one in self._nudges(plan)]
        return Memory(owed, {one.recipient: self._amended(one, plans) for one in nudged}, tuple(points), policy)

    def _parent(self, plan: Plan) -> Delivery:
        return self._ledger.deliveries(plan.dispatch.id)[0]

    def _nudges(self, plan: Plan) -> Iterable[Nudged]:
        drafts = {draft.recipient: draft for draft in plan.drafts if draft.part is Part.NUDGE}
        for delivery in self._ledger.deliveries(plan.dispatch.id):
            if delivery.part is Part.NUDGE and delivery.state not in {State.REFUSED, State.EXPIRED}:
                told, planned = drafts[delivery.recipient].findings, plan.dispatch.planned
                yield Nudged(delivery.recipient, planned, told, told, delivery.channel, delivery.ts)

    def _amended(self, nudged: Nudged, plans: Iterable[Plan]) -> Nudged:
        edits = [
            draft
            for plan in plans
            for draft, delivery in zip(plan.drafts, self._ledger.deliveries(plan.dispatch.id), strict=True)
            if draft.part is Part.EDIT and delivery.state is State.SENT
        ]
        left: list[frozenset[FindingKey]] = [one.findings for one in edits if one.edits == nudged.ts and one.edits]
        return replace(nudged, left=left[-1]) if left else nudged


class FakeSchedules:
    """Remembers since when a schedule stands, and takes the used slots from a ledger."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger
        self._texts: dict[str, tuple[datetime, datetime]] = {}
        """Of each text, since when it stands and when it was last used."""

    def since(self, schedule: str, now: datetime) -> datetime:
        since, seen = self._texts.get(schedule, (now, now))
        self._texts[schedule] = (now if seen < now - UNUSED else since, max(seen, now))
        return self._texts[schedule][0]

    def slots(self, day: str) -> frozenset[str]:
        dispatches = [plan.dispatch for plan in self._ledger.plans if plan.dispatch.occasion is Occasion.SCHEDULED]
        return frozenset(one.slot for one in dispatches if one.slot.startswith(day))


class FakeAlbum:
    """Keeps the latest snapshot for as many processes as share it; `away` is what a database that fails raises."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.snapshot = snapshot
        self.counted: list[Count] = []
        self.read = 0
        """How often the snapshot was read as a whole."""
        self.away: StoreError | None = None

    def latest_at(self) -> datetime | None:
        snapshot = self._there()
        return snapshot.inventory.at if snapshot else None

    def latest(self) -> Snapshot | None:
        self.read += 1
        return self._there()

    def keep(self, snapshot: Snapshot) -> None:
        kept = self._there()
        if kept is None or kept.inventory.at <= snapshot.inventory.at:
            self.snapshot = snapshot
        before = [count for count in self.counted if count.at < snapshot.inventory.at]
        self.counted.append(counted(snapshot, before[-1] if before else None))

    def watch(self, inventory: Inventory) -> Inventory:
        self._there()
        return inventory

    def counts(self, since: datetime) -> tuple[Count, ...]:
        self._there()
        before = [count for count in self.counted if count.at < since][-1:]
        return (*before, *(count for count in self.counted if count.at >= since))

    def _there(self) -> Snapshot | None:
        if self.away:
            raise self.away
        return self.snapshot


class FakeLeases:
    """Gives each turn to one holder at a time."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
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


class FakeCamera:
    """Takes the snapshots it is given, one after the other and the last one again and again; raises the exceptions."""

    def __init__(self, *results: Snapshot | Exception) -> None:
        self.results = list(results)
        self.taken = 0

    def __call__(self) -> Snapshot:
        self.taken += 1
        result = self.results[min(self.taken, len(self.results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result


class AtOnce(Executor):
    """Runs what it is given before it returns."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future holds whatever was raised
            future.set_exception(error)
        return future


class OnDemand(Executor):
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


def snapshots_of(  # noqa: PLR0913, PLR0917 - a process's parts, of which two processes share some
    take: Callable[[], Snapshot],
    executor: Executor,
    clock: FakeClock,
    album: FakeAlbum | None = None,
    leases: FakeLeases | None = None,
    holder: str = "this process",
    pause: Callable[[float], bool] | None = None,
) -> Snapshots:
    """Return a process's snapshots, which are renewed after a quarter of an hour."""
    turns = Turns(leases or FakeLeases(), holder, clock)
    return Snapshots(take, executor, FRESH, clock, album or FakeAlbum(), turns, pause or clock.pause)
