"""The outbox's threads: whoever plans a batch hands it over here and waits for nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Batch
from bailiff_bot.errors import SlackError
from bailiff_bot.outbox.result import BatchResult
from bailiff_bot.outbox.worker import OutboxWorker

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OutboxLoad:
    """How much this process has to send."""

    waiting: int
    """Batches that wait for a thread."""
    sending: int
    """Batches that a thread is sending."""
    oldest_wait: timedelta
    """How long the first of the waiting batches has waited; zero if none waits."""


@dataclass(frozen=True, slots=True, eq=False)
class _Submission:
    """A batch that was handed over. A tick may hand a batch over again, so it is identified by itself."""

    batch_id: str
    at: datetime


class Outbox:
    """Sends batches on its own threads.

    Each kind of batch has its own threads, so that no kind waits for another, for example in a rate limit.
    `new_executor` returns the threads of one kind.
    """

    def __init__(self, worker: OutboxWorker, new_executor: Callable[[], Executor], clock: Clock) -> None:
        self._worker = worker
        self._executors = {kind: new_executor() for kind in worker.kinds}
        self._clock = clock
        self._lock = Lock()
        self._waiting: set[_Submission] = set()
        self._sending: set[_Submission] = set()
        self._left_alone: set[str] = set()

    def submit(self, batch: Batch) -> Future[BatchResult]:
        """Send a batch that was planned. The future has the result, or the StoreError."""
        return self._submit(batch, self._worker.send)

    def resume_unfinished(self) -> tuple[Future[None], ...]:
        """Resume each unfinished batch, of any process, that is not being sent by this one. Raises StoreError."""
        return tuple(self._submit(one, self._worker.resume) for one in self._unfinished() if not self._has(one))

    def expire_late(self) -> None:
        """Expire what late batches have not sent, so that the next plan sends it. Raises StoreError."""
        for batch in self._unfinished():
            self._worker.expire_if_late(batch)

    def load(self) -> OutboxLoad:
        """Return how much there is to send."""
        with self._lock:
            now = self._clock()
            since = min((one.at for one in self._waiting), default=now)
            return OutboxLoad(len(self._waiting), len(self._sending), now - since)

    def stop(self) -> None:
        """Take no more batches, and wait for those that are being sent.

        Before it, the senders' `pause` must return True: then they send nothing more, and waiting batches end at once.
        """
        for executor in self._executors.values():
            executor.shutdown(wait=True)

    def _unfinished(self) -> Iterator[Batch]:
        """Yield the unfinished batches that this version knows."""
        for batch in self._worker.unfinished():
            if unknown := self._worker.unknown_part(batch):
                self._leave_alone(batch, unknown)
            else:
                yield batch

    def _leave_alone(self, batch: Batch, unknown: str) -> None:
        """Log once that a batch of another version is not touched."""
        if batch.id not in self._left_alone:
            self._left_alone.add(batch.id)
            log.warning("batch.left_alone", slot=batch.slot, reason=f"this version does not know {unknown}")

    def _has(self, batch: Batch) -> bool:
        """Return True if a thread of this process sends the batch, or will."""
        with self._lock:
            return any(one.batch_id == batch.id for one in self._waiting | self._sending)

    def _submit(self, batch: Batch, send: Callable[[Batch], T]) -> Future[T]:
        submission = _Submission(batch.id, self._clock())
        with self._lock:
            self._waiting.add(submission)
        try:
            return self._executors[batch.kind].submit(self._run, submission, batch, send)
        except RuntimeError:  # the threads are stopped
            with self._lock:
                self._waiting.remove(submission)
            refused: Future[T] = Future()
            refused.set_exception(SlackError("It is not sent yet, because Bailiff stops: the next start sends it."))
            return refused

    def _run(self, submission: _Submission, batch: Batch, send: Callable[[Batch], T]) -> T:
        with self._lock:
            self._waiting.remove(submission)
            self._sending.add(submission)
        try:
            return send(batch)
        finally:
            with self._lock:
                self._sending.remove(submission)
