"""The real bailiff as a program with shorter waits: the sandbox shows messages at once and has no rate limits.

It differs from `bailiff` only in its timing.
"""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.outbox.timing import OutboxTiming

QUICK = Timing(
    outbox=OutboxTiming(
        max_send_duration=timedelta(seconds=0.1),
        visible_after=timedelta(0),
        lease=timedelta(seconds=0.6),
        clock_skew=timedelta(0),
        send_interval=timedelta(0),
        retry_interval=timedelta(seconds=0.05),
    ),
    collect_notices=timedelta(0),
)
"""The timing for the sandbox, which runs on this machine and has no rate limits."""
COMMAND = (sys.executable, str(Path(__file__).resolve()))
WITHOUT_EVIDENCE = {"BAILIFF_USAGE": "off", "BAILIFF_PRICES": "off"}
"""Settings for tests that are not about usage and prices."""
_TICK = "tick"
TICKING_COMMAND = (*COMMAND, _TICK)
"""The command that does its periodic work each second, so that it sees soon what came of an action in AWS."""

if __name__ == "__main__":
    from bailiff_bot import cli

    timing = QUICK
    if sys.argv[1:2] == [_TICK]:
        sys.argv.remove(_TICK)
        timing = replace(QUICK, tick=timedelta(seconds=1))
    cli.main(cli.Replacements(timing=timing))
