"""Sends batches to the end, updates their delivery summary, and resumes unfinished batches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bailiff_bot.domain.delivery import DIGEST_KINDS, SETTLED, Batch, Delivery, DeliveryState, MessageKind
from bailiff_bot.errors import BailiffError, NotAcceptedYet, Refused, SlackError, StoreError
from bailiff_bot.outbox.attempt import TOO_LATE
from bailiff_bot.outbox.sender import OutboxSender

SEND_TIMEOUT = timedelta(minutes=3)
"""How long `send` waits for the deliveries of a batch to settle. Afterwards the periodic work resumes the batch."""

Finalize = Callable[[Mapping[str, Any], tuple[Delivery, ...]], Mapping[str, Any] | None]
"""Returns the final content of the delivery summary, from the batch's context and its settled deliveries.

Returns None if the summary is already correct.
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The deliveries of a batch after `send`."""

    deliveries: tuple[Delivery, ...]
    """The parent first."""
    finalize_problems: tuple[str, ...] = ()
    """Why the delivery summary could not be updated. Empty, or one line."""

    @property
    def unsettled(self) -> int:
        """The number of deliveries that are not settled yet."""
        return sum(delivery.state not in SETTLED for delivery in self.deliveries)

    @property
    def notified(self) -> int:
        """The number of owners who were notified."""
        return sum(
            delivery.kind is MessageKind.NUDGE and delivery.state is DeliveryState.SENT for delivery in self.deliveries
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """One line for each delivery that was not sent, with the reason, and `finalize_problems`."""
        unsent = (delivery for delivery in self.deliveries if delivery.state is not DeliveryState.SENT)
        return (*map(_problem, unsent), *self.finalize_problems)

    def raise_for_parent(self) -> None:
        """Raise SlackError if the parent was not sent, or if it is not known whether it was sent."""
        parent = self.deliveries[0]
        match parent.state:
            case DeliveryState.REFUSED | DeliveryState.EXPIRED:
                raise SlackError(f"It was not sent: {parent.reason}")
            case DeliveryState.UNKNOWN:
                raise SlackError(f"It may or may not have been sent: {parent.reason}")
            case DeliveryState.PENDING | DeliveryState.SENDING:
                raise SlackError("It is not certain yet that it was sent, and the running bot sees to it.")


@dataclass(frozen=True, slots=True)
class OutboxWorker:
    """Sends batches and resumes unfinished ones."""

    sender: OutboxSender
    finalize: Finalize
    check_channel: Callable[[str], object]
    """Raises SlackError if a digest must not be posted in the channel any more."""
    nudges_enabled: bool
    """Whether owners are notified. If False, nudges that were planned earlier expire."""
    in_progress: set[str] = field(default_factory=set)
    """The ids of the batches that a thread of this process is sending."""

    def current_time(self) -> datetime:
        """Return the current time in UTC."""
        return self.sender.clock()

    def send(self, batch: Batch) -> BatchResult:
        """Send the deliveries of a batch that are not settled. If all are settled then, finish the batch."""
        self.in_progress.add(batch.id)
        try:
            result = BatchResult(self.sender.send_batch(batch, self.current_time() + SEND_TIMEOUT))
            return result if result.unsettled else self._finalize(batch, result)
        finally:
            self.in_progress.discard(batch.id)

    def expire_late(self) -> None:
        """Expire the deliveries of late batches that were not sent, so that their owners do not count as notified."""
        for batch in self.sender.store.unfinished():
            if self._is_late(batch):
                self.sender.store.expire_batch(batch.id, TOO_LATE)

    def resume_unfinished(self) -> None:
        """Resume each unfinished batch, of any process. Raises StoreError. Other errors are logged."""
        for batch in self.sender.store.unfinished():
            if batch.id in self.in_progress:
                continue
            try:
                self._resume(batch)
            except StoreError:
                raise
            except BailiffError as error:
                log.error("batch.resume_failed", slot=batch.slot, reason=str(error))
            except Exception:
                log.exception("batch.resume_crashed", slot=batch.slot)
                self._finish_if_late(batch)

    def _resume(self, batch: Batch) -> None:
        if not self._is_late(batch):
            self._guard(batch)
        if not self.nudges_enabled:
            self._expire_unwanted_nudges(batch)
        result = self.send(batch)
        log.info("batch.resumed", slot=batch.slot, unsettled=result.unsettled)
        if not result.unsettled:
            for problem in result.problems:
                log.error("batch.incomplete", slot=batch.slot, reason=problem)

    def _guard(self, batch: Batch) -> None:
        """Raise SlackError if the digest's channel is now shared with another company, or Bailiff was removed."""
        if batch.kind in DIGEST_KINDS:
            self.check_channel(batch.recipient)

    def _expire_unwanted_nudges(self, batch: Batch) -> None:
        for delivery in self.sender.store.deliveries(batch.id):
            if delivery.kind is MessageKind.NUDGE and delivery.state not in SETTLED:
                self.sender.store.expire(delivery.key, "BAILIFF_NUDGES was switched off")

    def _is_late(self, batch: Batch) -> bool:
        return self.current_time() >= batch.expires_at

    def _finish_if_late(self, batch: Batch) -> None:
        """Finish a late batch that keeps failing, so that it is not resumed at every tick."""
        if self._is_late(batch):
            self.sender.store.expire_batch(batch.id, TOO_LATE)
            self.sender.store.mark_finished(batch.id, self.current_time())

    def _finalize(self, batch: Batch, result: BatchResult) -> BatchResult:
        """Update the delivery summary and mark the batch as finished. It is safe to repeat."""
        deliveries = result.deliveries
        delivery_summary = next(
            (one for one in deliveries if one.kind is MessageKind.DELIVERY_SUMMARY and one.state is DeliveryState.SENT),
            None,
        )
        content = self.finalize(batch.context, deliveries) if delivery_summary else None
        if delivery_summary and content:
            try:
                self._guard(batch)
                self.sender.transport.edit(delivery_summary.channel, delivery_summary.ts, content)
            except SlackError as error:
                result = BatchResult(deliveries, (f"the digest's thread does not say who was told: {error}",))
                if _is_retryable(error) and not self._is_late(batch):
                    return result  # the next `resume_unfinished` tries again
        self.sender.store.mark_finished(batch.id, self.current_time())
        return result


def _is_retryable(error: SlackError) -> bool:
    return isinstance(error, NotAcceptedYet) or not isinstance(error, Refused)


def _problem(delivery: Delivery) -> str:
    """Return one line: which delivery was not sent, and why."""
    what, reason = delivery.label, delivery.reason
    direct = delivery.kind is MessageKind.NUDGE
    match delivery.state:
        case DeliveryState.UNKNOWN:
            return f"{what} may or may not have been told: {reason}" if direct else f"perhaps lost: {what} ({reason})"
        case DeliveryState.PENDING | DeliveryState.SENDING:
            return f"not certain yet, and the running bot sees to it: {what}"
        case _:
            return f"{what} could not be told: {reason}" if direct else f"lost: {what} ({reason})"
