"""Stand-ins for the adapters: each has its adapter's interface, and records what was asked of it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from bailiff_bot.domain.owner import Debts, NoOwner, Owner, Owners
from bailiff_bot.domain.report import Report
from bailiff_bot.service import Digest, Posted, Untold
from bailiff_bot.snapshots import Snapshot

P = ParamSpec("P")
T = TypeVar("T")


class FakeClock:
    """Stands until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, elapsed: timedelta) -> None:
        self.at += elapsed


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


class FakeMessenger:
    """Posts nowhere; `failing` raises for the users it names, and `digest_fails` when the digest is posted."""

    def __init__(self, failing: Mapping[str, Exception] | None = None, digest_fails: Exception | None = None) -> None:
        self.failing = dict(failing or {})
        self.digest_fails = digest_fails
        self.events: list[str] = []
        """What was asked, in order: `digest`, `nudge U1`, `outcome`."""
        self.digests: list[Digest] = []
        self.nudged: list[Debts] = []
        self.outcomes: list[tuple[Untold, ...]] = []
        self.on_nudge: Callable[[str], None] = lambda _user_id: None
        """What happens while a nudge is on its way."""
        self._lock = Lock()

    def post_digest(self, digest: Digest) -> Posted:
        self.events.append("digest")
        if self.digest_fails:
            raise self.digest_fails
        self.digests.append(digest)
        return Posted("C0DIGEST", "1.000")

    def post_nudge(self, debts: Debts, report: Report) -> None:
        assert report.count
        user_id = debts.owner.user_id
        self.on_nudge(user_id)
        with self._lock:
            self.events.append(f"nudge {user_id}")
        if user_id in self.failing:
            raise self.failing[user_id]
        with self._lock:
            self.nudged.append(debts)

    def tell_outcome(self, posted: Posted, digest: Digest, failures: tuple[Untold, ...]) -> None:
        assert posted.channel == "C0DIGEST"
        assert digest in self.digests
        self.events.append("outcome")
        self.outcomes.append(failures)

    @property
    def told(self) -> set[str]:
        """The users whom a nudge reached."""
        return {debts.owner.user_id for debts in self.nudged}


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
