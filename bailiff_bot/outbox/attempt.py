"""One attempt to send a delivery.

An attempt claims the delivery with a lease, and marks it as attempted right before it sends the message. If the result
is not known, nobody else can claim the delivery until the lease ends. The lease is longer than a call and the time that
Slack needs to show a message. Then the next attempt looks the message up in Slack, and sends it again only if it is not
there. This handles a lost answer, a process that died, and a process that paused until its lease ended.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bailiff_bot.domain.delivery import SETTLED, Delivery, DeliveryState, MessageKind
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused, SlackError, StoreError
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import LimitedTransport, MessageRef, Send

TOO_LATE = "it was too late to send it"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """An attempt. `holder` is unique to it: the threads of one process pause together, so each needs its own holder.

    `clock` returns the current time in UTC. `pause` waits for a number of seconds and returns True if the process is
    stopping.
    """

    store: DeliveryStore
    transport: LimitedTransport
    holder: str
    clock: Callable[[], datetime]
    pause: Callable[[float], bool]
    timing: Timing

    def run(self, key: str, parent: Delivery | None, expires_at: datetime) -> None:
        """Look the delivery up or send it, if no other holder has it. The store has the result. Raises StoreError."""
        now = self.clock()
        claimed = self.store.claim(key, self.holder, now, now + self.timing.lease)
        if claimed is None:
            return
        try:
            if claimed.attempted_at and self._handled_by_look_up(claimed, parent, expires_at):
                return
            if self._expired(claimed, expires_at) or not self._may_send_now(claimed):
                return
            send = self.transport.prepare(claimed, parent)
        except NotAcceptedYet as error:
            self._retry_later(claimed, error)
        except Ambiguous:
            self._release(claimed, self.clock() + self.timing.retry_interval)  # `prepare` posts nothing
        except Refused as error:
            self._settle(claimed, DeliveryState.REFUSED, reason=str(error))
        except StoreError:
            raise
        except Exception as error:
            log.exception("delivery.preparation_crashed", key=claimed.key)
            self._handle_unexpected(claimed, expires_at, error)
        else:
            self._send(claimed, parent, send)

    def _expired(self, claimed: Delivery, expires_at: datetime) -> bool:
        """Return True if the delivery is too late or superseded, and settle it as expired."""
        late = self.clock() >= expires_at
        if late or claimed.superseded:
            reason = TOO_LATE if late else "a later one takes its place"
            self._settle(claimed, DeliveryState.EXPIRED, reason=reason)
        return late or claimed.superseded

    def _may_send_now(self, claimed: Delivery) -> bool:
        """Wait for the send time of this recipient, and return True. Release the delivery if that time is far off.

        Also releases it, and returns False, if the process is stopping.
        """
        now = self.clock()
        send_at = self.store.reserve_send_time(claimed.recipient, now, self.timing.send_interval)
        soon = send_at - now <= self.timing.short_wait
        if soon and not self.pause(max(0.0, (send_at - now).total_seconds())):
            return True
        self._release(claimed, now if soon else send_at)
        return False

    def _handle_unexpected(self, claimed: Delivery, expires_at: datetime, error: Exception) -> None:
        """Settle a delivery that certainly was not sent. One that may have been sent is looked up until it expires."""
        reason = f"unforeseen: {error!r}"
        if not claimed.attempted_at:
            self._settle(claimed, DeliveryState.REFUSED, reason=reason)
        elif self.clock() < expires_at:
            self.store.recheck_at(claimed.key, self.holder, self.clock() + self.timing.retry_interval)
        else:
            self._settle(claimed, DeliveryState.UNKNOWN, reason=reason)

    def _handled_by_look_up(self, claimed: Delivery, parent: Delivery | None, expires_at: datetime) -> bool:
        """Look up a delivery that Slack may have. Returns False if Slack certainly does not have it."""
        try:
            found = self._find(claimed, parent)
        except SlackError as error:
            if self.clock() < expires_at:
                self.store.recheck_at(claimed.key, self.holder, self.clock() + self._retry_delay(error))
            else:
                self._settle(
                    claimed, DeliveryState.UNKNOWN, reason=f"Slack cannot be asked whether it arrived: {error}"
                )
            return True
        if found:
            self._settle(claimed, DeliveryState.SENT, found)
        return found is not None

    def _find(self, claimed: Delivery, parent: Delivery | None) -> MessageRef | None:
        """Return the first message of the delivery in Slack, and delete its duplicates."""
        first, *duplicates = self.transport.find(claimed, parent) or (None,)
        for duplicate in duplicates:
            self._delete_duplicate(claimed, duplicate)
        return first

    def _send(self, claimed: Delivery, parent: Delivery | None, send: Send) -> None:
        with self.transport.permits:
            now = self.clock()
            lease_ends = now + self.timing.lease
            if not self._marked_attempted(claimed, now, lease_ends):
                return
            attempted, outcome = replace(claimed, attempted_at=now), _result_of(send)
        match outcome:
            case MessageRef():
                if not self._settle(claimed, DeliveryState.SENT, outcome):
                    self._resolve_lost_lease(attempted, parent, outcome)
            case NotAcceptedYet():
                self._retry_later(claimed, outcome)
            case Ambiguous():
                log.warning("delivery.unconfirmed", key=claimed.key, reason=str(outcome))
                if not self._look_up(attempted, parent, lease_ends):
                    self._resolve_lost_lease(attempted, parent, None)
            case Refused():
                self._settle(claimed, DeliveryState.REFUSED, reason=str(outcome))
            case _:
                log.error("delivery.send_crashed", key=claimed.key, exc_info=outcome)

    def _marked_attempted(self, claimed: Delivery, now: datetime, lease_ends: datetime) -> bool:
        """Return True if the delivery is marked as attempted, and it is early enough in the lease to send it."""
        if not self.store.mark_attempted(claimed.key, self.holder, now, lease_ends):
            return False  # another holder has it
        late = self.clock() - now > self.timing.max_send_delay
        if late:  # the database was slow, or this process paused
            self._release(claimed, self.clock())
        return not late

    def _look_up(self, attempted: Delivery, parent: Delivery | None, recheck_at: datetime) -> bool:
        """Settle the delivery if Slack shows it. Otherwise release it: it may appear later.

        Any holder may look it up from `recheck_at` on. Returns False if this attempt lost the claim.
        """
        try:
            found = self._find(attempted, parent)
        except SlackError:
            found = None
        if found:
            return self._settle(attempted, DeliveryState.SENT, found)
        return self.store.recheck_at(attempted.key, self.holder, recheck_at)

    def _retry_later(self, claimed: Delivery, error: NotAcceptedYet) -> None:
        """Release the delivery until the retry, and block the recipient too if Slack names a time to wait."""
        retry_at = self.clock() + self._retry_delay(error)
        if error.retry_after:
            self.store.hold_until(claimed.recipient, retry_at)
        self._release(claimed, retry_at)

    def _retry_delay(self, error: SlackError) -> timedelta:
        """Return the time that Slack asks to wait, at least `retry_interval`."""
        requested = error.retry_after if isinstance(error, NotAcceptedYet) else 0.0
        return max(self.timing.retry_interval, timedelta(seconds=requested))

    def _release(self, claimed: Delivery, available_at: datetime) -> None:
        """Release a delivery that this attempt did not send. An earlier attempt may have sent it: look it up then."""
        if claimed.attempted_at:
            self.store.recheck_at(claimed.key, self.holder, available_at)
        else:
            self.store.release(claimed.key, self.holder, available_at)

    def _resolve_lost_lease(self, attempted: Delivery, parent: Delivery | None, sent: MessageRef | None) -> None:
        """Delete the message that this attempt sent, if another attempt sent the message too.

        The process paused while it sent, and the lease ended. Another attempt claimed the delivery: its result counts.
        `sent` is the message of this attempt, or None if no answer came back.
        """
        if attempted.kind is MessageKind.EDIT:
            return  # two edits of a message make no duplicate
        settled = self._wait_until_settled(attempted, parent)
        if settled is None:
            log.error("delivery.possibly_duplicated", key=attempted.key)
            return
        if sent is None:
            self.pause((self.timing.max_send_duration + self.timing.visible_after).total_seconds())
        try:
            messages = (sent,) if sent else self.transport.find(attempted, parent)
        except SlackError as error:
            log.error("delivery.possibly_duplicated", key=attempted.key, reason=str(error))
            return
        for message in messages:
            if message.ts != settled.ts:
                self._delete_duplicate(attempted, message)

    def _wait_until_settled(self, attempted: Delivery, parent: Delivery | None) -> Delivery | None:
        """Return the delivery once another holder settled it. Returns None after two leases, or if stopping."""
        deadline = self.clock() + 2 * self.timing.lease
        while (delivery := self.store.delivery(attempted.key)).state not in SETTLED:
            if self.clock() >= deadline or self.pause(self.timing.retry_interval.total_seconds()):
                return None
            if delivery.available_at <= self.clock():
                self._claim_and_look_up(attempted, parent)
        return delivery

    def _claim_and_look_up(self, attempted: Delivery, parent: Delivery | None) -> None:
        """Claim the delivery again and look for its message. The other holder released the delivery, or died."""
        now = self.clock()
        lease_ends = now + self.timing.lease
        if not self.store.claim(attempted.key, self.holder, now, lease_ends):
            return
        # Marked as attempted, so that nobody sends it without a look-up.
        self.store.mark_attempted(attempted.key, self.holder, now, lease_ends)
        self._look_up(attempted, parent, self.clock() + self.timing.retry_interval)

    def _delete_duplicate(self, delivery: Delivery, duplicate: MessageRef) -> None:
        log.warning("delivery.duplicate_found", key=delivery.key)
        try:
            self.transport.delete(delivery, duplicate)
        except SlackError as error:
            log.error(
                "delivery.duplicated",
                key=delivery.key,
                channel=duplicate.channel,
                ts=duplicate.ts,
                reason=str(error),
            )

    def _settle(
        self, claimed: Delivery, state: DeliveryState, sent: MessageRef | None = None, reason: str = ""
    ) -> bool:
        """Settle the delivery. Returns False if this attempt lost the claim."""
        message = sent or MessageRef("", "")
        return self.store.settle(claimed.key, self.holder, state, channel=message.channel, ts=message.ts, reason=reason)


def _result_of(send: Send) -> MessageRef | Exception:
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - after `mark_attempted` the caller has to handle every error
        return error
