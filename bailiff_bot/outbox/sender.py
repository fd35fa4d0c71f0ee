"""Sends the deliveries of a dispatch: each at most once, whatever dies when, and none in silence."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Semaphore
from uuid import uuid4

from bailiff_bot.domain.delivery import SETTLED, Delivery, Dispatch, Part, State
from bailiff_bot.outbox.attempt import Errand
from bailiff_bot.outbox.delivery_store import Ledger
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import Carrier, Polite

_LANES = 64
"""Conversations that are waited for at a time: one that is slow delays no other."""
_CALLS = 5
"""Conversations that are spoken in at a time."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Sends dispatches.

    `holder` is what the names of all attempts of this process begin with; `clock` tells the instant in UTC; `pause`
    waits for some seconds and returns whether everything shall stop.
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
            posted = "may not have been posted" if parent.state is State.UNKNOWN else "was not posted"
            self.ledger.drop(dispatch.id, f"the message it belongs to {posted}: {parent.reason}")
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
        """Send what belongs in one conversation, in its order: no message is replaced by one that did not arrive."""
        arrived = True
        for delivery in lane:
            if delivery.part is Part.EDIT and not arrived:
                self.ledger.skip(delivery.key, "what was to take its place did not arrive")
            ended = self._see_through(delivery, parent, dispatch, until)
            if ended.state not in SETTLED:
                return
            arrived = ended.state is State.SENT

    def _see_through(
        self, delivery: Delivery, parent: Delivery | None, dispatch: Dispatch, until: datetime
    ) -> Delivery:
        """Return a delivery as it is once it is settled, or once nothing more can be done in time."""
        while (delivery := self.ledger.delivery(delivery.key)).state not in SETTLED:
            if delivery.ready > until or self._stops_before(delivery):
                return delivery
            if delivery.ready <= self.clock():
                self.step(delivery, parent, dispatch.expires)
        return delivery

    def _stops_before(self, delivery: Delivery) -> bool:
        """Wait until a delivery is ready, though not long at a time: whoever has it may settle it, or fail."""
        return self._wait_for(min(delivery.ready, self.clock() + self.timing.retry))

    def step(self, delivery: Delivery, parent: Delivery | None, expires: datetime) -> None:
        """Bring a delivery one step further, if nobody else has it; what became of it the ledger tells."""
        carrier = Polite(self.carrier, self.calls)
        holder = f"{self.holder}/{uuid4().hex[:12]}"
        Errand(self.ledger, carrier, holder, self.clock, self.pause, self.timing).run(delivery.key, parent, expires)

    def _wait_for(self, instant: datetime) -> bool:
        """Wait, and return whether everything shall stop."""
        return self.pause(max(0.0, (instant - self.clock()).total_seconds()))
