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

from bailiff_bot.domain.delivery import SETTLED, Delivery, Part, State
from bailiff_bot.errors import Ambiguous, NotNow, Refused, SlackError, StoreError
from bailiff_bot.outbox.delivery_store import Ledger
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import Polite, Send, Sent

TOO_LATE = "it was too late to send it"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Errand:
    """An attempt; `holder` names it and no other, not even another of the same process, whose threads sleep with it."""

    ledger: Ledger
    carrier: Polite
    holder: str
    clock: Callable[[], datetime]
    pause: Callable[[float], bool]
    timing: Timing

    def run(self, key: str, parent: Delivery | None, expires: datetime) -> None:
        """Do what there is to do for a delivery, if nobody else has it; what became of it the ledger tells."""
        now = self.clock()
        taken = self.ledger.take(key, self.holder, now, now + self.timing.lease)
        if taken is None:
            return
        try:
            if taken.attempted and self._settled_by_search(taken, parent, expires):
                return
            if self._comes_too_late(taken, expires) or not self._has_the_floor(taken):
                return
            send = self.carrier.prepare(taken, parent)
        except NotNow as error:
            self._again_later(taken, error)
        except Ambiguous:
            self._give_back(taken, self.clock() + self.timing.retry)  # nothing was posted yet
        except Refused as error:
            self._settle(taken, State.REFUSED, reason=str(error))
        except StoreError:
            raise
        except Exception as error:
            log.exception("a message could not be made or looked up, for a reason unforeseen", key=taken.key)
            self._unforeseen(taken, expires, error)
        else:
            self._send(taken, parent, send)

    def _comes_too_late(self, taken: Delivery, expires: datetime) -> bool:
        late = self.clock() >= expires
        if late or taken.replaced:
            reason = TOO_LATE if late else "a later one takes its place"
            self._settle(taken, State.EXPIRED, reason=reason)
        return late or taken.replaced

    def _has_the_floor(self, taken: Delivery) -> bool:
        """Wait for this conversation's turn, if that comes soon, and else give the delivery back until then."""
        now = self.clock()
        turn = self.ledger.reserve(taken.recipient, now, self.timing.pace)
        soon = turn - now <= self.timing.patience
        if soon and not self.pause(max(0.0, (turn - now).total_seconds())):
            return True
        self._give_back(taken, now if soon else turn)
        return False

    def _unforeseen(self, taken: Delivery, expires: datetime, error: Exception) -> None:
        """End what certainly was not sent; what may have been is looked up again, as long as it is wanted."""
        reason = f"unforeseen: {error!r}"
        if not taken.attempted:
            self._settle(taken, State.REFUSED, reason=reason)
        elif self.clock() < expires:
            self.ledger.postpone(taken.key, self.holder, self.clock() + self.timing.retry)
        else:
            self._settle(taken, State.UNKNOWN, reason=reason)

    def _settled_by_search(self, taken: Delivery, parent: Delivery | None, expires: datetime) -> bool:
        """Look a delivery up that may have arrived; return False when it certainly did not."""
        try:
            found = self._found(taken, parent)
        except SlackError as error:
            if self.clock() < expires:
                self.ledger.postpone(taken.key, self.holder, self.clock() + self._asked_to_wait(error))
            else:
                self._settle(taken, State.UNKNOWN, reason=f"Slack cannot be asked whether it arrived: {error}")
            return True
        if found:
            self._settle(taken, State.SENT, found)
        return found is not None

    def _found(self, taken: Delivery, parent: Delivery | None) -> Sent | None:
        """Return where a delivery stands in Slack; of several the first stays there."""
        first, *others = self.carrier.find(taken, parent) or (None,)
        for other in others:
            self._take_back(taken, other)
        return first

    def _send(self, taken: Delivery, parent: Delivery | None, send: Send) -> None:
        with self.carrier.permits:
            now = self.clock()
            ends = now + self.timing.lease
            if not self._stamped(taken, now, ends):
                return
            stamped, outcome = replace(taken, attempted=now), _outcome(send)
        match outcome:
            case Sent():
                if not self._settle(taken, State.SENT, outcome):
                    self._yield(stamped, parent, outcome)
            case NotNow():
                self._again_later(taken, outcome)
            case Ambiguous():
                log.warning("no answer from Slack: looking whether it arrived", key=taken.key, reason=str(outcome))
                if not self._searched(stamped, parent, ends):
                    self._yield(stamped, parent, None)
            case Refused():
                self._settle(taken, State.REFUSED, reason=str(outcome))
            case _:
                told = "a message may have been sent, for a reason unforeseen nobody knows"
                log.error(told, key=taken.key, exc_info=outcome)

    def _stamped(self, taken: Delivery, now: datetime, ends: datetime) -> bool:
        """Return whether a delivery is stamped, and goes onto the wire early enough in its lease."""
        if not self.ledger.stamp(taken.key, self.holder, now, ends):
            return False  # somebody else has it by now
        late = self.clock() - now > self.timing.head_start
        if late:  # the database was slow, or this process slept
            self._give_back(taken, self.clock())
        return not late

    def _searched(self, stamped: Delivery, parent: Delivery | None, again: datetime) -> bool:
        """Settle what is seen already; what is not may yet appear, and anybody may look for it `again`.

        Return False when this attempt has lost it.
        """
        try:
            found = self._found(stamped, parent)
        except SlackError:
            found = None
        if found:
            return self._settle(stamped, State.SENT, found)
        return self.ledger.postpone(stamped.key, self.holder, again)

    def _again_later(self, taken: Delivery, error: NotNow) -> None:
        ready = self.clock() + self._asked_to_wait(error)
        if error.after:
            self.ledger.hold_back(taken.recipient, ready)
        self._give_back(taken, ready)

    def _asked_to_wait(self, error: SlackError) -> timedelta:
        """Return for how long Slack asks to be left alone, and some seconds when it does not say."""
        asked = error.after if isinstance(error, NotNow) else 0.0
        return max(self.timing.retry, timedelta(seconds=asked))

    def _give_back(self, taken: Delivery, ready: datetime) -> None:
        """Let anybody try again what this attempt certainly did not send; an earlier one may have, or may yet."""
        if taken.attempted:
            self.ledger.postpone(taken.key, self.holder, ready)
        else:
            self.ledger.free(taken.key, self.holder, ready)

    def _yield(self, stamped: Delivery, parent: Delivery | None, sent: Sent | None) -> None:
        """Take back what was sent by a process that slept in mid-sending and was overtaken: the other one's counts."""
        if stamped.part is Part.EDIT:
            return  # there is one message, whoever edits it
        stays = self._wait_until_settled(stamped, parent)
        if stays is None:
            log.error("a message may have been sent twice", key=stamped.key)
            return
        if sent is None:
            self.pause((self.timing.call + self.timing.settle).total_seconds())
        try:
            seen = (sent,) if sent else self.carrier.find(stamped, parent)
        except SlackError as error:
            log.error("a message may have been sent twice", key=stamped.key, reason=str(error))
            return
        for one in seen:
            if one.ts != stays.ts:
                self._take_back(stamped, one)

    def _wait_until_settled(self, stamped: Delivery, parent: Delivery | None) -> Delivery | None:
        """Return a delivery that somebody else had, once it is settled; None when that takes for ever."""
        gives_up = self.clock() + 2 * self.timing.lease
        while (delivery := self.ledger.delivery(stamped.key)).state not in SETTLED:
            if self.clock() >= gives_up or self.pause(self.timing.retry.total_seconds()):
                return None
            if delivery.ready <= self.clock():
                self._settle_own(stamped, parent)
        return delivery

    def _settle_own(self, stamped: Delivery, parent: Delivery | None) -> None:
        """Look for what this process sent, where the other gave the delivery back, or died."""
        now = self.clock()
        ends = now + self.timing.lease
        if not self.ledger.take(stamped.key, self.holder, now, ends):
            return
        self.ledger.stamp(stamped.key, self.holder, now, ends)  # so that nobody sends it without looking
        self._searched(stamped, parent, self.clock() + self.timing.retry)

    def _take_back(self, taken: Delivery, second: Sent) -> None:
        log.warning("overtaken while sending: taking the second message back", key=taken.key)
        try:
            self.carrier.take_back(taken, second)
        except SlackError as error:
            log.error(
                "a message was sent twice", key=taken.key, channel=second.channel, ts=second.ts, reason=str(error)
            )

    def _settle(self, taken: Delivery, state: State, sent: Sent | None = None, reason: str = "") -> bool:
        place = sent or Sent("", "")
        return self.ledger.settle(taken.key, self.holder, state, channel=place.channel, ts=place.ts, reason=reason)


def _outcome(send: Send) -> Sent | Exception:
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - whatever it is, after the stamp the ledger has to be told
        return error
