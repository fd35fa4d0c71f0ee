"""How long things take between us and Slack."""

from dataclasses import dataclass
from datetime import timedelta


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
