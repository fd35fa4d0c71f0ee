"""Random clicks, planned from a seed: who clicks what, in which order, and what happens to the bots and to Slack."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from tests.torture import fixtures

OWNERS = fixtures.OWNERS[:6]
ADMIN, GUEST, EXTERNAL = fixtures.OWNERS[6:9]
"""An administrator of Bailiff, and owners who became a guest, or an external, after they got a message."""
PEOPLE = (*OWNERS, ADMIN, GUEST, EXTERNAL)

Where = Literal["message", "answer", "home", "exemptions", "triage"]
Key = Literal["shown", "earlier", "stolen", "forged", "replayed"]
"""Which key the app gets: of the button that is shown, of an earlier rendering, of somebody else's message, of none;
`replayed`: an earlier click or submission is sent again."""
Form = Literal["send", "send twice", "past", "long", "close"]
"""What somebody does with a form that opens."""
Event = Literal["", "kill", "stop", "rate limit"]
LIMITED_METHODS = (
    "views.open",
    "views.update",
    "views.publish",
    "chat.update",
    "chat.postMessage",
    "users.info",
    "response_url",
)
_EVENT_EVERY = 25
"""Clicks between two events, on average."""


@dataclass(frozen=True, slots=True)
class PlannedClick:
    """One click. Numbers from 0 to 1 choose among what there is when it is carried out."""

    person: str
    where: Where
    key: Key
    form: Form
    button: float
    other: float
    event: Event
    """What happens when the click is sent."""
    victim: int
    """The replica that an event concerns."""
    method: str
    """The method of Slack that a rate limit concerns."""


def fleet() -> tuple[InstanceFixture, ...]:
    """Return three instances for each owner, of which one is stopped, and two that have two owners."""
    names = [(name, f"{name}-{number}") for name in PEOPLE for number in range(3)]
    own = tuple(_instance(name, 40 + number, is_stopped=number % 3 == 2) for number, (_, name) in enumerate(names))
    tags = [", ".join(f"{name}@octo.example" for name in OWNERS[first : first + 2]) for first in (0, 2)]
    shared = tuple(_instance(f"worker{number}node", 90, ("OWNER", tag)) for number, tag in enumerate(tags))
    return (*own, *shared)


def _instance(name: str, days: int, *tags: tuple[str, str], is_stopped: bool = False) -> InstanceFixture:
    table = "deleted-when-abandoned" if is_stopped else fixtures.STOPPED_WHEN_UNUSED
    return InstanceFixture(
        key=name,
        name=name,
        since_start=timedelta(days=days),
        state="stopped" if is_stopped else "running",
        reason=STOPPED_BY_USER if is_stopped else "",
        since_stop=timedelta(days=days - 5),
        tags=tags,
        expected_table="owned" if tags else table,
    )


def plan(seed: int, clicks: int) -> list[PlannedClick]:
    """Return the clicks of a seed: always the same."""
    chance = random.Random(seed)  # noqa: S311 - the same clicks in every run
    return [_planned(chance) for _ in range(clicks)]


def _planned(chance: random.Random) -> PlannedClick:
    happens = chance.random() < 1 / _EVENT_EVERY
    return PlannedClick(
        person=chance.choice(PEOPLE),
        where=chance.choices(("message", "answer", "home", "exemptions", "triage"), (6, 2, 2, 1, 1))[0],
        key=chance.choices(("shown", "earlier", "stolen", "forged", "replayed"), (10, 3, 2, 1, 4))[0],
        form=chance.choices(("send", "send twice", "past", "long", "close"), (10, 3, 1, 1, 2))[0],
        button=chance.random(),
        other=chance.random(),
        event=chance.choices(("kill", "stop", "rate limit"), (2, 1, 3))[0] if happens else "",
        victim=chance.randrange(2),
        method=chance.choice(LIMITED_METHODS),
    )
