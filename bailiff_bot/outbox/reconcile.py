"""Finds out whether Slack has a delivery that was attempted, and deletes its duplicates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Delivery, DeliveryState
from bailiff_bot.errors import NotAcceptedYet, SlackError
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.outbox.timing import OutboxTiming
from bailiff_bot.outbox.transport import LimitedTransport, MessageRef

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, and what it uses.

    `holder` is unique to it: the threads of one process pause together, so each needs its own holder. `pause` waits
    for a number of seconds and returns True if the process is stopping.
    """

    store: DeliveryStore
    transport: LimitedTransport
    holder: str
    clock: Clock
    pause: Callable[[float], bool]
    timing: OutboxTiming

    def settle(self, claimed: Delivery, state: DeliveryState, sent: MessageRef | None = None, reason: str = "") -> bool:
        """Settle the delivery. Returns False if this attempt lost the claim."""
        message = sent or MessageRef("", "")
        return self.store.settle(claimed.key, self.holder, state, channel=message.channel, ts=message.ts, reason=reason)

    def retry_delay(self, error: SlackError) -> timedelta:
        """Return the time that Slack asks to wait, at least `retry_interval`."""
        requested = error.retry_after if isinstance(error, NotAcceptedYet) else 0.0
        return max(self.timing.retry_interval, timedelta(seconds=requested))


def handled_by_look_up(attempt: Attempt, claimed: Delivery, parent: Delivery | None, expires_at: datetime) -> bool:
    """Look up a delivery that Slack may have. Returns False if Slack certainly does not have it."""
    try:
        found = _find(attempt, claimed, parent)
    except SlackError as error:
        if attempt.clock() < expires_at:
            attempt.store.recheck_at(claimed.key, attempt.holder, attempt.clock() + attempt.retry_delay(error))
        else:
            attempt.settle(claimed, DeliveryState.UNKNOWN, reason=f"Slack did not answer the look-up: {error}")
        return True
    if found:
        attempt.settle(claimed, DeliveryState.SENT, found)
    return found is not None


def settle_or_recheck(attempt: Attempt, attempted: Delivery, parent: Delivery | None, recheck_at: datetime) -> bool:
    """Settle the delivery if Slack shows it. Otherwise release it: it may appear later.

    Any holder may look it up from `recheck_at` on. Returns False if this attempt lost the claim.
    """
    try:
        found = _find(attempt, attempted, parent)
    except SlackError:
        found = None
    if found:
        return attempt.settle(attempted, DeliveryState.SENT, found)
    return attempt.store.recheck_at(attempted.key, attempt.holder, recheck_at)


def _find(attempt: Attempt, claimed: Delivery, parent: Delivery | None) -> MessageRef | None:
    """Return the first message of the delivery in Slack, and delete its duplicates."""
    first, *duplicates = attempt.transport.find(claimed, parent) or (None,)
    for duplicate in duplicates:
        delete_duplicate(attempt, claimed, duplicate)
    return first


def delete_duplicate(attempt: Attempt, delivery: Delivery, duplicate: MessageRef) -> None:
    """Delete a second message of a delivery. If Slack does not do it, the log has the address of the message."""
    log.warning("delivery.duplicate_found", key=delivery.key)
    try:
        attempt.transport.delete(delivery, duplicate)
    except SlackError as error:
        log.error(
            "delivery.duplicated",
            key=delivery.key,
            channel=duplicate.channel,
            ts=duplicate.ts,
            reason=str(error),
        )
