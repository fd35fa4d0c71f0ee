"""The interface of what dispatches and deliveries are written down in."""

from datetime import datetime, timedelta
from typing import Protocol

from bailiff_bot.domain.delivery import Batch, BatchPlan, Delivery, DeliveryState


class DeliveryStore(Protocol):
    """Where dispatches and deliveries are written down; each method is one transaction, and raises StoreError.

    All instants are aware and in UTC; `holder` names a process, and no two have the same.
    """

    def save_plan(self, plan: BatchPlan) -> bool:
        """Write a dispatch, its deliveries (pending, ready at `planned`) and what it may let us remember, or nothing.

        What is newer takes the place of what is older and not settled: of edits of a message that is edited now, and of
        nudges to whom gets one now. They expire, but a nudge that may be on its way is marked as `replaced`.

        Returns False, and writes nothing, when the slot is taken.
        """
        ...

    def has_slot(self, slot: str) -> bool:
        """Return whether a slot is taken."""
        ...

    def unfinished(self) -> tuple[Batch, ...]:
        """Return the dispatches that are not finished, in the order in which they were planned."""
        ...

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        """Return a dispatch's deliveries in their order, without payloads."""
        ...

    def delivery(self, key: str) -> Delivery:
        """Return one, without its payload."""
        ...

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> Delivery | None:
        """Take one that is pending or sending and ready: it is then sending, and ready again (for anybody) at `until`.

        Returns it with its payload and with `attempted` as it was; None when it is settled, held or not ready.
        """
        ...

    def mark_attempted(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """Write down that it goes onto the wire now (`attempted`), and hold it until then.

        Returns False when the holder has lost it: it is not sending, is somebody else's, or its lease ran out.
        """
        ...

    def release(self, key: str, holder: str, available_at: datetime) -> None:
        """Give back one of which it is certain that Slack does not have it: pending, `attempted` unset."""
        ...

    def recheck_at(self, key: str, holder: str, available_at: datetime) -> bool:
        """Give back one of which it is not certain: still sending and attempted, for anybody from `ready` on.

        Returns False when the holder has lost it.
        """
        ...

    def settle(  # noqa: PLR0913 - what there is to say of its end
        self, key: str, holder: str, state: DeliveryState, *, channel: str = "", ts: str = "", reason: str = ""
    ) -> bool:
        """End one that is sending, and forget its payload; False when the holder has lost it.

        What a plan lets us remember is remembered once its parent is `sent` or `unknown`, unless that of a later digest
        is already, and forgotten when the parent ends otherwise, here or by `drop` or `skip`: a digest that nobody saw
        changes nothing. What a message still lists after an edit is written down once the edit is `sent`.
        """
        ...

    def expire_batch(self, batch_id: str, reason: str) -> None:
        """Let every delivery of a dispatch expire that certainly was not sent: pending, or taken and never stamped."""
        ...

    def expire(self, key: str, reason: str) -> bool:
        """Let one expire that certainly was not sent; False when it may have been, or has ended."""
        ...

    def mark_finished(self, batch_id: str, now: datetime) -> None:
        """Write down that a dispatch needs nothing more."""
        ...

    def reserve_send_time(self, recipient: str, now: datetime, interval: timedelta) -> datetime:
        """Return the instant, not before `now`, from which on one post may be made there; the next is `pace` later."""
        ...

    def hold_until(self, recipient: str, until: datetime) -> None:
        """Let nobody post there before an instant."""
        ...
