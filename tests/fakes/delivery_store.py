"""A delivery store in memory: the outbox is tested without a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from bailiff_bot.domain.delivery import SETTLED, Batch, BatchPlan, Delivery, DeliveryState, MessageKind
from bailiff_bot.errors import StoreError


class FakeDeliveryStore:
    """A `PlanStore`, `BatchStore` and `DeliveryStore` in memory, for any number of threads.

    If `unavailable` is set, each call raises it.
    """

    def __init__(self) -> None:
        self.plans: list[BatchPlan] = []
        self.finished_at: dict[str, datetime] = {}
        """When each batch was finished, by its id."""
        self.unavailable: StoreError | None = None
        self._deliveries: dict[str, Delivery] = {}
        self._holders: dict[str, str] = {}
        self._send_times: dict[str, datetime] = {}
        self._lock = RLock()

    def save_plan(self, *plans: BatchPlan) -> bool:
        with self._transaction():
            if {plan.batch.slot for plan in plans} & {other.batch.slot for other in self.plans}:
                return False
            for plan in plans:
                self._save(plan)
            return True

    def has_slot(self, slot: str) -> bool:
        with self._transaction():
            return slot in {plan.batch.slot for plan in self.plans}

    def unfinished(self) -> tuple[Batch, ...]:
        with self._transaction():
            unfinished = [plan.batch for plan in self.plans if plan.batch.id not in self.finished_at]
            return tuple(sorted(unfinished, key=lambda one: (one.planned_at, one.slot)))

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        with self._transaction():
            return tuple(_without_payload(one) for one in self._deliveries.values() if one.batch_id == batch_id)

    def delivery(self, key: str) -> Delivery:
        with self._transaction():
            if key not in self._deliveries:
                raise StoreError(f"no delivery {key}")
            return _without_payload(self._deliveries[key])

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> Delivery | None:
        with self._transaction():
            delivery = self._deliveries.get(key)
            if delivery is None or delivery.state in SETTLED or delivery.available_at > now:
                return None
            self._holders[key] = holder
            return self._change(key, state=DeliveryState.SENDING, available_at=until)

    def mark_attempted(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        with self._transaction():
            if not self._held(key, holder) or self._deliveries[key].available_at <= now:
                return False
            self._change(key, attempted_at=now, available_at=until)
            return True

    def release(self, key: str, holder: str, available_at: datetime) -> None:
        with self._transaction():
            if self._held(key, holder):
                self._holders[key] = ""
                self._change(key, state=DeliveryState.PENDING, attempted_at=None, available_at=available_at)

    def recheck_at(self, key: str, holder: str, available_at: datetime) -> bool:
        with self._transaction():
            if not self._held(key, holder):
                return False
            self._holders[key] = ""
            self._change(key, available_at=available_at)
            return True

    def settle(  # noqa: PLR0913 - the interface has as many
        self, key: str, holder: str, state: DeliveryState, *, channel: str = "", ts: str = "", reason: str = ""
    ) -> bool:
        assert state in SETTLED
        with self._transaction():
            if not self._held(key, holder):
                return False
            self._holders[key] = ""
            self._change(key, state=state, channel=channel, ts=ts, reason=reason, payload={})
            return True

    def expire_batch(self, batch_id: str, reason: str) -> None:
        with self._transaction():
            for key, delivery in self._deliveries.items():
                if delivery.batch_id == batch_id and _is_unsent(delivery):
                    self._change(key, state=DeliveryState.EXPIRED, reason=reason, payload={})

    def expire(self, key: str, reason: str) -> bool:
        with self._transaction():
            if not _is_unsent(self._deliveries[key]):
                return False
            self._change(key, state=DeliveryState.EXPIRED, reason=reason, payload={})
            return True

    def mark_finished(self, batch_id: str, now: datetime) -> None:
        with self._transaction():
            self.finished_at.setdefault(batch_id, now)

    def reserve_send_time(self, recipient: str, now: datetime, interval: timedelta) -> datetime:
        with self._transaction():
            instant = max(now, self._send_times.get(recipient, now))
            self._send_times[recipient] = instant + interval
            return instant

    def hold_until(self, recipient: str, until: datetime) -> None:
        with self._transaction():
            self._send_times[recipient] = max(until, self._send_times.get(recipient, until))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            if self.unavailable:
                raise self.unavailable
            yield

    def _save(self, plan: BatchPlan) -> None:
        batch = plan.batch
        self.plans.append(plan)
        self._supersede_earlier(plan)
        for message in plan.messages:
            key = f"{batch.slot}/{message.name}/{message.recipient}"
            assert key not in self._deliveries, f"{key} is not unique"
            self._deliveries[key] = Delivery(
                key,
                batch.id,
                message.kind,
                message.recipient,
                message.name,
                message.label,
                message.payload,
                DeliveryState.PENDING,
                batch.planned_at,
                None,
            )

    def _supersede_earlier(self, plan: BatchPlan) -> None:
        """Expire or mark the unsettled messages that the new plan supersedes."""
        superseding = {
            (one.kind, one.recipient, one.name)
            for one in plan.messages
            if one.kind in {MessageKind.DIRECT, MessageKind.EDIT}
        }
        for key, one in self._deliveries.items():
            if one.state in SETTLED or (one.kind, one.recipient, one.name) not in superseding:
                continue
            if one.kind is MessageKind.DIRECT and one.attempted_at:
                self._change(key, superseded=True)
            else:
                self._holders[key] = ""
                self._change(key, state=DeliveryState.EXPIRED, reason="a later message replaces it", payload={})

    def _held(self, key: str, holder: str) -> bool:
        delivery = self._deliveries.get(key)
        return delivery is not None and delivery.state is DeliveryState.SENDING and self._holders[key] == holder

    def _change(self, key: str, **changes: Any) -> Delivery:
        self._deliveries[key] = replace(self._deliveries[key], **changes)
        return self._deliveries[key]


def _is_unsent(delivery: Delivery) -> bool:
    return delivery.state not in SETTLED and not delivery.attempted_at


def _without_payload(delivery: Delivery) -> Delivery:
    return replace(delivery, payload={})
