"""Carries dispatches out, from the first message to the word on who was told, and goes on with what was left."""

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
"""How long one who sends waits for what is uncertain to clear up; then whoever tends to it next goes on."""

Finalize = Callable[[Mapping[str, Any], tuple[Delivery, ...]], Mapping[str, Any] | None]
"""Draws what the word on who is told says once that is known; None where it says so already."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """A dispatch as far as it came."""

    deliveries: tuple[Delivery, ...]
    """The parent first."""
    finalize_problems: tuple[str, ...] = ()
    """Why the thread does not say who was told, in a line, if it does not."""

    @property
    def unsettled(self) -> int:
        """How many deliveries are not settled yet."""
        return sum(one.state not in SETTLED for one in self.deliveries)

    @property
    def notified(self) -> int:
        """How many owners were told."""
        return sum(one.kind is MessageKind.NUDGE and one.state is DeliveryState.SENT for one in self.deliveries)

    @property
    def problems(self) -> tuple[str, ...]:
        """What did not arrive and who was not told, with the reason, a line each."""
        return (
            *(_problem(one) for one in self.deliveries if one.state is not DeliveryState.SENT),
            *self.finalize_problems,
        )

    def raise_for_parent(self) -> None:
        """Raise SlackError when what everything hangs on did not arrive, or is not known to have."""
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
    """Carries out."""

    sender: OutboxSender
    finalize: Finalize
    check_channel: Callable[[str], object]
    """Raises SlackError when no digest may be posted in a channel any more."""
    nudges_enabled: bool
    """Whether owners are told; what was planned before that was switched off is not sent any more."""
    in_progress: set[str] = field(default_factory=set)
    """The ids of the dispatches that a thread of this process carries out."""

    def now(self) -> datetime:
        """Return the instant."""
        return self.sender.clock()

    def send(self, batch: Batch) -> BatchResult:
        """Send what is not settled of a dispatch, and end it when everything is."""
        self.in_progress.add(batch.id)
        try:
            result = BatchResult(self.sender.send_batch(batch, self.now() + SEND_TIMEOUT))
            return result if result.unsettled else self._finalize(batch, result)
        finally:
            self.in_progress.discard(batch.id)

    def expire_late(self) -> None:
        """Let expire what was not sent in time, though nobody has gone on with it: it counts as told no more."""
        for batch in self.sender.store.unfinished():
            if self._is_late(batch):
                self.sender.store.expire_batch(batch.id, TOO_LATE)

    def resume_unfinished(self) -> None:
        """Go on with whatever is planned and unfinished, whoever began it."""
        for batch in self.sender.store.unfinished():
            if batch.id in self.in_progress:
                continue  # another thread is at it
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
            for fault in result.problems:
                log.error("batch.incomplete", slot=batch.slot, reason=fault)

    def _guard(self, batch: Batch) -> None:
        """Raise SlackError where another company joined the channel since, or Bailiff was put out of it."""
        if batch.kind in DIGEST_KINDS:
            self.check_channel(batch.recipient)

    def _expire_unwanted_nudges(self, batch: Batch) -> None:
        for one in self.sender.store.deliveries(batch.id):
            if one.kind is MessageKind.NUDGE and one.state not in SETTLED:
                self.sender.store.expire(one.key, "BAILIFF_NUDGES was switched off")

    def _is_late(self, batch: Batch) -> bool:
        return self.now() >= batch.expires_at

    def _finish_if_late(self, batch: Batch) -> None:
        """End what fails again and again, once nobody wants it any more, lest it is begun at every tick."""
        if self._is_late(batch):
            self.sender.store.expire_batch(batch.id, TOO_LATE)
            self.sender.store.mark_finished(batch.id, self.now())

    def _finalize(self, batch: Batch, result: BatchResult) -> BatchResult:
        """Say who was told, and be done; done twice it does no harm."""
        deliveries = result.deliveries
        delivery_summary = next(
            (one for one in deliveries if one.kind is MessageKind.DELIVERY_SUMMARY and one.state is DeliveryState.SENT),
            None,
        )
        word = self.finalize(batch.context, deliveries) if delivery_summary else None
        if delivery_summary and word:
            try:
                self._guard(batch)
                self.sender.transport.edit(delivery_summary.channel, delivery_summary.ts, word)
            except SlackError as error:
                result = BatchResult(deliveries, (f"the digest's thread does not say who was told: {error}",))
                if _is_retryable(error) and not self._is_late(batch):
                    return result  # whoever tends to it next tries again
        self.sender.store.mark_finished(batch.id, self.now())
        return result


def _is_retryable(error: SlackError) -> bool:
    return isinstance(error, NotAcceptedYet) or not isinstance(error, Refused)


def _problem(delivery: Delivery) -> str:
    """Return in one line what did not arrive, and why."""
    what, reason = delivery.label, delivery.reason
    direct = delivery.kind is MessageKind.NUDGE
    match delivery.state:
        case DeliveryState.UNKNOWN:
            return f"{what} may or may not have been told: {reason}" if direct else f"perhaps lost: {what} ({reason})"
        case DeliveryState.PENDING | DeliveryState.SENDING:
            return f"not certain yet, and the running bot sees to it: {what}"
        case _:
            return f"{what} could not be told: {reason}" if direct else f"lost: {what} ({reason})"
