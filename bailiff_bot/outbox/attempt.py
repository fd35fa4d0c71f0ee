"""One attempt to bring a delivery a step further.

A delivery is taken with a lease, and stamped right before it goes onto the wire. While it is not known whether a
stamped one arrived, nobody takes it until its lease has run out, which is longer than any call lasts and than Slack
takes to show a message; then it is looked up, and only what is not there is sent again. That one path serves for an
answer that was lost, for a process that died, and for one that slept and was overtaken.
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
    """An attempt; `holder` names it and no other, not even another of the same process, whose threads sleep with it."""

    store: DeliveryStore
    transport: LimitedTransport
    holder: str
    clock: Callable[[], datetime]
    pause: Callable[[float], bool]
    timing: Timing

    def run(self, key: str, parent: Delivery | None, expires_at: datetime) -> None:
        """Do what there is to do for a delivery, if nobody else has it; what became of it the ledger tells."""
        now = self.clock()
        claimed = self.store.claim(key, self.holder, now, now + self.timing.lease)
        if claimed is None:
            return
        try:
            if claimed.attempted_at and self._reconciled(claimed, parent, expires_at):
                return
            if self._expired(claimed, expires_at) or not self._may_send_now(claimed):
                return
            send = self.transport.prepare(claimed, parent)
        except NotAcceptedYet as error:
            self._retry_later(claimed, error)
        except Ambiguous:
            self._release(claimed, self.clock() + self.timing.retry_interval)  # nothing was posted yet
        except Refused as error:
            self._settle(claimed, DeliveryState.REFUSED, reason=str(error))
        except StoreError:
            raise
        except Exception as error:
            log.exception("delivery.preparation_crashed", key=claimed.key)
            self._handle_unexpected(claimed, expires_at, error)
        else:
            self._send(claimed, parent, send)

    def _expired(self, claimed: Delivery, expires: datetime) -> bool:
        late = self.clock() >= expires
        if late or claimed.superseded:
            reason = TOO_LATE if late else "a later one takes its place"
            self._settle(claimed, DeliveryState.EXPIRED, reason=reason)
        return late or claimed.superseded

    def _may_send_now(self, claimed: Delivery) -> bool:
        """Wait for this conversation's turn, if that comes soon, and else give the delivery back until then."""
        now = self.clock()
        turn = self.store.reserve_send_time(claimed.recipient, now, self.timing.send_interval)
        soon = turn - now <= self.timing.short_wait
        if soon and not self.pause(max(0.0, (turn - now).total_seconds())):
            return True
        self._release(claimed, now if soon else turn)
        return False

    def _handle_unexpected(self, claimed: Delivery, expires: datetime, error: Exception) -> None:
        """End what certainly was not sent; what may have been is looked up again, as long as it is wanted."""
        reason = f"unforeseen: {error!r}"
        if not claimed.attempted_at:
            self._settle(claimed, DeliveryState.REFUSED, reason=reason)
        elif self.clock() < expires:
            self.store.recheck_at(claimed.key, self.holder, self.clock() + self.timing.retry_interval)
        else:
            self._settle(claimed, DeliveryState.UNKNOWN, reason=reason)

    def _reconciled(self, claimed: Delivery, parent: Delivery | None, expires: datetime) -> bool:
        """Look a delivery up that may have arrived; return False when it certainly did not."""
        try:
            found = self._find(claimed, parent)
        except SlackError as error:
            if self.clock() < expires:
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
        """Return where a delivery stands in Slack; of several the first stays there."""
        first, *others = self.transport.find(claimed, parent) or (None,)
        for other in others:
            self._delete_duplicate(claimed, other)
        return first

    def _send(self, claimed: Delivery, parent: Delivery | None, send: Send) -> None:
        with self.transport.permits:
            now = self.clock()
            ends = now + self.timing.lease
            if not self._marked_attempted(claimed, now, ends):
                return
            attempted, outcome = replace(claimed, attempted_at=now), _result_of(send)
        match outcome:
            case MessageRef():
                if not self._settle(claimed, DeliveryState.SENT, outcome):
                    self._resolve_overtaken(attempted, parent, outcome)
            case NotAcceptedYet():
                self._retry_later(claimed, outcome)
            case Ambiguous():
                log.warning("delivery.unconfirmed", key=claimed.key, reason=str(outcome))
                if not self._look_up(attempted, parent, ends):
                    self._resolve_overtaken(attempted, parent, None)
            case Refused():
                self._settle(claimed, DeliveryState.REFUSED, reason=str(outcome))
            case _:
                log.error("delivery.send_crashed", key=claimed.key, exc_info=outcome)

    def _marked_attempted(self, claimed: Delivery, now: datetime, ends: datetime) -> bool:
        """Return whether a delivery is stamped, and goes onto the wire early enough in its lease."""
        if not self.store.mark_attempted(claimed.key, self.holder, now, ends):
            return False  # somebody else has it by now
        late = self.clock() - now > self.timing.max_send_delay
        if late:  # the database was slow, or this process slept
            self._release(claimed, self.clock())
        return not late

    def _look_up(self, attempted: Delivery, parent: Delivery | None, again: datetime) -> bool:
        """Settle what is seen already; what is not may yet appear, and anybody may look for it `again`.

        Return False when this attempt has lost it.
        """
        try:
            found = self._find(attempted, parent)
        except SlackError:
            found = None
        if found:
            return self._settle(attempted, DeliveryState.SENT, found)
        return self.store.recheck_at(attempted.key, self.holder, again)

    def _retry_later(self, claimed: Delivery, error: NotAcceptedYet) -> None:
        ready = self.clock() + self._retry_delay(error)
        if error.retry_after:
            self.store.hold_until(claimed.recipient, ready)
        self._release(claimed, ready)

    def _retry_delay(self, error: SlackError) -> timedelta:
        """Return for how long Slack asks to be left alone, and some seconds when it does not say."""
        asked = error.retry_after if isinstance(error, NotAcceptedYet) else 0.0
        return max(self.timing.retry_interval, timedelta(seconds=asked))

    def _release(self, claimed: Delivery, ready: datetime) -> None:
        """Let anybody try again what this attempt certainly did not send; an earlier one may have, or may yet."""
        if claimed.attempted_at:
            self.store.recheck_at(claimed.key, self.holder, ready)
        else:
            self.store.release(claimed.key, self.holder, ready)

    def _resolve_overtaken(self, attempted: Delivery, parent: Delivery | None, sent: MessageRef | None) -> None:
        """Take back what was sent by a process that slept in mid-sending and was overtaken: the other one's counts."""
        if attempted.kind is MessageKind.EDIT:
            return  # there is one message, whoever edits it
        stays = self._wait_until_settled(attempted, parent)
        if stays is None:
            log.error("delivery.possibly_duplicated", key=attempted.key)
            return
        if sent is None:
            self.pause((self.timing.max_send_duration + self.timing.visible_after).total_seconds())
        try:
            seen = (sent,) if sent else self.transport.find(attempted, parent)
        except SlackError as error:
            log.error("delivery.possibly_duplicated", key=attempted.key, reason=str(error))
            return
        for one in seen:
            if one.ts != stays.ts:
                self._delete_duplicate(attempted, one)

    def _wait_until_settled(self, attempted: Delivery, parent: Delivery | None) -> Delivery | None:
        """Return a delivery that somebody else had, once it is settled; None when that takes for ever."""
        gives_up = self.clock() + 2 * self.timing.lease
        while (delivery := self.store.delivery(attempted.key)).state not in SETTLED:
            if self.clock() >= gives_up or self.pause(self.timing.retry_interval.total_seconds()):
                return None
            if delivery.available_at <= self.clock():
                self._look_up_own(attempted, parent)
        return delivery

    def _look_up_own(self, attempted: Delivery, parent: Delivery | None) -> None:
        """Look for what this process sent, where the other gave the delivery back, or died."""
        now = self.clock()
        ends = now + self.timing.lease
        if not self.store.claim(attempted.key, self.holder, now, ends):
            return
        self.store.mark_attempted(attempted.key, self.holder, now, ends)  # so that nobody sends it without looking
        self._look_up(attempted, parent, self.clock() + self.timing.retry_interval)

    def _delete_duplicate(self, claimed: Delivery, second: MessageRef) -> None:
        log.warning("delivery.duplicate_withdrawn", key=claimed.key)
        try:
            self.transport.delete(claimed, second)
        except SlackError as error:
            log.error("delivery.duplicated", key=claimed.key, channel=second.channel, ts=second.ts, reason=str(error))

    def _settle(
        self, claimed: Delivery, state: DeliveryState, sent: MessageRef | None = None, reason: str = ""
    ) -> bool:
        place = sent or MessageRef("", "")
        return self.store.settle(claimed.key, self.holder, state, channel=place.channel, ts=place.ts, reason=reason)


def _result_of(send: Send) -> MessageRef | Exception:
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - whatever it is, after the stamp the ledger has to be told
        return error
