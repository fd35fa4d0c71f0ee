"""The real bot's command line, with short timing, a movable clock, and hooks that kill or stop the process.

`python -m tests.torture.bot_main run` is `bailiff run`. All differences are here, in `hooks` or in `disk_limit`.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bailiff_bot import cli
from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.domain.clock import Clock
from bailiff_bot.leases import LeaseTiming
from bailiff_bot.outbox.timing import OutboxTiming
from bailiff_bot.store.timeout_connection import SILENCE_TIMEOUT, TimeoutConnection
from tests.torture import disk_limit, hooks

CLOCK_VARIABLE = "TORTURE_CLOCK"
"""The variable with the path of the file that says how many seconds the clock is ahead."""
SILENCE_VARIABLE = "TORTURE_SILENCE"
"""The variable with the seconds that PostgreSQL may be silent. Default: the bot's own value."""
TIMING = Timing(
    outbox=OutboxTiming(
        max_send_duration=timedelta(seconds=1.6),
        visible_after=timedelta(seconds=0.3),
        lease=timedelta(seconds=2.3),
        clock_skew=timedelta(0),
        send_interval=timedelta(seconds=0),
        retry_interval=timedelta(seconds=0.1),
    ),
    lease=LeaseTiming(timedelta(seconds=1.5), timedelta(seconds=0.4)),
    tick=timedelta(seconds=0.2),
    retry_digest_after=timedelta(seconds=1),
    collect_notices=timedelta(seconds=0.3),
    slack_call=1.5,
)
"""The bot's waiting times, divided by about thirty. Their order by length stays the same."""


def torture_clock() -> Clock:
    """Return the machine's clock, ahead by the seconds that the file holds at each call."""
    file = Path(os.environ[CLOCK_VARIABLE])
    return lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text()))


def main() -> None:
    """Run the bot."""
    TimeoutConnection.silence_timeout = float(os.environ.get(SILENCE_VARIABLE, SILENCE_TIMEOUT))
    hooks.install(os.environ.get(hooks.VARIABLE, ""))
    disk_limit.install(os.environ.get(disk_limit.FLAG_VARIABLE, ""))
    cli.main(cli.Replacements(torture_clock(), TIMING))


if __name__ == "__main__":
    main()
