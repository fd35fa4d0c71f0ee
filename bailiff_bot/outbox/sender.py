"""Sends the deliveries of a dispatch: each at most once, whatever dies when, and none in silence."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Semaphore
from uuid import uuid4

from bailiff_bot.domain.delivery import SETTLED, Batch, Delivery, DeliveryState, MessageKind
from bailiff_bot.outbox.attempt import DeliveryAttempt
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import LimitedTransport, Transport

_RECIPIENTS_AT_ONCE = 64
"""Conversations that are waited for at a time: one that is slow delays no other."""
_CALLS_AT_ONCE = 5
"""Conversations that are spoken in at a time."""


@dataclass(frozen=True, slots=True)
class OutboxSender:
    """Sends dispatches.

    `holder` is what the names of all attempts of this process begin with; `clock` tells the instant in UTC; `pause`
    waits for some seconds and returns whether everything shall stop.
    """

    store: DeliveryStore
    transport: Transport
    holder: str
    clock: Callable[[], datetime]
    pause: Callable[[float], bool]
    timing: Timing = field(default_factory=Timing)
    permits: Semaphore = field(default_factory=lambda: Semaphore(_CALLS_AT_ONCE))

    def send_batch(self, batch: Batch, until: datetime) -> tuple[Delivery, ...]:
        """Send what of a dispatch is not settled, and return its deliveries as they are then.

        It ends when all are settled, when nothing more can be done before `until`, or when everything shall stop. What
        the parent's thread and the owners get waits for the parent; among themselves they do not wait. Raises
        StoreError.
        """
        parent, *rest = self.store.deliveries(batch.id)
        parent = self._send_until_settled(parent, None, batch, until)
        if parent.state is DeliveryState.SENT:
            self._send_to_all(rest, parent, batch, until)
        elif parent.state in SETTLED:
            posted = "may not have been posted" if parent.state is DeliveryState.UNKNOWN else "was not posted"
            self.store.expire_batch(batch.id, f"the message it belongs to {posted}: {parent.reason}")
        return self.store.deliveries(batch.id)

    def _send_to_all(self, rest: Iterable[Delivery], parent: Delivery, batch: Batch, until: datetime) -> None:
        lanes: dict[str, list[Delivery]] = {}
        for delivery in rest:
            lanes.setdefault(delivery.recipient, []).append(delivery)
        with ThreadPoolExecutor(_RECIPIENTS_AT_ONCE, thread_name_prefix="lane") as pool:
            # All lanes come to their end, also when one of them raises.
            ended = [pool.submit(self._send_to_one, lane, parent, batch, until) for lane in lanes.values()]
        for lane in ended:
            lane.result()

    def _send_to_one(self, deliveries: Sequence[Delivery], parent: Delivery, batch: Batch, until: datetime) -> None:
        """Send what belongs in one conversation, in its order: no message is replaced by one that did not arrive."""
        arrived = True
        for delivery in deliveries:
            if delivery.kind is MessageKind.EDIT and not arrived:
                self.store.expire(delivery.key, "what was to take its place did not arrive")
            ended = self._send_until_settled(delivery, parent, batch, until)
            if ended.state not in SETTLED:
                return
            arrived = ended.state is DeliveryState.SENT

    def _send_until_settled(
        self, delivery: Delivery, parent: Delivery | None, batch: Batch, until: datetime
    ) -> Delivery:
        """Return a delivery as it is once it is settled, or once nothing more can be done in time."""
        while (delivery := self.store.delivery(delivery.key)).state not in SETTLED:
            if delivery.available_at > until or self._stopped_before_available(delivery):
                return delivery
            if delivery.available_at <= self.clock():
                self.attempt(delivery, parent, batch.expires_at)
        return delivery

    def _stopped_before_available(self, delivery: Delivery) -> bool:
        """Wait until a delivery is ready, though not long at a time: whoever has it may settle it, or fail."""
        return self._wait_until(min(delivery.available_at, self.clock() + self.timing.retry_interval))

    def attempt(self, delivery: Delivery, parent: Delivery | None, expires_at: datetime) -> None:
        """Bring a delivery one step further, if nobody else has it; what became of it the ledger tells."""
        transport = LimitedTransport(self.transport, self.permits)
        holder = f"{self.holder}/{uuid4().hex[:12]}"
        DeliveryAttempt(self.store, transport, holder, self.clock, self.pause, self.timing).run(
            delivery.key, parent, expires_at
        )

    def _wait_until(self, instant: datetime) -> bool:
        """Wait, and return whether everything shall stop."""
        return self.pause(max(0.0, (instant - self.clock()).total_seconds()))
