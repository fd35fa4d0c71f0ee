"""Stores where a modal was opened from. The modal holds only the id, so that nothing that Slack sends is trusted."""

from datetime import timedelta

from sqlalchemy import Column, Table, Text, select

from bailiff_bot.domain.click import Click
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import UtcDateTime

_DAY = timedelta(days=1)

clicks = Table(
    "clicks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("offer", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("response_url", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    info=outdated(lambda table, cutoff: table.c.at < cutoff.now - _DAY),
)
"""The fields of `Click`. `response_url` is valid for half an hour."""


class SqlClickStore:
    """Stores clicks. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, click: Click) -> None:
        """Save a click."""
        values = {
            "id": click.id,
            "offer": click.offer,
            "user_id": click.user_id,
            "response_url": click.response_url,
            "at": click.at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(connection, clicks).values(values))

    def get(self, click_id: str) -> Click | None:
        """Return the click with this id; None if there is none, or it is older than a day."""
        with self._database.reading() as connection:
            row = connection.execute(select(clicks).where(clicks.c.id == click_id)).one_or_none()
        return Click(row.id, row.offer, row.user_id, row.response_url, row.at) if row else None
