"""Stores the history of the digests that were seen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, Text, select

from bailiff_bot.domain.delivery import Run
from bailiff_bot.domain.digest import NUDGE, DigestMemory, copied_from, copy_name
from bailiff_bot.domain.finding_keys import load_keys
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, LastNudge
from bailiff_bot.store.database import Database
from bailiff_bot.store.deliveries import latest_direct_messages
from bailiff_bot.store.digest_memory import decode, encode
from bailiff_bot.store.open_findings import read_open_findings, replace_open_findings
from bailiff_bot.store.schema import KEPT_FOR_EVER, metadata
from bailiff_bot.store.statements import insert
from bailiff_bot.store.told_instances import remember_told
from bailiff_bot.store.trend_points import add_trend_point, read_trend
from bailiff_bot.store.types import UtcDateTime

latest_digests = Table(
    "remembered",
    metadata,
    Column("name", Text, primary_key=True),
    Column("planned", UtcDateTime, nullable=False),
    Column("policy", Text, nullable=False),
    info=KEPT_FOR_EVER,
)
"""When the last digest that was seen was planned, and the fingerprint of its policy. It has one row."""

_DIGEST = "digest"
"""The name of that row."""


class SqlDigestHistoryStore:
    """Implements `DigestHistoryStore`: the open findings of the last digest, the last nudges and the trend."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, trend_length: int = TREND_LENGTH) -> DigestHistory:
        """Return the open findings, the latest nudge of each owner, and the last `trend_length` points of the trend."""
        with self._database.reading() as connection:
            last = connection.execute(select(latest_digests).where(latest_digests.c.name == _DIGEST)).one_or_none()
            return DigestHistory(
                read_open_findings(connection),
                _last_nudges(connection),
                read_trend(connection, trend_length),
                last.policy if last else "",
                last.planned if last else None,
                _last_copies(connection),
            )

    def last_nudges(self) -> Mapping[str, LastNudge]:
        """Return the latest nudge of each owner."""
        with self._database.reading() as connection:
            return _last_nudges(connection)

    def encode(self, memory: DigestMemory) -> bytes:
        """Return the memory of a digest in the form in which a run keeps it."""
        return encode(memory)


def remember_digest(connection: Connection, run: Run) -> None:
    """Save the trend point of a digest and what it told of; its open findings unless those of a newer one are saved."""
    memory = decode(run.memory)
    add_trend_point(connection, run.id, memory.trend_point)
    remember_told(connection, run, memory.told)
    if _become_latest(connection, run.planned_at, memory.policy_fingerprint):
        replace_open_findings(connection, memory.open_findings)


def _become_latest(connection: Connection, planned_at: datetime, policy: str) -> bool:
    """Record a digest as the latest. Returns False if a newer one is recorded.

    It locks the row, so that another digest that settles at the same time waits for this transaction.
    """
    row = insert(connection, latest_digests).values(name=_DIGEST, planned=planned_at, policy=policy)
    upsert = row.on_conflict_do_update(
        index_elements=[latest_digests.c.name],
        set_={"planned": planned_at, "policy": policy},
        where=latest_digests.c.planned <= planned_at,
    )
    return connection.execute(upsert.returning(latest_digests.c.name)).first() is not None


def _last_nudges(connection: Connection) -> dict[str, LastNudge]:
    latest = latest_direct_messages()
    rows = connection.execute(select(latest).where(latest.c.name == NUDGE)).all()
    return {row.recipient: _last_nudge(row) for row in rows}


def _last_copies(connection: Connection) -> tuple[LastNudge, ...]:
    latest = latest_direct_messages()
    copies = latest.c.name.startswith(copy_name(""), autoescape=True)
    rows = connection.execute(select(latest).where(copies).order_by(latest.c.recipient, latest.c.name)).all()
    return tuple(replace(_last_nudge(row), copied_from=copied_from(row.name)) for row in rows)


def _last_nudge(row: Row[Any]) -> LastNudge:
    return LastNudge(
        row.recipient, row.planned, load_keys(row.told), load_keys(row.still), row.channel, row.ts, row.key
    )
