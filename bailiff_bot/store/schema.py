"""The metadata of all tables, and which rows of a table are deleted.

Each file of this package that defines a table passes it its retention: `info=outdated(...)`, `info=KEPT_FOR_EVER` or
`info=OWN_RETENTION`. Databases keep the names of tables and columns that they were made with. Where the code has
another word, the variable has it, and the table's docstring says what the columns mean.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, MetaData, Table, delete

metadata = MetaData()


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The times that decide which rows are deleted."""

    now: datetime
    before: datetime
    """Older rows are deleted, unless their table needs them longer."""


Outdated = Callable[[Table, Cutoff], ColumnElement[bool]]
"""Returns the condition of the rows of a table that are no longer needed."""

_RETENTION = "retention"
KEPT_FOR_EVER: dict[Any, Any] = {_RETENTION: None}
"""For `Table.info`: no row is deleted by age."""
OWN_RETENTION = KEPT_FOR_EVER
"""For `Table.info`: `prune` deletes nothing; the store of the table deletes old rows itself."""


def outdated(condition: Outdated) -> dict[Any, Any]:
    """Return the `Table.info` of a table whose rows are deleted once they satisfy the condition."""
    return {_RETENTION: condition}


def retention(table: Table) -> Outdated | None:
    """Return which rows of a table are deleted; None if it is kept for ever. Raises KeyError if it does not say so."""
    condition: Outdated | None = table.info[_RETENTION]
    return condition


def prune(connection: Connection, now: datetime, keep_for: timedelta) -> None:
    """Delete the rows that are older than `keep_for` and no longer needed."""
    cutoff = Cutoff(now, now - keep_for)
    for table in reversed(metadata.sorted_tables):  # a row is deleted after the rows that refer to it
        if condition := retention(table):
            connection.execute(delete(table).where(condition(table, cutoff)))
