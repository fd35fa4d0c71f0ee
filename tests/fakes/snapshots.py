"""Prepared snapshots, and a process's `Snapshots` over fakes."""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta

from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.leases import Leases
from bailiff_bot.usecases.snapshots import Snapshots
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeLeaseStore, FakeSnapshotStore

MAX_AGE = timedelta(minutes=15)


class FakeSnapshotSource:
    """Returns the given results in order, then the last one again and again. Raises those that are exceptions."""

    def __init__(self, *results: Snapshot | Exception) -> None:
        self.results = list(results)
        self.calls = 0

    def __call__(self) -> Snapshot:
        self.calls += 1
        result = self.results[min(self.calls, len(self.results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result


def make_snapshots(  # noqa: PLR0913, PLR0917 - the parts of a process; two processes share some of them
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
    return Snapshots(
        take_snapshot, executor, MAX_AGE, clock, store or FakeSnapshotStore(), leases, pause or clock.pause
    )
