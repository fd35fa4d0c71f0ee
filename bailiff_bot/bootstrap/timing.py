"""All times that the program waits. Tests replace them; they are not settings."""

from dataclasses import dataclass, field
from datetime import timedelta

from bailiff_bot.leases import LeaseTiming
from bailiff_bot.outbox.timing import OutboxTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long each part of the program waits."""

    outbox: OutboxTiming = field(default_factory=OutboxTiming)
    lease: LeaseTiming = field(default_factory=LeaseTiming)
    tick: timedelta = timedelta(seconds=30)
    """Time between two runs of the periodic work: due or unfinished work waits at most this long."""
    retry_digest_after: timedelta = timedelta(minutes=1)
    """Time between a failed digest and the next attempt. Each attempt scans every target."""
    collect_notices: timedelta = timedelta(minutes=1)
    """How long what people do is collected before the other owners are told, in one message each."""
    slack_call: float = 10.0
    """Seconds for one call to Slack."""
    ping_interval: float = 2.0
    """Seconds between two pings of the socket. At each, a connection that ended is replaced, so within 3 s."""
    silence_limit: float = 8.0
    """Seconds without a pong after which a connection is replaced. A network may stall for a few seconds, and Slack
    limits how many connections an app opens per minute."""
