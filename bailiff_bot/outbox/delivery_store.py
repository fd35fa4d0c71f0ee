"""The interface of the deliveries, for the sender and its attempts."""

from datetime import datetime, timedelta
from typing import Protocol

from bailiff_bot.domain.delivery import Delivery, DeliveryState


class DeliveryStore(Protocol):
    """Stores deliveries. Each method is one transaction and raises StoreError.

    All times are aware and in UTC. `holder` names an attempt, and no two attempts have the same holder.
    """

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of a batch in their order, without payloads."""
        ...

    def delivery(self, key: str) -> Delivery:
        """Return a delivery without its payload."""
        ...

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> Delivery | None:
        """Claim a delivery that is pending or sending, and available: it becomes sending.

        At `until` it becomes available again, for any holder. Returns the delivery with its payload and its earlier
        `attempted_at`. Returns None if the delivery is settled, or not available yet.
        """
        ...

    def mark_attempted(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """Set `attempted_at` to `now`, right before the message is sent, and extend the claim to `until`.

        Returns False if the holder lost the claim: the delivery is not sending, another holder has it, or the lease
        ended.
        """
        ...

    def release(self, key: str, holder: str, available_at: datetime) -> None:
        """Release a claimed delivery that Slack certainly does not have: pending, `attempted_at` unset."""
        ...

    def recheck_at(self, key: str, holder: str, available_at: datetime) -> bool:
        """Release a claimed delivery that Slack may have: it stays sending and attempted.

        Any holder may claim it from `available_at` on, and has to look it up. Returns False if the holder lost the
        claim.
        """
        ...

    def settle(  # noqa: PLR0913 - everything that is stored about the result
        self, key: str, holder: str, state: DeliveryState, *, channel: str = "", ts: str = "", reason: str = ""
    ) -> bool:
        """Settle a claimed delivery and delete its payload. Returns False if the holder lost the claim.

        What it lets the store remember is saved in the same transaction, here and in `expire_batch` and `expire`.
        """
        ...

    def expire_batch(self, batch_id: str, reason: str) -> None:
        """Expire each delivery of a batch that certainly was not sent: pending, or claimed but never attempted."""
        ...

    def expire(self, key: str, reason: str) -> bool:
        """Expire a delivery that certainly was not sent. Returns False if it may have been sent, or is settled."""
        ...

    def reserve_send_time(self, recipient: str, now: datetime, interval: timedelta) -> datetime:
        """Reserve the next free send time of a recipient, not before `now`, and return it.

        The send time after it is `interval` later.
        """
        ...

    def hold_until(self, recipient: str, until: datetime) -> None:
        """Reserve no send time before `until` for a recipient."""
        ...
