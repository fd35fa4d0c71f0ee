"""Stores the next free send time of each conversation."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Connection, Table, Text, case

from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import instant_of, microseconds

rate_limits = Table(
    "paces",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
    info=outdated(lambda table, cutoff: table.c.next < microseconds(cutoff.before)),
)
"""The next free send time of each conversation, in microseconds since 1970.

It is a number, because both databases can add to a number in one statement.
"""


def reserve_send_time(connection: Connection, recipient: str, now: datetime, interval: timedelta) -> datetime:
    """Reserve the next free send time of a recipient, not before `now`. The one after is `interval` later."""
    earliest, step = microseconds(now), interval // timedelta(microseconds=1)
    following = case((rate_limits.c.next > earliest, rate_limits.c.next), else_=earliest) + step
    row = insert(connection, rate_limits).values(conversation=recipient, next=earliest + step)
    upsert = row.on_conflict_do_update(index_elements=[rate_limits.c.conversation], set_={"next": following})
    stored: int = connection.execute(upsert.returning(rate_limits.c.next)).scalar_one()
    return instant_of(stored - step)


def hold_until(connection: Connection, recipient: str, until: datetime) -> None:
    """Reserve no send time before `until` for a recipient."""
    earliest = microseconds(until)
    row = insert(connection, rate_limits).values(conversation=recipient, next=earliest)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=[rate_limits.c.conversation],
            set_={"next": earliest},
            where=rate_limits.c.next < earliest,
        )
    )
