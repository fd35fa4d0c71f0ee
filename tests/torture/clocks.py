"""Clocks that jump: a bot frozen over digest time, or down for days, and the days on which wall clocks change."""

import signal
import tempfile
import time as machine
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

from bailiff_bot.domain.delivery import Dispatch, Draft, Occasion, Part, Plan
from bailiff_bot.runtime.periodic import Duty
from bailiff_bot.runtime.schedule import slots_of
from bailiff_bot.store.store import Store, open_store
from bailiff_bot.usecases.digests import Digests
from tests.torture.checks import ailing, picture, problems, unsettled
from tests.torture.fixtures import MEMBERS
from tests.torture.processes import TooLong, until
from tests.torture.result_row import Row, broken
from tests.torture.scenario import LATE, MEMORY, PATIENCE, Picture, Theatre, World
from tests.torture.worker_pool import crew

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_SLOT = timedelta(hours=9)
_WHILE = 1.5
"""Seconds, many ticks of a bot, in which nothing more may come."""
Change = tuple[str, str, date, str]
CHANGES: tuple[Change, ...] = (
    ("Europe/Paris", "gap", date(2026, 3, 29), "30 2 * * *"),
    ("Europe/Paris", "fold", date(2026, 10, 25), "30 2 * * *"),
    ("America/New_York", "gap", date(2026, 3, 8), "30 2 * * *"),
    ("America/New_York", "fold", date(2026, 11, 1), "30 1 * * *"),
)
"""Zone, change, its day, and a slot that it skips or has come twice."""


def frozen(count: int) -> Row:
    """Freeze a bot over digest time so many times."""
    failures = [line for lines in crew(slept_over_it, range(count)) for line in lines]
    return Row(
        what="frozen (SIGSTOP) for 60 s over digest time",
        shown=f"{count - broken(failures)} of {count} times one late digest",
        runs=count,
        failures=tuple(failures),
    )


def slept_over_it(theatre: Theatre, number: int) -> list[str]:
    """Stop a bot up to a minute before its slot, wake it a minute later, and return what is wrong then."""
    before = timedelta(seconds=59 - number * 7 % 50)
    with theatre.world(at=_SLOT - before) as world:
        try:
            bot = world.start()
            until(lambda: world.driver.connections() and world.store.album.latest_at(), PATIENCE, "the first scan")
            machine.sleep(number % 5 * 0.1)
            bot.send(signal.SIGSTOP)
            early = picture(world)
            world.go_to(world.now + timedelta(minutes=1))
            bot.send(signal.SIGCONT)
            world.wait_finished()
            machine.sleep(_WHILE)
        except TooLong as error:
            return [f"run {number}: {line}" for line in ailing(world, error)]
        wrong = [f"too early: {key}" for key in early]
        wrong += [*problems(picture(world), theatre.reference()), *unsettled(world)]
    return [f"run {number}: {line}" for line in wrong]


def down(count: int) -> Row:
    """Have a bot down for three days, so many times."""
    failures = [line for lines in crew(away, range(count)) for line in lines]
    return Row(
        what="down for 3 days",
        shown=f"{count - broken(failures)} of {count} times one digest when it is back",
        runs=count,
        failures=tuple(failures),
    )


def away(theatre: Theatre, number: int) -> list[str]:
    """End a bot after its digest, start it three days later, and return what is wrong then."""
    with theatre.world() as world:
        try:
            _send_today(world)
            world.bots[0].send(signal.SIGTERM if number % 2 else signal.SIGKILL)
            world.bots[0].wait(PATIENCE)
            world.go_to(theatre.day + 3 * DAY + LATE + number * 10 * MINUTE)
            _send_today(world)
            machine.sleep(_WHILE)
        except TooLong as error:
            return [f"run {number}: {line}" for line in ailing(world, error)]
        seen = picture(world)
        wrong = [*unsettled(world), *_two_digests(theatre, seen)]
    return [f"run {number}: {line}" for line in wrong]


def _send_today(world: World) -> None:
    world.start()
    world.wait_finished()


def _two_digests(theatre: Theatre, seen: Picture) -> list[str]:
    """Return what is wrong in a digest of the first day and another of the fourth, in which nobody is told again."""
    first, fourth = (f"{theatre.day + days * DAY:%Y-%m-%d}" for days in (0, 3))
    wanted = theatre.reference()
    again = {key.replace(first, fourth) for key in wanted if "/nudge/" not in key}
    wrong = [f"lost: {key}" for key in {*wanted, *again} - seen.keys()]
    wrong += [f"not wanted: {key}" for key in seen.keys() - wanted - again]
    wrong += [f"twice: {key}" for key, copies in seen.items() if len(copies) > 1]
    rolls = "".join(content for key in seen if key.startswith(fourth) and "/owners/" in key for content in seen[key])
    told = "Told before, and nothing is new"
    return wrong + ([] if told in rolls and all(one.real_name in rolls for one in MEMBERS) else [f"not whole: {rolls}"])


def summer_time(minutes: int = 1) -> Row:
    """Live through the days on which clocks change, a tick every so many minutes."""
    cases = [(change, minutes * MINUTE) for change in CHANGES]
    failures = [line for lines in crew(changed, cases, worlds=1) for line in lines]
    return Row(
        what="clock changes: 2 zones x both, cron inside the gap and inside the fold",
        shown=f"one digest each local day ({3 * len(CHANGES)} days, a tick every {minutes} min)",
        runs=len(CHANGES),
        failures=tuple(failures),
    )


def changed(_theatre: object, case: tuple[Change, timedelta]) -> list[str]:
    """Live from the day before a change until the day after it, and return the days that had not one digest."""
    (zone, change, day, crontab), every = case
    local = ZoneInfo(zone)
    now, end = (datetime.combine(day + days * DAY, time(), local).astimezone(UTC) for days in (-1, 2))
    sent: list[datetime] = []
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, open_store(f"sqlite:///{folder}/bailiff.sqlite") as store:
        while now < end:
            _duty(store, zone, crontab, sent, now).tend()
            now += every
    counts = Counter(at.astimezone(local).date() for at in sent)
    days = [day + days * DAY for days in (-1, 0, 1)]
    return [f"{zone}, {change}: {counts[one]} digests on {one}" for one in days if counts[one] != 1]


def _duty(store: Store, zone: str, crontab: str, sent: list[datetime], now: datetime) -> Duty:
    """Return the duty of a process that has just been started: it remembers nothing but what the store does."""
    return Duty(
        digests=cast("Digests", Planner(store, sent, now)),
        schedules=store.schedules,
        clock=lambda: now,
        slots=slots_of(crontab, zone),
        schedule=f"{crontab} {zone}",
        until=time(23, 59),
        forget=lambda: None,
    )


@dataclass
class Planner:
    """What there is to a digest for a clock: that it is planned."""

    store: Store
    sent: list[datetime]
    now: datetime

    def scheduled(self, slot: str, expires: datetime) -> None:
        parent = Draft(Part.PARENT, "C0COSTS001", "parent", "", {})
        dispatch = Dispatch(uuid4().hex, Occasion.SCHEDULED, slot, "C0COSTS001", self.now, expires, {})
        if self.store.ledger.plan(Plan(dispatch, (parent,))):
            self.sent.append(self.now)

    @property
    def dispatcher(self) -> Self:
        return self

    def complete(self) -> None:
        pass
