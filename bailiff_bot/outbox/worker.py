"""Sends a batch to the end: its deliveries, and the edits that its kind wants once all are settled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import SETTLED, Batch, Delivery
from bailiff_bot.errors import BailiffError, NotAcceptedYet, Refused, SlackError, UnknownKind
from bailiff_bot.outbox.attempt import TOO_LATE
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.result import BatchResult
from bailiff_bot.outbox.sender import OutboxSender

SEND_TIMEOUT = timedelta(minutes=3)
"""How long the deliveries of a batch may take to settle. Afterwards the batch is resumed at a later tick."""

log = structlog.get_logger()


class BatchStore(Protocol):
    """Stores batches. Each method is one transaction and raises StoreError."""

    def unfinished(self) -> tuple[Batch, ...]:
        """Return the batches that are not finished, in the order in which they were planned."""
        ...

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of a batch in their order, without payloads. Raises UnknownKind."""
        ...

    def expire(self, key: str, reason: str) -> bool:
        """Expire a delivery that certainly was not sent. Returns False if it may have been sent, or is settled."""
        ...

    def expire_batch(self, batch_id: str, reason: str) -> None:
        """Expire each delivery of a batch that certainly was not sent: pending, or claimed but never attempted."""
        ...

    def mark_finished(self, batch_id: str, now: datetime) -> None:
        """Record that nothing is left to do for a batch."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxWorker:
    """Sends one batch, in the calling thread."""

    store: BatchStore
    sender: OutboxSender
    edit: Callable[[str, str, Mapping[str, Any]], object]
    """Replaces the content of the message at a channel and a timestamp. Raises SlackError."""
    kinds: Mapping[str, BatchKind]
    clock: Clock

    def send(self, batch: Batch) -> BatchResult:
        """Send the deliveries of a batch that are not settled. If all are settled then, finish the batch."""
        result = BatchResult(self.sender.send_batch(batch, self.clock() + SEND_TIMEOUT))
        return result if result.unsettled else self._finish(batch, result)

    def resume(self, batch: Batch) -> None:
        """Send what is left of a batch, of any process. Errors are logged: a later tick tries again."""
        try:
            self._resume(batch)
        except BailiffError as error:
            log.error("batch.resume_failed", slot=batch.slot, reason=str(error))
        except Exception:
            log.exception("batch.resume_crashed", slot=batch.slot)
            self._finish_if_late(batch)

    def unfinished(self) -> tuple[Batch, ...]:
        """Return the batches that are not finished, in the order in which they were planned. Raises StoreError."""
        return self.store.unfinished()

    def unknown_part(self, batch: Batch) -> str:
        """Return which part of a batch this version does not know; empty if it knows all."""
        if batch.kind not in self.kinds:
            return f"the kind of the batch, {batch.kind!r}"
        try:
            self.store.deliveries(batch.id)
        except UnknownKind as error:
            return str(error)
        return ""

    def expire_if_late(self, batch: Batch) -> None:
        """Expire the deliveries of a late batch that were not sent."""
        if self._is_late(batch):
            self.store.expire_batch(batch.id, TOO_LATE)

    def _resume(self, batch: Batch) -> None:
        kind = self.kinds[batch.kind]
        if not self._is_late(batch):
            kind.guard(batch)
        for delivery in self.store.deliveries(batch.id):
            if delivery.state not in SETTLED and (reason := kind.unwanted(delivery)):
                self.store.expire(delivery.key, reason)
        result = self.send(batch)
        log.info("batch.resumed", slot=batch.slot, unsettled=result.unsettled)
        if not result.unsettled:
            _log_problems(batch, result)

    def _is_late(self, batch: Batch) -> bool:
        return self.clock() >= batch.expires_at

    def _finish_if_late(self, batch: Batch) -> None:
        """Finish a late batch that keeps failing, so that it is not resumed at every tick."""
        if self._is_late(batch):
            self.store.expire_batch(batch.id, TOO_LATE)
            self.store.mark_finished(batch.id, self.clock())

    def _finish(self, batch: Batch, result: BatchResult) -> BatchResult:
        """Edit the messages that the kind names, and mark the batch as finished. It is safe to repeat."""
        kind = self.kinds[batch.kind]
        try:
            for delivery, payload in kind.finalize(batch, result.deliveries):
                kind.guard(batch)
                self.edit(delivery.channel, delivery.ts, payload)
        except SlackError as error:
            result = BatchResult(result.deliveries, str(error))
            if _is_retryable(error) and not self._is_late(batch):
                return result  # a later tick tries again
        self.store.mark_finished(batch.id, self.clock())
        return result


def _is_retryable(error: SlackError) -> bool:
    return isinstance(error, NotAcceptedYet) or not isinstance(error, Refused)


def _log_problems(batch: Batch, result: BatchResult) -> None:
    for delivery in result.unsent:
        log.error("batch.incomplete", slot=batch.slot, message=delivery.label, reason=delivery.reason)
    if result.edit_error:
        log.error("batch.incomplete", slot=batch.slot, reason=result.edit_error)
