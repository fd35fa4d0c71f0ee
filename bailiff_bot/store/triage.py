"""Stores which message of triage shows a disclaimer, and what it says became of it."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Column, Connection, Select, Table, Text, bindparam, select, update

from bailiff_bot.domain.delivery import Run
from bailiff_bot.domain.ownership import Disclaimer
from bailiff_bot.domain.triage import TRIAGE, TriageMessage, TriageState
from bailiff_bot.store.database import Database
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.ownership import disclaimer_of, disclaimers
from bailiff_bot.store.runs import runs
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert

triage_items = Table(
    "triage_items",
    metadata,
    Column("disclaimer", Text, primary_key=True),
    Column("message", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    info=outdated(lambda table, _: table.c.disclaimer.not_in(select(disclaimers.c.id))),
)
"""`message` is the key of the delivery that shows it, `state` what the message says became of it."""


def encode_triage(message: str, shown: Iterable[Disclaimer]) -> bytes:
    """Return which disclaimers a message shows, in the form in which a run keeps it."""
    return json.dumps({"message": message, "disclaimers": [one.id for one in shown]}).encode()


def remember_triage(connection: Connection, run: Run) -> None:
    """Save that a message shows its disclaimers, now that somebody can have seen it."""
    memory = json.loads(run.memory)
    rows = [
        {"disclaimer": one, "message": memory["message"], "state": TriageState.OPEN} for one in memory["disclaimers"]
    ]
    new = insert(connection, triage_items).on_conflict_do_nothing(index_elements=[triage_items.c.disclaimer])
    connection.execute(new, rows)


class SqlTriageStore:
    """Stores what is in the triage channel. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def encode(self, message: str, shown: Iterable[Disclaimer]) -> bytes:
        """Return which disclaimers a message shows, in the form in which a run keeps it."""
        return encode_triage(message, shown)

    def waiting(self, now: datetime, before: datetime) -> tuple[Disclaimer, ...]:
        """Return the disclaimers that were said before a time and count now, and that no message shows or will show."""
        running = select(disclaimers).where(disclaimers.c.until > now, disclaimers.c.said < before)
        shown = running.where(disclaimers.c.id.not_in(select(triage_items.c.disclaimer)))
        with self._database.reading() as connection:
            planned = _planned(connection)
            rows = connection.execute(shown.order_by(disclaimers.c.said, disclaimers.c.id)).all()
        return tuple(disclaimer_of(row) for row in rows if row.id not in planned)

    def open_messages(self) -> tuple[TriageMessage, ...]:
        """Return the messages that say of a disclaimer that nobody has decided it, oldest first."""
        with_open = select(triage_items.c.message).where(triage_items.c.state == TriageState.OPEN)
        return self._messages(_ITEMS.where(triage_items.c.message.in_(with_open)))

    def message(self, key: str) -> TriageMessage | None:
        """Return a message; None if it is none of triage, or too old."""
        found = self._messages(_ITEMS.where(triage_items.c.message == key))
        return found[0] if found else None

    def mark_shown(self, states: Mapping[str, TriageState]) -> None:
        """Record what messages say became of disclaimers, by their ids."""
        rows = [{"where_disclaimer": key, "state": state} for key, state in states.items()]
        with self._database.writing() as connection:
            connection.execute(_MARK, rows)

    def _messages(self, items: Select[tuple[object, ...]]) -> tuple[TriageMessage, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(items).all()
        said: dict[tuple[str, str, str], list[tuple[Disclaimer, TriageState]]] = {}
        for row in rows:
            place = row.message, row.recipient, row.ts
            said.setdefault(place, []).append((disclaimer_of(row), TriageState(row.state)))
        return tuple(TriageMessage(*place, tuple(shown)) for place, shown in said.items())


_ITEMS = (
    select(disclaimers, triage_items.c.message, triage_items.c.state, deliveries.c.recipient, deliveries.c.ts)
    .join(triage_items, triage_items.c.disclaimer == disclaimers.c.id)
    .join(deliveries, deliveries.c.key == triage_items.c.message)
    .order_by(disclaimers.c.said, disclaimers.c.id)
)
_MARK = update(triage_items).where(triage_items.c.disclaimer == bindparam("where_disclaimer"))


def _planned(connection: Connection) -> frozenset[str]:
    """Return the ids of the disclaimers in messages that are on their way."""
    memories = connection.scalars(select(runs.c.memory).where(runs.c.kind == TRIAGE)).all()
    return frozenset(one for memory in memories for one in json.loads(memory)["disclaimers"])
