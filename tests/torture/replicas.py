"""Three replicas on PostgreSQL, a digest a day for a month; during each digest one is killed and started again."""

import time
from datetime import datetime, timedelta

from sqlalchemy import select

from bailiff_bot.domain.delivery import State
from bailiff_bot.store.tables import deliveries
from tests.torture import fixtures
from tests.torture.checks import ailing, picture, unsettled
from tests.torture.processes import Process, TooLong, until
from tests.torture.result_row import Row
from tests.torture.scenario import LATE, PATIENCE, Picture, Theatre, World

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


def run(count: int) -> Row:
    """Send so many digests, on as many days."""
    with Theatre() as theatre:
        return lived(theatre, count)


def lived(theatre: Theatre, days: int) -> Row:
    """Let three replicas live for so many days."""
    begins = theatre.day + LATE
    during = 0
    with theatre.server().database() as database, theatre.world(database=database) as world:
        bots = [world.start(settings=_SETTINGS) for _ in range(REPLICAS)]
        world.driver.fault("slow", "chat.postMessage", times=None, seconds=_SLOW)
        wrong = []
        for day in range(days):
            try:
                during += _one_day(world, bots, begins + day * _DAY, day)
            except TooLong as error:
                wrong += [f"day {day}: {line}" for line in ailing(world, error)]
        seen = picture(world)
        wrong += [*unsettled(world), *_wrong_in(seen, days, begins), *_not_edited(world)]
    digests = sum(len(copies) for key, copies in seen.items() if "/parent/" in key)
    return Row(
        what=f"{REPLICAS} replicas on PostgreSQL, one killed during each of {days} digests",
        shown=f"{digests} digests, {sum('/nudge/' in key for key in seen)} nudges",
        runs=days,
        failures=tuple(wrong),
        notes=(f"{during} of {days} kills came before all was sent; the victim was started again at once.",),
    )


def _one_day(world: World, bots: list[Process], now: datetime, day: int) -> bool:
    """Send a day's digest, kill one who takes part in that, and return whether it was not yet sent."""
    world.go_to(now)
    sent = day * 5 % (_NUDGED if day % REMIND == 0 else _QUIET)
    if sent:
        until(lambda: _sent(world) >= sent, PATIENCE, f"{sent} messages of day {day}")
    else:
        time.sleep(0.3)  # when they have begun to look at AWS
    bots[day % len(bots)].kill()
    unsent = not world.finished()
    bots[day % len(bots)] = world.start(settings=_SETTINGS)
    world.wait_finished()
    return unsent


def _sent(world: World) -> int:
    """Return how many messages of today's digest are known to be sent."""
    query = select(deliveries.c.key).where(
        deliveries.c.state == State.SENT, deliveries.c.key.startswith(f"{world.now:%Y-%m-%d}")
    )
    with world.store.database.reading() as connection:
        return len(connection.execute(query).all())


def _wrong_in(seen: Picture, days: int, begins: datetime) -> list[str]:
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


def _not_whole(seen: Picture, day: str) -> list[str]:
    """Return which parts of a day's thread do not name all they should."""
    thread = {key: copies[0] for key, copies in seen.items() if key.startswith(day)}
    tables = "".join(content for key, content in thread.items() if "/tables " in key)
    file = "".join(content for key, content in thread.items() if key.endswith("/file"))
    roll = "".join(content for key, content in thread.items() if "/owners/" in key)
    missing = {
        "tables": [one for one in _MACHINES if one not in tables],
        "file": [one for one in _MACHINES if one not in file],
        "roll": [member.real_name for member in fixtures.MEMBERS if member.real_name not in roll],
    }
    return [f"not whole: {part} of {day} without {', '.join(names)}" for part, names in missing.items() if names]


def _not_edited(world: World) -> list[str]:
    """Return the nudges that should say that a newer one replaces them, and those that should not."""
    wrong = []
    for owner in fixtures.OWNERS:
        messages = world.driver.user(owner).sees()
        wrong += [f"not replaced: {owner}'s message {one.ts}" for one in messages[:-1] if not one.is_edited]
        wrong += [f"edited: {owner}'s latest message {one.ts}" for one in messages[-1:] if one.is_edited]
    return wrong
