"""What a scenario's Slack shows: its messages by the keys of their deliveries, and what is wrong with them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import unified_diff

from sqlalchemy import select

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.domain.notice import NOTICE
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.store.deliveries import deliveries
from tests.torture import fixtures
from tests.torture.person import Person
from tests.torture.processes import TimedOut
from tests.torture.scenario import MessagesByKey, Scenario

REPLACED = "a later message replaces it"
"""Why an edit is not sent if a later one has the newer content."""
_LOG_CHARACTERS = 600
"""How many characters of a log's end are reported."""
_READ_TIME = re.compile(r"\bread, \d+ [A-Z][a-z]{2}, \d\d:\d\d")
"""When AWS was read, to the minute. It differs from run to run."""


def messages_by_key(scenario: Scenario) -> MessagesByKey:
    """Return every message in the channel, its threads, and each owner's conversation with the bot."""
    found: MessagesByKey = {}
    reader = scenario.driver.user(fixtures.OWNERS[0])
    for parent in reader.visible_messages(fixtures.CHANNEL.name):
        key = _key(parent) or f"no key: {parent.text}"
        found.setdefault(key, []).append(_content(parent))
        for reply in reader.visible_messages(fixtures.CHANNEL.name, thread=parent)[1:]:
            found.setdefault(_key(reply) or f"{_slot(key)}/file", []).append(_content(reply))
    for owner in fixtures.OWNERS:
        for message in scenario.driver.user(owner).visible_messages():
            found.setdefault(_key(message) or f"no key: {message.text}", []).append(_content(message))
    return found


def delivery_errors(visible: MessagesByKey, expected: MessagesByKey) -> list[str]:
    """Return a line for each message that is missing, unexpected, duplicated or has the wrong content."""
    lost = [f"not delivered: {key}" for key in expected if key not in visible]
    extra = [f"not wanted: {key}" for key in visible if key not in expected]
    twice = [f"twice ({len(copies)} times): {key}" for key, copies in visible.items() if len(copies) > 1]
    return [*lost, *extra, *twice, *_changed(visible, expected)]


def _changed(visible: MessagesByKey, expected: MessagesByKey) -> Iterator[str]:
    for key in expected.keys() & visible.keys():
        if visible[key][0] != expected[key][0]:
            differences = unified_diff(expected[key][0].splitlines(), visible[key][0].splitlines(), lineterm="", n=0)
            yield f"not whole: {key}: {' | '.join(list(differences)[2:8])}"


def timeout_details(scenario: Scenario, error: TimedOut) -> list[str]:
    """Return a line with the last bot's state and log, then a line for each unsent delivery."""
    last = scenario.bots[-1] if scenario.bots else None
    log = last.log.read_text()[-_LOG_CHARACTERS:] if last and last.log.exists() else ""
    state = f"the last bot is {'dead' if last and last.dead else 'alive'}, and its log ends {log!r}"
    return [f"{error}; {state}", *unsent_deliveries(scenario)]


def unsent_deliveries(scenario: Scenario) -> list[str]:
    """Return a line for each delivery whose state in the database is not `sent`."""
    query = select(deliveries.c.key, deliveries.c.state, deliveries.c.reason).where(
        deliveries.c.state != DeliveryState.SENT
    )
    with scenario.store.database.reading() as connection:
        return [f"{row.state}: {row.key} {row.reason}" for row in connection.execute(query)]


def lost_deliveries(scenario: Scenario) -> list[str]:
    """Return the unsent deliveries, without edits of a message that was rendered again meanwhile."""
    return [line for line in unsent_deliveries(scenario) if not line.endswith(REPLACED)]


def notice_errors(scenario: Scenario, people: Iterable[Person]) -> Iterator[str]:
    """Yield a line for what somebody was told twice, and for each notice that Slack has twice.

    A deletion is told when it is asked for, and when it is over.
    """
    query = select(deliveries.c.recipient, deliveries.c.told).where(deliveries.c.key.contains(f"/{NOTICE} "))
    with scenario.store.database.reading() as connection:
        rows = connection.execute(query).all()
    told = Counter((row.recipient, *result) for row in rows for result in row.told)
    yield from (f"told twice: {one}" for one, number in told.items() if number > 1 + (one[-1] == Action.DELETE))
    for person in people:
        shown = Counter(map(_key, person.notices()))
        yield from (f"sent twice to {person.name}: {key}" for key, number in shown.items() if number > 1)


def _key(message: RenderedMessage) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("key") or "")


def _slot(key: str) -> str:
    return key.partition("/")[0]


def _content(message: RenderedMessage) -> str:
    text = _READ_TIME.sub("read", message.visible_text)
    return "\n".join([text, *(f"{file.name}\n{file.text}" for file in message.files)])
