"""The real bot's command line, with quick timing, a clock that can be moved, and hooks at which it dies or stops.

`python -m tests.torture.bot_main run` is `bailiff run`. All that differs from it is here and in `hooks`.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bailiff_bot import bootstrap, cli, leases
from bailiff_bot.runtime import periodic, process
from bailiff_bot.runtime.schedule import Schedule
from bailiff_bot.slack.client import replies, transport, web
from bailiff_bot.store.timeout_connection import SILENCE, Attentive
from tests.torture import disk_limit, hooks

CLOCK = "TORTURE_CLOCK"
"""The variable that names the file with the seconds that the clock is ahead."""
SILENT = "TORTURE_SILENCE"
"""The variable with the seconds that PostgreSQL may be silent; unset, they are the bot's own."""
TIMEOUT = 1.5
"""Seconds for one call of Slack's."""
TIMING = replace(
    bootstrap.TIMING,
    call=timedelta(seconds=1.6),
    settle=timedelta(seconds=0.3),
    lease=timedelta(seconds=2.3),
    skew=timedelta(0),
    pace=timedelta(seconds=0),
    retry=timedelta(seconds=0.1),
)
TURN, BEAT = timedelta(seconds=1.5), 0.4
TICK = timedelta(seconds=0.2)
AGAIN = timedelta(seconds=1)
"""Until a digest that could not be planned is tried again."""


def clock_of(_settings: object) -> Callable[[], datetime]:
    """Return the machine's clock, ahead by what the file says at that moment."""
    file = Path(os.environ[CLOCK])
    return lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text()))


def hurry() -> None:
    """Make everything that waits wait for about a thirtieth of its time, and keep what is longer than what."""
    changes: dict[Any, dict[str, Any]] = {
        bootstrap: {"TIMING": TIMING, "clock_of": clock_of},
        leases: {"LEASE": TURN, "_BEAT": BEAT},
        periodic: {"_AGAIN": AGAIN},
        process: {"Schedule": partial(Schedule, every=TICK)},
        web: {"TIMEOUT": TIMEOUT},
        transport: {"TIMEOUT": TIMEOUT},
        replies: {"TIMEOUT": TIMEOUT},
    }
    for module, names in changes.items():
        for name, value in names.items():
            assert hasattr(module, name), f"{module.__name__} has no {name} any more"
            setattr(module, name, value)


def main() -> None:
    """Be a bot."""
    hurry()
    Attentive.silence = float(os.environ.get(SILENT, SILENCE))
    hooks.install(os.environ.get(hooks.VARIABLE, ""))
    disk_limit.watch(os.environ.get(disk_limit.VARIABLE, ""))
    cli.main()


if __name__ == "__main__":
    main()
