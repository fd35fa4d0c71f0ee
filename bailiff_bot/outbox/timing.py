"""The time limits of the outbox."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxTiming:
    """How long sending takes, and how long the outbox waits. Raises ValueError if the lease is too short."""

    max_send_duration: timedelta = timedelta(seconds=21)
    """The longest time of one send: a call of ten seconds, and a second call where Slack refused the blocks.

    A peer that answers byte by byte can exceed it.
    """
    visible_after: timedelta = timedelta(seconds=35)
    """The longest time until Slack shows a message that it accepted."""
    lease: timedelta = timedelta(seconds=75)
    """How long a claim lasts: longer than `max_send_duration`, `visible_after` and `clock_skew` together."""
    clock_skew: timedelta = timedelta(seconds=10)
    """The largest difference between the clocks of two replicas."""
    send_interval: timedelta = timedelta(seconds=1)
    """The time between two messages to one recipient (Slack's rate limit)."""
    short_wait: timedelta = timedelta(seconds=5)
    """The longest time that an attempt waits for its send time. If the send time is later, it releases the delivery."""
    retry_interval: timedelta = timedelta(seconds=5)
    """The time until the next try if Slack did not accept a message, or if a look-up failed."""

    @property
    def max_send_delay(self) -> timedelta:
        """The longest time between marking a delivery as attempted and sending it.

        A message that is sent later may still be on its way when the lease ends.
        """
        return self.lease - self.max_send_duration - self.visible_after - self.clock_skew

    def __post_init__(self) -> None:
        if self.max_send_delay <= timedelta(0):
            raise ValueError("lease should be longer than max_send_duration, visible_after and clock_skew together")
