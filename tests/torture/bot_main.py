"""The real bot's command line, with short timing, a movable clock, and hooks that kill or stop the process.

`python -m tests.torture.bot_main run` is `bailiff run`. All differences are here, in `hooks` or in `disk_limit`.
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
from bailiff_bot.runtime.schedule import Scheduler
from bailiff_bot.slack.client import replies, transport, web
from bailiff_bot.store.timeout_connection import SILENCE_TIMEOUT, TimeoutConnection
from tests.torture import disk_limit, hooks

CLOCK_VARIABLE = "TORTURE_CLOCK"
"""The variable with the path of the file that says how many seconds the clock is ahead."""
SILENCE_VARIABLE = "TORTURE_SILENCE"
"""The variable with the seconds that PostgreSQL may be silent. Default: the bot's own value."""
TIMEOUT = 1.5
"""Seconds for one call to Slack."""
TIMING = replace(
    bootstrap.TIMING,
    max_send_duration=timedelta(seconds=1.6),
    visible_after=timedelta(seconds=0.3),
    lease=timedelta(seconds=2.3),
    clock_skew=timedelta(0),
    send_interval=timedelta(seconds=0),
    retry_interval=timedelta(seconds=0.1),
)
LEASE_DURATION, RENEW_INTERVAL = timedelta(seconds=1.5), 0.4
TICK = timedelta(seconds=0.2)
RETRY_AFTER = timedelta(seconds=1)
"""Time until a digest that could not be planned is tried again."""


def clock_of(_settings: object) -> Callable[[], datetime]:
    """Return the machine's clock, ahead by the seconds that the file holds at each call."""
    file = Path(os.environ[CLOCK_VARIABLE])
    return lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text()))


def shorten_timing() -> None:
    """Divide the bot's waiting times by about thirty. Their order by length stays the same."""
    changes: dict[Any, dict[str, Any]] = {
        bootstrap: {"TIMING": TIMING, "clock_of": clock_of},
        leases: {"LEASE_DURATION": LEASE_DURATION, "_RENEW_EVERY": RENEW_INTERVAL},
        periodic: {"_RETRY_AFTER": RETRY_AFTER},
        process: {"Scheduler": partial(Scheduler, interval=TICK)},
        web: {"TIMEOUT": TIMEOUT},
        transport: {"TIMEOUT": TIMEOUT},
        replies: {"TIMEOUT": TIMEOUT},
    }
    for module, names in changes.items():
        for name, value in names.items():
            assert hasattr(module, name), f"{module.__name__} has no {name}"
            setattr(module, name, value)


def main() -> None:
    """Run the bot."""
    shorten_timing()
    TimeoutConnection.silence_timeout = float(os.environ.get(SILENCE_VARIABLE, SILENCE_TIMEOUT))
    hooks.install(os.environ.get(hooks.VARIABLE, ""))
    disk_limit.install(os.environ.get(disk_limit.FLAG_VARIABLE, ""))
    cli.main()


if __name__ == "__main__":
    main()
