"""An attempt that was overtaken: it paused while it sent, its lease ended, and another holder claimed the delivery.

The result of the other holder counts. If both sent the message, this attempt deletes its own.
"""

import structlog

from bailiff_bot.domain.delivery import SETTLED, Delivery, MessageKind
from bailiff_bot.errors import SlackError
from bailiff_bot.outbox.reconcile import Attempt, delete_duplicate, settle_or_recheck
from bailiff_bot.outbox.transport import MessageRef

log = structlog.get_logger()


def resolve_lost_lease(attempt: Attempt, attempted: Delivery, parent: Delivery | None, sent: MessageRef | None) -> None:
    """Delete the message that this attempt sent, if another attempt sent the message too.

    `sent` is the message of this attempt, or None if no answer came back.
    """
    if attempted.kind is MessageKind.EDIT:
        return  # two edits of a message make no duplicate
    settled = _wait_until_settled(attempt, attempted, parent)
    if settled is None:
        log.error("delivery.possibly_duplicated", key=attempted.key)
        return
    if sent is None:
        attempt.pause((attempt.timing.max_send_duration + attempt.timing.visible_after).total_seconds())
    try:
        messages = (sent,) if sent else attempt.transport.find(attempted, parent)
    except SlackError as error:
        log.error("delivery.possibly_duplicated", key=attempted.key, reason=str(error))
        return
    for message in messages:
        if message.ts != settled.ts:
            delete_duplicate(attempt, attempted, message)


def _wait_until_settled(attempt: Attempt, attempted: Delivery, parent: Delivery | None) -> Delivery | None:
    """Return the delivery once another holder settled it. Returns None after two leases, or if stopping."""
    deadline = attempt.clock() + 2 * attempt.timing.lease
    while (delivery := attempt.store.delivery(attempted.key)).state not in SETTLED:
        if attempt.clock() >= deadline or attempt.pause(attempt.timing.retry_interval.total_seconds()):
            return None
        if delivery.available_at <= attempt.clock():
            _claim_and_look_up(attempt, attempted, parent)
    return delivery


def _claim_and_look_up(attempt: Attempt, attempted: Delivery, parent: Delivery | None) -> None:
    """Claim the delivery again and look for its message. The other holder released the delivery, or died."""
    now = attempt.clock()
    lease_ends = now + attempt.timing.lease
    if not attempt.store.claim(attempted.key, attempt.holder, now, lease_ends):
        return
    # Marked as attempted, so that nobody sends it without a look-up.
    attempt.store.mark_attempted(attempted.key, attempt.holder, now, lease_ends)
    settle_or_recheck(attempt, attempted, parent, attempt.clock() + attempt.timing.retry_interval)
