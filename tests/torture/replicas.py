"""Three replicas on PostgreSQL send a digest a day for a month. During each digest one is killed and restarted."""

import time
from datetime import datetime, timedelta

from sqlalchemy import select

from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.store.deliveries import deliveries
from tests.torture import fixtures
from tests.torture.checks import messages_by_key, timeout_details, unsent_deliveries
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import START_TIME, WAIT_LIMIT, Harness, MessagesByKey, Scenario

REPLICAS = 3
REMIND_DAYS = 7
"""Days after which an owner is notified again though nothing is new."""
_DAY = timedelta(days=1, minutes=1)
"""From one digest to the next. The extra minute makes sure that a reminder is due after a week."""
_SETTINGS = {"BAILIFF_REPLICAS": str(REPLICAS), "BAILIFF_REMIND_DAYS": str(REMIND_DAYS)}
_THREAD_KEYS = ("parent/C0COSTS001", "tables 1/C0COSTS001", "owners/C0COSTS001", "file")
_MESSAGES_WITHOUT_NUDGES, _MESSAGES_WITH_NUDGES = 5, 5 + len(fixtures.OWNERS)
"""How many messages a digest has, without its last one."""
_SLOW = 0.1
"""Seconds that Slack takes for each post: a digest must last long enough to be interrupted."""
_INSTANCE_IDS = frozenset(instance.id for instance in fixtures.FLEET)


def run(count: int) -> ResultRow:
    """Send `count` digests, one a day, in a harness of its own."""
    with Harness() as harness:
        return run_days(harness, count)


def run_days(harness: Harness, days: int) -> ResultRow:
    """Run three replicas for `days` days, and return the row of the table."""
    start = harness.day + START_TIME
    kills_in_time = 0
    with harness.postgres().database() as database, harness.scenario(database=database) as scenario:
        bots = [scenario.start(settings=_SETTINGS) for _ in range(REPLICAS)]
        scenario.driver.inject_fault("slow", "chat.postMessage", times=None, seconds=_SLOW)
        wrong = []
        for day in range(days):
            try:
                kills_in_time += _one_day(scenario, bots, start + day * _DAY, day)
            except TimedOut as error:
                wrong += [f"day {day}: {line}" for line in timeout_details(scenario, error)]
        visible = messages_by_key(scenario)
        wrong += [*unsent_deliveries(scenario), *_errors_in(visible, days, start), *_edit_errors(scenario)]
    digests = sum(len(copies) for key, copies in visible.items() if "/parent/" in key)
    return ResultRow(
        title=f"{REPLICAS} replicas on PostgreSQL, one killed during each of {days} digests",
        counts=f"{digests} digests, {sum('/nudge/' in key for key in visible)} nudges",
        runs=days,
        failures=tuple(wrong),
        notes=(f"{kills_in_time} of {days} kills came before all was sent; the victim was started again at once.",),
    )


def _one_day(scenario: Scenario, bots: list[BotHandle], now: datetime, day: int) -> bool:
    """Send a day's digest and kill a replica meanwhile. Return whether the digest was unfinished at that moment."""
    scenario.set_clock(now)
    sent = day * 5 % (_MESSAGES_WITH_NUDGES if day % REMIND_DAYS == 0 else _MESSAGES_WITHOUT_NUDGES)
    if sent:
        wait_until(lambda: _sent(scenario) >= sent, WAIT_LIMIT, f"{sent} messages of day {day}")
    else:
        time.sleep(0.3)  # by then they have begun to scan
    bots[day % len(bots)].kill()
    unsent = not scenario.digest_finished()
    bots[day % len(bots)] = scenario.start(settings=_SETTINGS)
    scenario.wait_for_digest()
    return unsent


def _sent(scenario: Scenario) -> int:
    """Return how many messages of today's digest the database calls sent."""
    query = select(deliveries.c.key).where(
        deliveries.c.state == DeliveryState.SENT, deliveries.c.key.startswith(f"{scenario.now:%Y-%m-%d}")
    )
    with scenario.store.database.reading() as connection:
        return len(connection.execute(query).all())


def _errors_in(visible: MessagesByKey, days: int, start: datetime) -> list[str]:
    expected = set()
    for day in range(days):
        slot = f"{start + day * _DAY:%Y-%m-%d}T09:00 UTC"
        expected |= {f"{slot}/{name}" for name in _THREAD_KEYS}
        if day % REMIND_DAYS == 0:
            expected |= {f"{slot}/nudge/{member.id}" for member in fixtures.MEMBERS}
    further_tables = {key for key in visible if "/tables " in key}
    wrong = [f"not delivered: {key}" for key in sorted(expected - visible.keys())]
    wrong += [f"not wanted: {key}" for key in sorted(visible.keys() - expected - further_tables)]
    wrong += [f"twice: {key}" for key, copies in visible.items() if len(copies) > 1]
    return wrong + [
        line for day in range(days) for line in _incomplete_parts(visible, f"{start + day * _DAY:%Y-%m-%d}")
    ]


def _incomplete_parts(visible: MessagesByKey, day: str) -> list[str]:
    """Return the parts of a day's thread that lack an instance or an owner."""
    thread = {key: copies[0] for key, copies in visible.items() if key.startswith(day)}
    tables = "".join(content for key, content in thread.items() if "/tables " in key)
    file = "".join(content for key, content in thread.items() if key.endswith("/file"))
    delivery_summary = "".join(content for key, content in thread.items() if "/owners/" in key)
    missing = {
        "tables": [one for one in _INSTANCE_IDS if one not in tables],
        "file": [one for one in _INSTANCE_IDS if one not in file],
        "delivery summary": [
            member.real_name for member in fixtures.MEMBERS if member.real_name not in delivery_summary
        ],
    }
    return [f"not whole: {part} of {day} without {', '.join(names)}" for part, names in missing.items() if names]


def _edit_errors(scenario: Scenario) -> list[str]:
    """Return the nudges that lack the edit that names a newer one, and the latest nudges that were edited."""
    wrong = []
    for owner in fixtures.OWNERS:
        messages = scenario.driver.user(owner).visible_messages()
        wrong += [f"not replaced: {owner}'s message {one.ts}" for one in messages[:-1] if not one.is_edited]
        wrong += [f"edited: {owner}'s latest message {one.ts}" for one in messages[-1:] if one.is_edited]
    return wrong
