"""Plans batches: a plan of all messages is saved before the first is sent, so that any process can send the rest."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import uuid4

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Batch, BatchPlan, Delivery
from bailiff_bot.errors import StoreError

ANSWER_EXPIRES_AFTER = timedelta(hours=1)
"""When a message that a person requested is too late to be sent."""

T = TypeVar("T")
U = TypeVar("U")


class PlanStore(Protocol):
    """Stores plans. Each method is one transaction and raises StoreError."""

    def save_plan(self, *plans: BatchPlan) -> bool:
        """Save batches with their deliveries (pending, available at `planned_at`), and what their run remembers.

        Direct messages and edits supersede older ones of the same name to the same recipient that are not settled. The
        older ones expire. A direct message that may have been sent is marked as `superseded` instead.

        Returns False, and saves nothing, if another batch has the slot of one of them.
        """
        ...

    def has_slot(self, slot: str) -> bool:
        """Return True if a batch has the slot."""
        ...

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of a batch in their order, without payloads."""
        ...


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes batches and saves plans."""

    store: PlanStore
    clock: Clock

    def scheduled_batch(self, kind: str, slot: str, recipient: str, expires_at: datetime) -> Batch:
        """Return a batch for a slot of a schedule."""
        return Batch(uuid4().hex, kind, slot, recipient, self.clock(), expires_at, {})

    def unscheduled_batch(self, kind: str, recipient: str) -> Batch:
        """Return a batch that somebody asked for now, with a slot that no other batch has."""
        now = self.clock()
        slot = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S} {kind} {uuid4().hex[:12]}"
        return Batch(uuid4().hex, kind, slot, recipient, now, now + ANSWER_EXPIRES_AFTER, {})

    def has_slot(self, slot: str) -> bool:
        """Return True if a batch has the slot. Raises StoreError."""
        return self.store.has_slot(slot)

    def save(self, plan: BatchPlan, *others: BatchPlan) -> bool:
        """Save plans, all or none. Returns False if another batch has the slot of one of them. Raises StoreError.

        If the database did not answer, the plan may be saved all the same: check that before raising.
        """
        try:
            return self.store.save_plan(plan, *others)
        except StoreError as error:
            try:
                saved = bool(self.store.deliveries(plan.batch.id))
            except StoreError:
                raise StoreError(
                    f"{error} It may be saved all the same, and the running bot sends it then: check before you retry."
                ) from error
            if not saved:
                raise
            return True


def then(future: Future[T], function: Callable[[T], U]) -> Future[U]:
    """Return a future of what `function` makes of the result. An error of either is the error of the future."""
    following: Future[U] = Future()

    def follow(done: Future[T]) -> None:
        try:
            following.set_result(function(done.result()))
        except Exception as error:  # noqa: BLE001 - a future holds any exception
            following.set_exception(error)

    future.add_done_callback(follow)
    return following
