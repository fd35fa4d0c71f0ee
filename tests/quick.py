"""The real bailiff as a program that waits for less: the sandbox shows messages at once and has no rate limits.

It differs from `bailiff` in the timing of what it sends, and in nothing else.
"""

import sys
from datetime import timedelta
from pathlib import Path

from bailiff_bot.outbox.timing import Timing

QUICK = Timing(
    max_send_duration=timedelta(seconds=0.1),
    visible_after=timedelta(0),
    lease=timedelta(seconds=0.6),
    clock_skew=timedelta(0),
    send_interval=timedelta(0),
    retry_interval=timedelta(seconds=0.05),
)
"""How long things take in the sandbox, on this machine and without Slack's rate limits."""
COMMAND = (sys.executable, str(Path(__file__).resolve()))

if __name__ == "__main__":
    from bailiff_bot import bootstrap, cli

    bootstrap.TIMING = QUICK
    cli.main()
