"""Sends the deliveries of a dispatch: each at most once, whatever dies when, and none in silence.

A delivery is taken with a lease, and stamped right before it goes onto the wire. While it is not known whether a
stamped one arrived, nobody takes it until its lease has run out, which is longer than any call lasts and than Slack
takes to show a message; then it is looked up, and only what is not there is sent again. That one path serves for an
answer that was lost, for a process that died, and for one that slept and was overtaken.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Semaphore
from typing import Any, Protocol

import structlog

from bailiff_bot.domain.delivery import SETTLED, Delivery, Dispatch, State
from bailiff_bot.errors import Ambiguous, NotNow, Refused, SlackError, StoreError
from bailiff_bot.ledger import Ledger

_LANES = 64
"""Conversations that are waited for at a time: one that is slow delays no other."""
_CALLS = 5
"""Conversations that are spoken in at a time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message stands in Slack."""

    channel: str
    ts: str
    """A message's timestamp; a file's id."""


Send = Callable[[], Sent]
"""Puts one message on the wire, once. Raises NotNow or Refused when Slack does not have it, Ambiguous when it may."""


class Carrier(Protocol):
    """What carries a single delivery."""

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Do all that can be done twice without harm, and return what sends it; raises SlackError."""
        ...

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[Sent, ...]:
        """Look in Slack for a delivery that may have arrived, the first to arrive first.

        More than one is found where a process died that had overtaken one which slept in mid-sending. Raises SlackError
        when Slack does not tell.
        """
        ...

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> Sent:
        """Put new content into a message; raises SlackError."""
        ...

    def take_back(self, delivery: Delivery, sent: Sent) -> None:
        """Delete a message that was sent though somebody else had sent it too; raises SlackError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things take."""

    call: timedelta = timedelta(seconds=12)
    """What a call to Slack lasts at most."""
    settle: timedelta = timedelta(seconds=35)
    """How long Slack may take to show a message that it took."""
    lease: timedelta = timedelta(seconds=60)
    """Longer than a call and Slack's settling together, with room for clocks that differ."""
    pace: timedelta = timedelta(seconds=1)
    """Between two posts in a conversation (Slack's rate limit)."""
    retry: timedelta = timedelta(seconds=5)
    """Until what was certainly not taken is tried again."""

    def __post_init__(self) -> None:
        if self.lease <= self.call + self.settle:
            raise ValueError("a lease has to outlast a call and its settling")


@dataclass(frozen=True, slots=True)
class Courier:
    """Sends dispatches.

    `holder` names this process and no other; `clock` tells the instant in UTC; `pause` waits for some seconds and
    returns whether everything shall stop.
    """

    ledger: Ledger
    carrier: Carrier
    holder: str
    clock: Callable[[], datetime]
    pause: Callable[[float], bool]
    timing: Timing = field(default_factory=Timing)
    calls: Semaphore = field(default_factory=lambda: Semaphore(_CALLS))

    def deliver(self, dispatch: Dispatch, until: datetime) -> tuple[Delivery, ...]:
        """Send what of a dispatch is not settled, and return its deliveries as they are then.

        It ends when all are settled, when nothing more can be done before `until`, or when everything shall stop. What
        the parent's thread and the owners get waits for the parent; among themselves they do not wait. Raises
        StoreError.
        """
        parent, *rest = self.ledger.deliveries(dispatch.id)
        parent = self._see_through(parent, None, dispatch, until)
        if parent.state is State.SENT:
            self._all_lanes(rest, parent, dispatch, until)
        elif parent.state in SETTLED:
            self.ledger.drop(dispatch.id, f"the message it belongs to was not posted: {parent.reason}")
        return self.ledger.deliveries(dispatch.id)

    def _all_lanes(self, rest: Iterable[Delivery], parent: Delivery, dispatch: Dispatch, until: datetime) -> None:
        lanes: dict[str, list[Delivery]] = {}
        for delivery in rest:
            lanes.setdefault(delivery.recipient, []).append(delivery)
        with ThreadPoolExecutor(_LANES, thread_name_prefix="lane") as pool:
            # All lanes come to their end, also when one of them raises.
            ended = [pool.submit(self._lane, lane, parent, dispatch, until) for lane in lanes.values()]
        for lane in ended:
            lane.result()

    def _lane(self, lane: Sequence[Delivery], parent: Delivery, dispatch: Dispatch, until: datetime) -> None:
        """Send what belongs in one conversation, in its order."""
        for delivery in lane:
            if self._see_through(delivery, parent, dispatch, until).state not in SETTLED:
                return

    def _see_through(
        self, delivery: Delivery, parent: Delivery | None, dispatch: Dispatch, until: datetime
    ) -> Delivery:
        """Return a delivery as it is once it is settled, or once nothing more can be done in time."""
        while delivery.state not in SETTLED:
            if delivery.ready > until or self._stops_before(delivery):
                return delivery
            if delivery.ready <= self.clock():
                self.step(delivery, parent, dispatch.expires)
            delivery = self.ledger.delivery(delivery.key)
        return delivery

    def _stops_before(self, delivery: Delivery) -> bool:
        """Wait until a delivery is ready, though not long at a time: whoever has it may settle it, or fail."""
        return self._wait_for(min(delivery.ready, self.clock() + self.timing.retry))

    def step(self, delivery: Delivery, parent: Delivery | None, expires: datetime) -> None:
        """Bring a delivery one step further, if nobody else has it; what became of it the ledger tells."""
        if self._wait_for(self._turn(delivery)):
            return
        with self.calls:
            if taken := self._take(delivery.key):
                self._carry(taken, parent, expires)

    def _turn(self, delivery: Delivery) -> datetime:
        """Return the instant from which on the conversation may be spoken in."""
        return self.ledger.reserve(delivery.recipient, self.clock(), self.timing.pace)

    def _wait_for(self, instant: datetime) -> bool:
        """Wait, and return whether everything shall stop."""
        return self.pause(max(0.0, (instant - self.clock()).total_seconds()))

    def _take(self, key: str) -> Delivery | None:
        now = self.clock()
        return self.ledger.take(key, self.holder, now, now + self.timing.lease)

    def _carry(self, taken: Delivery, parent: Delivery | None, expires: datetime) -> None:
        """Bring a delivery that is held one step further."""
        try:
            if taken.attempted and self._settled_by_search(taken, parent, expires):
                return
            if self.clock() >= expires:
                self._settle(taken, State.EXPIRED, reason="it was too late to send it")
                return
            send = self.carrier.prepare(taken, parent)
        except NotNow as error:
            self._again_later(taken, error)
        except Ambiguous:
            self.ledger.free(taken.key, self.holder, self.clock() + self.timing.retry)  # nothing was posted yet
        except Refused as error:
            self._settle(taken, State.REFUSED, reason=str(error))
        except StoreError:
            raise
        except Exception as error:
            log.exception("a message could not be made, for a reason unforeseen", key=taken.key)
            self._settle(taken, State.REFUSED, reason=f"unforeseen: {error!r}")
        else:
            self._send(taken, parent, send)

    def _settled_by_search(self, taken: Delivery, parent: Delivery | None, expires: datetime) -> bool:
        """Look a delivery up that may have arrived; return False when it certainly did not."""
        try:
            found = self._found(taken, parent)
        except SlackError as error:
            if self.clock() < expires:
                self.ledger.postpone(taken.key, self.holder, self.clock() + self.timing.retry)
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
        now = self.clock()
        ends = now + self.timing.lease
        if not self.ledger.stamp(taken.key, self.holder, now, ends):
            return  # somebody else has it by now
        stamped = replace(taken, attempted=now)
        try:
            sent = send()
        except NotNow as error:
            self._again_later(taken, error)
        except Ambiguous as error:
            log.warning("no answer from Slack: looking whether it arrived", key=taken.key, reason=str(error))
            self._look_at_once(stamped, parent, ends)
        except Refused as error:
            self._settle(taken, State.REFUSED, reason=str(error))
        else:
            if not self._settle(taken, State.SENT, sent):
                self._yield(stamped, parent, sent)

    def _look_at_once(self, stamped: Delivery, parent: Delivery | None, ends: datetime) -> None:
        """Settle what is seen already; what is not may yet appear, and is looked for again after the lease."""
        try:
            found = self._found(stamped, parent)
        except SlackError:
            found = None
        if found:
            kept = self._settle(stamped, State.SENT, found)
        else:
            kept = self.ledger.postpone(stamped.key, self.holder, ends)
        if not kept:
            self._yield(stamped, parent, None)

    def _again_later(self, taken: Delivery, error: NotNow) -> None:
        ready = self.clock() + max(self.timing.retry, timedelta(seconds=error.after))
        if error.after:
            self.ledger.hold_back(taken.recipient, ready)
        self.ledger.free(taken.key, self.holder, ready)

    def _yield(self, stamped: Delivery, parent: Delivery | None, sent: Sent | None) -> None:
        """Take back what was sent by a process that slept in mid-sending and was overtaken: the other one's counts."""
        stays = self._outcome_of_other(stamped.key)
        if stays is None:
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

    def _outcome_of_other(self, key: str) -> Delivery | None:
        """Return a delivery that somebody else has, once it is settled; None when that takes for ever."""
        gives_up = self.clock() + 2 * self.timing.lease
        while (delivery := self.ledger.delivery(key)).state not in SETTLED:
            if self.clock() >= gives_up or self.pause(self.timing.retry.total_seconds()):
                log.error("a message may have been sent twice", key=key)
                return None
        return delivery

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
