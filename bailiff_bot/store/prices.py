"""Stores what AWS's price list says, so that it is asked once a week and not at every scan."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Row, Table, Text, select

from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.price_age import StoredPrice
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import SafeText, UtcDateTime

_KEEP_AT_LEAST = timedelta(days=180)
"""Longer than a price may be used, whatever is set."""

prices = Table(
    "prices",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("region", SafeText, primary_key=True),
    Column("name", SafeText, primary_key=True),
    Column("operation", SafeText, primary_key=True),
    Column("tenancy", Text, primary_key=True),
    Column("usd", Text),
    Column("version", SafeText, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    info=outdated(lambda table, cutoff: table.c.read_at < min(cutoff.before, cutoff.now - _KEEP_AT_LEAST)),
)
"""What the list said of each key. `usd` is a decimal as text, and null if the list has no price."""

_KEY = ("kind", "region", "name", "operation", "tenancy")
_KINDS = frozenset(PriceKind)


class SqlPriceStore:
    """Stores prices. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> dict[PriceKey, StoredPrice]:
        """Return all that is stored. A kind that only another version knows is left out."""
        with self._database.reading() as connection:
            rows = connection.execute(select(prices).where(prices.c.kind.in_(_KINDS))).all()
        return {_key(row): _stored(row) for row in rows}

    def save(self, found: Mapping[PriceKey, ListedPrice], read_at: datetime) -> None:
        """Save what the list said at a time, in place of what it said before."""
        if not found:
            return
        rows = [_row(key, listed, read_at) for key, listed in sorted(found.items(), key=lambda pair: pair[0])]
        with self._database.writing() as connection:
            row = insert(connection, prices)
            values = {name: row.excluded[name] for name in ("usd", "version", "read_at")}
            connection.execute(
                row.on_conflict_do_update(index_elements=[prices.c[name] for name in _KEY], set_=values), rows
            )


def _row(key: PriceKey, listed: ListedPrice, read_at: datetime) -> dict[str, Any]:
    usd = None if listed.usd is None else f"{listed.usd:f}"
    return {
        **{name: getattr(key, name) for name in _KEY},
        "usd": usd,
        "version": listed.version,
        "read_at": read_at,
    }


def _key(row: Row[Any]) -> PriceKey:
    return PriceKey(PriceKind(row.kind), row.region, row.name, row.operation, row.tenancy)


def _stored(row: Row[Any]) -> StoredPrice:
    usd = None if row.usd is None else Decimal(row.usd)
    return StoredPrice(ListedPrice(usd, row.version), row.read_at)
