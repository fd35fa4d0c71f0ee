"""Brings a database's tables up to date, one process at a time, all or nothing."""

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from bailiff_bot.errors import StoreError
from bailiff_bot.store.statements import acquire_transaction_lock, long_statement
from bailiff_bot.store.tables import metadata

REVISIONS = ("0001", "0002", "0003")
"""All there are, in their order: so a start that has nothing to migrate need not load Alembic."""

VERSION_TABLE = "bailiff_revision"
MIGRATIONS = Path(__file__).with_name("migrations")


def is_current(connection: Connection, database_name: str) -> bool:
    """Return whether the tables are those of this version; raises StoreError when they are not ours, or newer."""
    found = _revision(connection)
    if found is None:
        _refuse_foreign_tables(connection, database_name)
    elif found not in REVISIONS:
        raise StoreError(
            f"The database {database_name} is of a newer Bailiff (revision {found}, "
            f"this one knows up to {REVISIONS[-1]}): upgrade Bailiff, or give this one a database of its own."
        )
    return found == REVISIONS[-1]


def migrate(connection: Connection, database_name: str, revision: str = "head") -> None:
    """Bring the tables up to a revision, in the transaction of a connection; who comes second finds it done."""
    with long_statement(connection):
        acquire_transaction_lock(connection, "migrations")
        if not is_current(connection, database_name):
            _upgrade(connection, revision)


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command  # noqa: PLC0415 - a third of a second that a start without migrations is spared
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, to)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    return None if found is None else str(found)


def _refuse_foreign_tables(connection: Connection, place: str) -> None:
    """Raise StoreError when there are tables of our names that we did not make."""
    strangers = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if strangers:
        raise StoreError(
            f"The database {place} is not Bailiff's: it has a table {strangers[0]} of somebody else's. "
            "Give Bailiff a database of its own."
        )
