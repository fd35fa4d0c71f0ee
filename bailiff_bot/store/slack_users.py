"""Caches the Slack user of each address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, Table, Text, select

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import SafeText, UtcDateTime

slack_users = Table(
    "people",
    metadata,
    Column("address", SafeText, primary_key=True),
    Column("user_id", Text),
    Column("name", SafeText, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("found", UtcDateTime, nullable=False),
    info=outdated(lambda table, cutoff: table.c.found < cutoff.before),
)
"""The Slack user of each address. A row without a user id has the reason."""


class SqlUserCache:
    """Caches Slack's answers. A look-up that failed is not cached."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, addresses: frozenset[str], since: datetime) -> dict[str, Owner | NoOwner]:
        """Return the cached answers for these addresses that are from `since` or later."""
        with self._database.reading() as connection:
            rows = connection.execute(select(slack_users).where(slack_users.c.found >= since)).all()
        return {row.address: _owner(row) for row in rows if row.address in addresses}

    def save(self, found: Mapping[str, Owner | NoOwner], now: datetime) -> None:
        """Save the answers that Slack gave at `now`."""
        rows = [
            _row(address, owner, now)
            for address, owner in sorted(found.items())  # sorted, so that two writers do not deadlock
            if isinstance(owner, Owner) or not owner.lookup_failed
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            row = insert(connection, slack_users)
            values = {column.name: row.excluded[column.name] for column in slack_users.c if not column.primary_key}
            connection.execute(row.on_conflict_do_update(index_elements=[slack_users.c.address], set_=values), rows)


def _row(address: str, owner: Owner | NoOwner, now: datetime) -> dict[str, Any]:
    answer = (
        {"user_id": owner.user_id, "name": owner.name, "reason": ""}
        if isinstance(owner, Owner)
        else {"user_id": None, "name": "", "reason": owner.reason}
    )
    return {"address": address, "found": now, **answer}


def _owner(row: Row[Any]) -> Owner | NoOwner:
    return NoOwner(row.reason) if row.user_id is None else Owner(row.user_id, row.name)
