"""One attempt to send a delivery.

An attempt claims the delivery with a lease, and marks it as attempted right before it sends the message. If the result
is not known, nobody else can claim the delivery until the lease ends. The lease is longer than a call and the time that
Slack needs to show a message. Then the next attempt looks the message up in Slack, and sends it again only if it is not
there. This handles a lost answer, a process that died, and a process that paused until its lease ended.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from bailiff_bot.domain.delivery import Delivery, DeliveryState
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused, StoreError
from bailiff_bot.outbox.overtaken import resolve_lost_lease
from bailiff_bot.outbox.reconcile import Attempt, handled_by_look_up, settle_or_recheck
from bailiff_bot.outbox.transport import MessageRef, Send

TOO_LATE = "it was too late to send it"

log = structlog.get_logger()


def run_attempt(attempt: Attempt, key: str, parent: Delivery | None, expires_at: datetime) -> None:
    """Look the delivery up or send it, if no other holder has it. The store has the result. Raises StoreError."""
    now = attempt.clock()
    claimed = attempt.store.claim(key, attempt.holder, now, now + attempt.timing.lease)
    if claimed is None:
        return
    try:
        if claimed.attempted_at and handled_by_look_up(attempt, claimed, parent, expires_at):
            return
        if _expired(attempt, claimed, expires_at) or not _may_send_now(attempt, claimed):
            return
        send = attempt.transport.prepare(claimed, parent)
    except NotAcceptedYet as error:
        _retry_later(attempt, claimed, error)
    except Ambiguous:
        _release(attempt, claimed, attempt.clock() + attempt.timing.retry_interval)  # `prepare` posts nothing
    except Refused as error:
        attempt.settle(claimed, DeliveryState.REFUSED, reason=str(error))
    except StoreError:
        raise
    except Exception as error:
        log.exception("delivery.preparation_crashed", key=claimed.key)
        _handle_unexpected(attempt, claimed, expires_at, error)
    else:
        _send(attempt, claimed, parent, send)


def _expired(attempt: Attempt, claimed: Delivery, expires_at: datetime) -> bool:
    """Return True if the delivery is too late or superseded, and settle it as expired."""
    late = attempt.clock() >= expires_at
    if late or claimed.superseded:
        reason = TOO_LATE if late else "a later message replaces it"
        attempt.settle(claimed, DeliveryState.EXPIRED, reason=reason)
    return late or claimed.superseded


def _may_send_now(attempt: Attempt, claimed: Delivery) -> bool:
    """Wait for the send time of this recipient, and return True. Release the delivery if that time is far off.

    Also releases it, and returns False, if the process is stopping.
    """
    now = attempt.clock()
    send_at = attempt.store.reserve_send_time(claimed.recipient, now, attempt.timing.send_interval)
    soon = send_at - now <= attempt.timing.short_wait
    if soon and not attempt.pause(max(0.0, (send_at - now).total_seconds())):
        return True
    _release(attempt, claimed, now if soon else send_at)
    return False


def _handle_unexpected(attempt: Attempt, claimed: Delivery, expires_at: datetime, error: Exception) -> None:
    """Settle a delivery that certainly was not sent. One that may have been sent is looked up until it expires."""
    reason = f"unexpected error: {error!r}"
    if not claimed.attempted_at:
        attempt.settle(claimed, DeliveryState.REFUSED, reason=reason)
    elif attempt.clock() < expires_at:
        attempt.store.recheck_at(claimed.key, attempt.holder, attempt.clock() + attempt.timing.retry_interval)
    else:
        attempt.settle(claimed, DeliveryState.UNKNOWN, reason=reason)


def _send(attempt: Attempt, claimed: Delivery, parent: Delivery | None, send: Send) -> None:
    with attempt.transport.permits:
        now = attempt.clock()
        lease_ends = now + attempt.timing.lease
        if not _marked_attempted(attempt, claimed, now, lease_ends):
            return
        attempted, outcome = replace(claimed, attempted_at=now), _result_of(send)
    match outcome:
        case MessageRef():
            if not attempt.settle(claimed, DeliveryState.SENT, outcome):
                resolve_lost_lease(attempt, attempted, parent, outcome)
        case NotAcceptedYet():
            _retry_later(attempt, claimed, outcome)
        case Ambiguous():
            log.warning("delivery.unconfirmed", key=claimed.key, reason=str(outcome))
            if not settle_or_recheck(attempt, attempted, parent, lease_ends):
                resolve_lost_lease(attempt, attempted, parent, None)
        case Refused():
            attempt.settle(claimed, DeliveryState.REFUSED, reason=str(outcome))
        case _:
            log.error("delivery.send_crashed", key=claimed.key, exc_info=outcome)


def _marked_attempted(attempt: Attempt, claimed: Delivery, now: datetime, lease_ends: datetime) -> bool:
    """Return True if the delivery is marked as attempted, and it is early enough in the lease to send it."""
    if not attempt.store.mark_attempted(claimed.key, attempt.holder, now, lease_ends):
        return False  # another holder has it
    late = attempt.clock() - now > attempt.timing.max_send_delay
    if late:  # the database was slow, or this process paused
        _release(attempt, claimed, attempt.clock())
    return not late


def _result_of(send: Send) -> MessageRef | Exception:
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - after `mark_attempted` the caller has to handle every error
        return error


def _retry_later(attempt: Attempt, claimed: Delivery, error: NotAcceptedYet) -> None:
    """Release the delivery until the retry, and block the recipient too if Slack names a time to wait."""
    retry_at = attempt.clock() + attempt.retry_delay(error)
    if error.retry_after:
        attempt.store.hold_until(claimed.recipient, retry_at)
    _release(attempt, claimed, retry_at)


def _release(attempt: Attempt, claimed: Delivery, available_at: datetime) -> None:
    """Release a delivery that this attempt did not send. An earlier attempt may have sent it: look it up then."""
    if claimed.attempted_at:
        attempt.store.recheck_at(claimed.key, attempt.holder, available_at)
    else:
        attempt.store.release(claimed.key, attempt.holder, available_at)
