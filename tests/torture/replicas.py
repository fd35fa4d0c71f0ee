"""Three replicas on PostgreSQL, a digest a day for a month; during each digest one is killed and started again."""

import time
from datetime import datetime, timedelta

from sqlalchemy import select

from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.store.tables import deliveries
from tests.torture import fixtures
from tests.torture.checks import messages_by_key, timeout_details, unsent_deliveries
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import LATE, WAIT_LIMIT, Harness, MessagesByKey, Scenario

REPLICAS = 3
REMIND = 7
"""Days after which an owner is told again though nothing is new."""
_DAY = timedelta(days=1, minutes=1)
"""From one digest to the next: a little more, so that a week after a nudge is no matter of milliseconds."""
_SETTINGS = {"BAILIFF_REPLICAS": str(REPLICAS), "BAILIFF_REMIND_DAYS": str(REMIND)}
_ONCE = ("parent/C0COSTS001", "tables 1/C0COSTS001", "owners/C0COSTS001", "file")
_QUIET, _NUDGED = 5, 5 + len(fixtures.OWNERS)
"""Messages of a digest, but for the last."""
_SLOW = 0.1
"""Seconds that Slack takes to post anything: so a digest lasts long enough to be interrupted."""
_MACHINES = frozenset(machine.id for machine in fixtures.FLEET)


def run(count: int) -> ResultRow:
    """Send so many digests, on as many days."""
    with Harness() as harness:
        return run_days(harness, count)


def run_days(harness: Harness, days: int) -> ResultRow:
    """Let three replicas live for so many days."""
    begins = harness.day + LATE
    during = 0
    with harness.postgres().database() as database, harness.scenario(database=database) as scenario:
        bots = [scenario.start(settings=_SETTINGS) for _ in range(REPLICAS)]
        scenario.driver.inject_fault("slow", "chat.postMessage", times=None, seconds=_SLOW)
        wrong = []
        for day in range(days):
            try:
                during += _one_day(scenario, bots, begins + day * _DAY, day)
            except TimedOut as error:
                wrong += [f"day {day}: {line}" for line in timeout_details(scenario, error)]
        seen = messages_by_key(scenario)
        wrong += [*unsent_deliveries(scenario), *_wrong_in(seen, days, begins), *_not_edited(scenario)]
    digests = sum(len(copies) for key, copies in seen.items() if "/parent/" in key)
    return ResultRow(
        title=f"{REPLICAS} replicas on PostgreSQL, one killed during each of {days} digests",
        counts=f"{digests} digests, {sum('/nudge/' in key for key in seen)} nudges",
        runs=days,
        failures=tuple(wrong),
        notes=(f"{during} of {days} kills came before all was sent; the victim was started again at once.",),
    )


def _one_day(scenario: Scenario, bots: list[BotHandle], now: datetime, day: int) -> bool:
    """Send a day's digest, kill one who takes part in that, and return whether it was not yet sent."""
    scenario.set_clock(now)
    sent = day * 5 % (_NUDGED if day % REMIND == 0 else _QUIET)
    if sent:
        wait_until(lambda: _sent(scenario) >= sent, WAIT_LIMIT, f"{sent} messages of day {day}")
    else:
        time.sleep(0.3)  # when they have begun to look at AWS
    bots[day % len(bots)].kill()
    unsent = not scenario.finished()
    bots[day % len(bots)] = scenario.start(settings=_SETTINGS)
    scenario.wait_for_digest()
    return unsent


def _sent(scenario: Scenario) -> int:
    """Return how many messages of today's digest are known to be sent."""
    query = select(deliveries.c.key).where(
        deliveries.c.state == DeliveryState.SENT, deliveries.c.key.startswith(f"{scenario.now:%Y-%m-%d}")
    )
    with scenario.store.database.reading() as connection:
        return len(connection.execute(query).all())


def _wrong_in(seen: MessagesByKey, days: int, begins: datetime) -> list[str]:
    wanted = set()
    for day in range(days):
        slot = f"{begins + day * _DAY:%Y-%m-%d}T09:00 UTC"
        wanted |= {f"{slot}/{name}" for name in _ONCE}
        if day % REMIND == 0:
            wanted |= {f"{slot}/nudge/{member.id}" for member in fixtures.MEMBERS}
    more = {key for key in seen if "/tables " in key}
    wrong = [f"lost: {key}" for key in sorted(wanted - seen.keys())]
    wrong += [f"not wanted: {key}" for key in sorted(seen.keys() - wanted - more)]
    wrong += [f"twice: {key}" for key, copies in seen.items() if len(copies) > 1]
    return wrong + [line for day in range(days) for line in _not_whole(seen, f"{begins + day * _DAY:%Y-%m-%d}")]


def _not_whole(seen: MessagesByKey, day: str) -> list[str]:
    """Return which parts of a day's thread do not name all they should."""
    thread = {key: copies[0] for key, copies in seen.items() if key.startswith(day)}
    tables = "".join(content for key, content in thread.items() if "/tables " in key)
    file = "".join(content for key, content in thread.items() if key.endswith("/file"))
    delivery_summary = "".join(content for key, content in thread.items() if "/owners/" in key)
    missing = {
        "tables": [one for one in _MACHINES if one not in tables],
        "file": [one for one in _MACHINES if one not in file],
        "roll": [member.real_name for member in fixtures.MEMBERS if member.real_name not in delivery_summary],
    }
    return [f"not whole: {part} of {day} without {', '.join(names)}" for part, names in missing.items() if names]


def _not_edited(scenario: Scenario) -> list[str]:
    """Return the nudges that should say that a newer one replaces them, and those that should not."""
    wrong = []
    for owner in fixtures.OWNERS:
        messages = scenario.driver.user(owner).visible_messages()
        wrong += [f"not replaced: {owner}'s message {one.ts}" for one in messages[:-1] if not one.is_edited]
        wrong += [f"edited: {owner}'s latest message {one.ts}" for one in messages[-1:] if one.is_edited]
    return wrong
