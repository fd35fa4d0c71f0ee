"""What is to be seen in a world's Slack, counted: each message by the key that it was sent with."""

import re
from collections.abc import Iterator
from difflib import unified_diff

from sqlalchemy import select

from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.store.tables import deliveries
from tests.torture import fixtures
from tests.torture.processes import TimedOut
from tests.torture.scenario import MessagesByKey, Scenario

_END = 600
"""Characters of a log."""
_READ = re.compile(r"\bread, \d+ [A-Z][a-z]{2}, \d\d:\d\d")
"""When AWS was read, to the minute: in each run at another time."""


def messages_by_key(scenario: Scenario) -> MessagesByKey:
    """Return all that the channel, its threads and every owner's conversation with the bot show."""
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


def delivery_errors(seen: MessagesByKey, wanted: MessagesByKey) -> list[str]:
    """Return what is there not exactly once, or not as it should be, a line each."""
    lost = [f"lost: {key}" for key in wanted if key not in seen]
    extra = [f"not wanted: {key}" for key in seen if key not in wanted]
    twice = [f"twice ({len(copies)} times): {key}" for key, copies in seen.items() if len(copies) > 1]
    return [*lost, *extra, *twice, *_changed(seen, wanted)]


def _changed(seen: MessagesByKey, wanted: MessagesByKey) -> Iterator[str]:
    for key in wanted.keys() & seen.keys():
        if seen[key][0] != wanted[key][0]:
            differences = unified_diff(wanted[key][0].splitlines(), seen[key][0].splitlines(), lineterm="", n=0)
            yield f"not whole: {key}: {' | '.join(list(differences)[2:8])}"


def timeout_details(scenario: Scenario, error: TimedOut) -> list[str]:
    """Return what there is to know where something did not come in time."""
    last = scenario.bots[-1] if scenario.bots else None
    log = last.log.read_text()[-_END:] if last and last.log.exists() else ""
    state = f"the last bot is {'dead' if last and last.dead else 'alive'}, and its log ends {log!r}"
    return [f"{error}; {state}", *unsent_deliveries(scenario)]


def unsent_deliveries(scenario: Scenario) -> list[str]:
    """Return the deliveries of which the database does not say that they were sent, a line each."""
    query = select(deliveries.c.key, deliveries.c.state, deliveries.c.reason).where(
        deliveries.c.state != DeliveryState.SENT
    )
    with scenario.store.database.reading() as connection:
        return [f"{row.state}: {row.key} {row.reason}" for row in connection.execute(query)]


def _key(message: RenderedMessage) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("key") or "")


def _slot(key: str) -> str:
    return key.partition("/")[0]


def _content(message: RenderedMessage) -> str:
    words = _READ.sub("read", message.visible_text)
    return "\n".join([words, *(f"{file.name}\n{file.text}" for file in message.files)])
