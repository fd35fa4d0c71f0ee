"""The real program in this process, as the composition root builds it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bailiff_bot.bootstrap.bot import bot_process, periodic_work
from bailiff_bot.bootstrap.services import Services, services
from bailiff_bot.bootstrap.slack import SlackServices, slack_services
from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.domain.clock import Clock
from bailiff_bot.runtime.periodic import PeriodicWork
from bailiff_bot.runtime.process import BotProcess
from bailiff_bot.settings.model import Settings
from tests.quick import QUICK

IDLE_TIMEOUT = 40.0
"""Seconds that sending may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program, with an open database. Its process is not started."""

    shared: Services
    slack: SlackServices
    work: PeriodicWork
    process: BotProcess

    def run_due(self) -> None:
        """Do the work that is due, as the scheduler does at each tick, and wait until all is sent."""
        self.work.run_due()
        deadline = time.monotonic() + IDLE_TIMEOUT
        while (load := self.slack.outbox.load()).waiting or load.sending:
            assert time.monotonic() < deadline, load
            time.sleep(0.01)


@contextmanager
def open_program(settings: Settings, clock: Clock | None = None, timing: Timing = QUICK) -> Iterator[Program]:
    """Yield the program for some settings. Afterwards it sends nothing more, and its database is closed."""
    with services(settings, clock=clock, timing=timing) as shared:
        slack = slack_services(settings, shared)
        work = periodic_work(settings, shared, slack)
        try:
            yield Program(shared, slack, work, bot_process(settings, shared, slack))
        finally:
            shared.stopping.set()
            slack.outbox.stop()
