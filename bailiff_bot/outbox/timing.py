"""How long things take between us and Slack."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things take."""

    max_send_duration: timedelta = timedelta(seconds=21)
    """What sending takes, but for a peer that drips: a call of ten seconds, and one more where blocks were refused."""
    visible_after: timedelta = timedelta(seconds=35)
    """How long Slack may take to show a message that it took."""
    lease: timedelta = timedelta(seconds=75)
    """Longer than a call, Slack's settling and the clocks' difference together; the rest is `head_start`."""
    clock_skew: timedelta = timedelta(seconds=10)
    """How far the clocks of two replicas may be apart."""
    send_interval: timedelta = timedelta(seconds=1)
    """Between two posts in a conversation (Slack's rate limit)."""
    short_wait: timedelta = timedelta(seconds=5)
    """For so long a conversation's turn is waited for; for a later one the delivery is given back until then."""
    retry_interval: timedelta = timedelta(seconds=5)
    """Until Slack is asked again for what it did not take, or did not tell."""

    @property
    def max_send_delay(self) -> timedelta:
        """From the stamp to the wire: what starts later may still be on its way when the lease runs out."""
        return self.lease - self.max_send_duration - self.visible_after - self.clock_skew

    def __post_init__(self) -> None:
        if self.max_send_delay <= timedelta(0):
            raise ValueError("a lease has to outlast a call, its settling and what clocks differ by")
