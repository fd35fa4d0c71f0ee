"""Clocks that jump: a bot that is frozen at digest time or down for days, and the days on which clocks change."""

import signal
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import sleep
from typing import cast
from uuid import uuid4
from zoneinfo import ZoneInfo

from bailiff_bot.domain.delivery import Batch, BatchPlan, MessageKind, OutgoingMessage
from bailiff_bot.runtime.periodic import PeriodicWork
from bailiff_bot.runtime.slots import parse_slots
from bailiff_bot.store.store import Store, store_at
from bailiff_bot.usecases.digests import Digests
from tests.torture.checks import delivery_errors, messages_by_key, timeout_details, unsent_deliveries
from tests.torture.fixtures import MEMBERS
from tests.torture.processes import TimedOut, wait_until
from tests.torture.result_row import ResultRow, failed_runs
from tests.torture.scenario import MEMORY_FOLDER, START_TIME, WAIT_LIMIT, Harness, MessagesByKey, Scenario
from tests.torture.worker_pool import run_in_worker_pool

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_SLOT = timedelta(hours=9)
_QUIET_SECONDS = 1.5
"""Seconds in which no further message may come. The bot ticks many times in them."""
Change = tuple[str, str, date, str]
CHANGES: tuple[Change, ...] = (
    ("Europe/Paris", "gap", date(2026, 3, 29), "30 2 * * *"),
    ("Europe/Paris", "fold", date(2026, 10, 25), "30 2 * * *"),
    ("America/New_York", "gap", date(2026, 3, 8), "30 2 * * *"),
    ("America/New_York", "fold", date(2026, 11, 1), "30 1 * * *"),
)
"""The zone, the change, its day, and a crontab whose slot the change skips or repeats."""


def frozen(count: int) -> ResultRow:
    """Freeze a bot over digest time, `count` times."""
    failures = [line for lines in run_in_worker_pool(freeze_over_digest_time, range(count)) for line in lines]
    return ResultRow(
        title="frozen (SIGSTOP) for 60 s over digest time",
        counts=f"{count - failed_runs(failures)} of {count} times one late digest",
        runs=count,
        failures=tuple(failures),
    )


def freeze_over_digest_time(harness: Harness, number: int) -> list[str]:
    """Stop a bot up to a minute before its slot, continue it a minute later, and return what is wrong then."""
    before = timedelta(seconds=59 - number * 7 % 50)
    with harness.scenario(at=_SLOT - before) as scenario:
        try:
            bot = scenario.start()
            wait_until(
                lambda: scenario.driver.connections() and scenario.store.snapshots.latest_at(),
                WAIT_LIMIT,
                "the first scan",
            )
            sleep(number % 5 * 0.1)
            bot.send(signal.SIGSTOP)
            early = messages_by_key(scenario)
            scenario.set_clock(scenario.now + timedelta(minutes=1))
            bot.send(signal.SIGCONT)
            scenario.wait_for_digest()
            sleep(_QUIET_SECONDS)
        except TimedOut as error:
            return [f"run {number}: {line}" for line in timeout_details(scenario, error)]
        wrong = [f"too early: {key}" for key in early]
        wrong += [
            *delivery_errors(messages_by_key(scenario), harness.expected_messages()),
            *unsent_deliveries(scenario),
        ]
    return [f"run {number}: {line}" for line in wrong]


def down(count: int) -> ResultRow:
    """Keep a bot down for three days, `count` times."""
    failures = [line for lines in run_in_worker_pool(restart_three_days_later, range(count)) for line in lines]
    return ResultRow(
        title="down for 3 days",
        counts=f"{count - failed_runs(failures)} of {count} times one digest when it is back",
        runs=count,
        failures=tuple(failures),
    )


def restart_three_days_later(harness: Harness, number: int) -> list[str]:
    """End a bot after its digest, start it three days later, and return what is wrong then."""
    with harness.scenario() as scenario:
        try:
            _send_today(scenario)
            scenario.bots[0].send(signal.SIGTERM if number % 2 else signal.SIGKILL)
            scenario.bots[0].wait(WAIT_LIMIT)
            scenario.set_clock(harness.day + 3 * DAY + START_TIME + number * 10 * MINUTE)
            _send_today(scenario)
            sleep(_QUIET_SECONDS)
        except TimedOut as error:
            return [f"run {number}: {line}" for line in timeout_details(scenario, error)]
        visible = messages_by_key(scenario)
        wrong = [*unsent_deliveries(scenario), *_errors_in_two_digests(harness, visible)]
    return [f"run {number}: {line}" for line in wrong]


def _send_today(scenario: Scenario) -> None:
    scenario.start()
    scenario.wait_for_digest()


def _errors_in_two_digests(harness: Harness, visible: MessagesByKey) -> list[str]:
    """Return what is wrong with the digests of the first and the fourth day. The fourth must notify nobody again."""
    first, fourth = (f"{harness.day + days * DAY:%Y-%m-%d}" for days in (0, 3))
    expected = harness.expected_messages()
    again = {key.replace(first, fourth) for key in expected if "/nudge/" not in key}
    wrong = [f"not delivered: {key}" for key in {*expected, *again} - visible.keys()]
    wrong += [f"not wanted: {key}" for key in visible.keys() - expected - again]
    wrong += [f"twice: {key}" for key, copies in visible.items() if len(copies) > 1]
    summaries = "".join(
        content for key in visible if key.startswith(fourth) and "/owners/" in key for content in visible[key]
    )
    heading = "Already notified, nothing new"
    whole = heading in summaries and all(one.real_name in summaries for one in MEMBERS)
    return wrong if whole else [*wrong, f"not whole: {summaries}"]


def summer_time(minutes: int = 1) -> ResultRow:
    """Run over the days on which clocks change, with a tick every `minutes` minutes."""
    cases = [(change, minutes * MINUTE) for change in CHANGES]
    failures = [line for lines in run_in_worker_pool(live_through_clock_change, cases, scenarios=1) for line in lines]
    return ResultRow(
        title="clock changes: 2 zones x both, cron inside the gap and inside the fold",
        counts=f"one digest each local day ({3 * len(CHANGES)} days, a tick every {minutes} min)",
        runs=len(CHANGES),
        failures=tuple(failures),
    )


def live_through_clock_change(_harness: object, case: tuple[Change, timedelta]) -> list[str]:
    """Run from the day before a change to the day after it. Return the days that had not exactly one digest."""
    (zone, change, day, crontab), every = case
    local = ZoneInfo(zone)
    now, end = (datetime.combine(day + days * DAY, time(), local).astimezone(UTC) for days in (-1, 2))
    sent: list[datetime] = []
    with (
        tempfile.TemporaryDirectory(dir=MEMORY_FOLDER) as folder,
        store_at(f"sqlite:///{folder}/bailiff.sqlite") as store,
    ):
        while now < end:
            _periodic_work(store, zone, crontab, sent, now).run_due()
            now += every
    counts = Counter(at.astimezone(local).date() for at in sent)
    days = [day + days * DAY for days in (-1, 0, 1)]
    return [f"{zone}, {change}: {counts[one]} digests on {one}" for one in days if counts[one] != 1]


def _periodic_work(store: Store, zone: str, crontab: str, sent: list[datetime], now: datetime) -> PeriodicWork:
    """Return the periodic work of a process that has just started: it knows only what the store holds."""
    return PeriodicWork(
        digests=cast("Digests", RecordingDigests(store, sent, now)),
        resume_unfinished=lambda: None,
        schedules=store.schedules,
        clock=lambda: now,
        slots=parse_slots(crontab, zone),
        schedule_text=f"{crontab} {zone}",
        until=time(23, 59),
        prune=lambda: None,
        remind=lambda: None,
    )


@dataclass
class RecordingDigests:
    """Digests that are planned and never sent. It records the time of each plan."""

    store: Store
    sent: list[datetime]
    now: datetime

    def send_scheduled(self, slot: str, expires: datetime) -> None:
        parent = OutgoingMessage(MessageKind.PARENT, "C0COSTS001", "parent", "", {})
        batch = Batch(uuid4().hex, "scheduled", slot, "C0COSTS001", self.now, expires, {})
        if self.store.deliveries.save_plan(BatchPlan(batch, (parent,))):
            self.sent.append(self.now)
