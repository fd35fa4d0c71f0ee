"""Sends the deliveries of a batch: each at most once, also if a process dies. Every failure is recorded."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Semaphore
from uuid import uuid4

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import SETTLED, Batch, Delivery, DeliveryState, MessageKind
from bailiff_bot.outbox.attempt import run_attempt
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.outbox.reconcile import Attempt
from bailiff_bot.outbox.timing import OutboxTiming
from bailiff_bot.outbox.transport import LimitedTransport, Transport

_MAX_PARALLEL_RECIPIENTS = 64
"""Recipients that are served in parallel. More than calls, so that a slow recipient delays no other."""
_MAX_PARALLEL_CALLS = 5


@dataclass(frozen=True, slots=True)
class OutboxSender:
    """Sends batches.

    `holder` names this process: the holder of each attempt starts with it. `pause` waits for a number of seconds and
    returns True if the process is stopping.
    """

    store: DeliveryStore
    transport: Transport
    holder: str
    clock: Clock
    pause: Callable[[float], bool]
    timing: OutboxTiming = field(default_factory=OutboxTiming)
    permits: Semaphore = field(default_factory=lambda: Semaphore(_MAX_PARALLEL_CALLS))

    def send_batch(self, batch: Batch, until: datetime) -> tuple[Delivery, ...]:
        """Send the deliveries of a batch that are not settled, and return all its deliveries afterwards.

        Returns when all are settled, when nothing more can be done before `until`, or when the process is stopping.
        The parent is sent first. Then all recipients are served in parallel. Raises StoreError.
        """
        parent, *others = self.store.deliveries(batch.id)
        parent = self._send_until_settled(parent, None, batch, until)
        if parent.state is DeliveryState.SENT:
            self._send_to_all(others, parent, batch, until)
        elif parent.state in SETTLED:
            posted = "may not have been posted" if parent.state is DeliveryState.UNKNOWN else "was not posted"
            self.store.expire_batch(batch.id, f"its parent message {posted}: {parent.reason}")
        return self.store.deliveries(batch.id)

    def _send_to_all(self, deliveries: Iterable[Delivery], parent: Delivery, batch: Batch, until: datetime) -> None:
        by_recipient: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            by_recipient.setdefault(delivery.recipient, []).append(delivery)
        with ThreadPoolExecutor(_MAX_PARALLEL_RECIPIENTS, thread_name_prefix="recipient") as pool:
            # The pool waits for every recipient, also if one of them raises.
            futures = [pool.submit(self._send_to_one, one, parent, batch, until) for one in by_recipient.values()]
        for future in futures:
            future.result()

    def _send_to_one(self, deliveries: Sequence[Delivery], parent: Delivery, batch: Batch, until: datetime) -> None:
        """Send the deliveries of one recipient in their order.

        An edit that follows a message is sent only if that message was sent: the old content must not disappear
        before the new message is there.
        """
        previous_sent = True
        for delivery in deliveries:
            if delivery.kind is MessageKind.EDIT and not previous_sent:
                self.store.expire(delivery.key, "the message that replaces it was not sent")
            result = self._send_until_settled(delivery, parent, batch, until)
            if result.state not in SETTLED:
                return
            previous_sent = result.state is DeliveryState.SENT

    def _send_until_settled(
        self, delivery: Delivery, parent: Delivery | None, batch: Batch, until: datetime
    ) -> Delivery:
        """Return the delivery once it is settled, or once nothing more can be done before `until`."""
        while (delivery := self.store.delivery(delivery.key)).state not in SETTLED:
            if delivery.available_at > until or self._stopped_before_available(delivery):
                return delivery
            if delivery.available_at <= self.clock():
                self.attempt_delivery(delivery, parent, batch.expires_at)
        return delivery

    def _stopped_before_available(self, delivery: Delivery) -> bool:
        """Wait until the delivery is available, but at most `retry_interval`: its holder may settle or release it.

        Returns True if the process is stopping.
        """
        return self._wait_until(min(delivery.available_at, self.clock() + self.timing.retry_interval))

    def attempt_delivery(self, delivery: Delivery, parent: Delivery | None, expires_at: datetime) -> None:
        """Make one attempt to send the delivery, if no other holder has it. The store has the result."""
        transport = LimitedTransport(self.transport, self.permits)
        holder = f"{self.holder}/{uuid4().hex[:12]}"
        attempt = Attempt(self.store, transport, holder, self.clock, self.pause, self.timing)
        run_attempt(attempt, delivery.key, parent, expires_at)

    def _wait_until(self, instant: datetime) -> bool:
        """Wait until `instant`. Returns True if the process is stopping."""
        return self.pause(max(0.0, (instant - self.clock()).total_seconds()))
