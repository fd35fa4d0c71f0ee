"""Stores what the buttons beside instances are about, by their keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, Text, select

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.offer import Offer
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.subject_columns import subject_columns, subject_of_row, subject_values
from bailiff_bot.store.types import SafeText, UtcDateTime


def _of_deletions() -> Select[Any]:
    """Return the keys of the offers of deletions, which are kept for ever."""
    results = metadata.tables["action_results"]
    return select(results.c.offer).where(results.c.action == Action.DELETE)


offers = Table(
    "offers",
    metadata,
    Column("key", Text, primary_key=True),
    *subject_columns(),
    Column("title", SafeText, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("message", Text, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("exemption", Text, nullable=False),
    Column("query", SafeText, nullable=False),
    info=outdated(lambda table, cutoff: (table.c.at < cutoff.before) & table.c.key.not_in(_of_deletions())),
)
"""The fields of `Offer`; `exemption` is its `made_id`."""


def insert_offers(connection: Connection, made: Sequence[Offer]) -> None:
    """Save what a rendering of a message offers."""
    if made:
        connection.execute(insert(connection, offers), list(map(_values, made)))


class SqlOfferStore:
    """Stores offers. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, made: Sequence[Offer]) -> None:
        """Save what a rendering of a message offers."""
        with self._database.writing() as connection:
            insert_offers(connection, made)

    def get(self, key: str) -> Offer | None:
        """Return the offer with this key; None if there is none, as for a forged key or a message that is very old."""
        with self._database.reading() as connection:
            row = connection.execute(select(offers).where(offers.c.key == key)).one_or_none()
        return offer_of(row) if row else None

    def same_rendering(self, offer: Offer) -> tuple[Offer, ...]:
        """Return the offers of one rendering of a message, in the order of their keys, without those that undo."""
        columns = offers.c
        same = (columns.recipient == offer.recipient, columns.message == offer.message, columns.at == offer.at)
        query = select(offers).where(*same, columns.exemption == "").order_by(columns.key)
        with self._database.reading() as connection:
            return tuple(map(offer_of, connection.execute(query).all()))


def _values(offer: Offer) -> dict[str, Any]:
    return {
        "key": offer.key,
        **subject_values(offer.subject),
        "title": offer.title,
        "recipient": offer.recipient,
        "message": offer.message,
        "at": offer.at,
        "exemption": offer.made_id,
        "query": offer.query,
    }


def offer_of(row: Row[Any]) -> Offer:
    """Return the offer of a row."""
    return Offer(row.key, subject_of_row(row), row.title, row.recipient, row.message, row.at, row.exemption, row.query)
