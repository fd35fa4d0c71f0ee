"""Migrates the tables of a database. One process at a time migrates, in one transaction."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from bailiff_bot.errors import StoreError
from bailiff_bot.store.schema import metadata
from bailiff_bot.store.statements import acquire_transaction_lock, long_statement

VERSION_TABLE = "bailiff_revision"
MIGRATIONS = Path(__file__).with_name("migrations")


@cache
def revisions() -> tuple[str, ...]:
    """Return all revisions in order, by the names of their files: `r0001_snapshots.py`.

    Thus a start with nothing to migrate does not import Alembic.
    """
    return tuple(sorted(path.name[1:5] for path in (MIGRATIONS / "versions").glob("r[0-9]*.py")))


def is_current(connection: Connection, database_name: str) -> bool:
    """Return True if the tables have the latest revision. Raises StoreError if they are newer or not Bailiff's."""
    found = _revision(connection)
    if found is None:
        _refuse_foreign_tables(connection, database_name)
    elif found not in revisions():
        raise StoreError(
            f"The database {database_name} was migrated by a newer Bailiff (revision {found}, "
            f"this version knows up to {revisions()[-1]}): upgrade Bailiff, or use another database."
        )
    return found == revisions()[-1]


def migrate(connection: Connection, database_name: str, revision: str = "head") -> None:
    """Migrate the tables to a revision, in the connection's transaction.

    It waits for another process that migrates, and then has nothing left to do. Raises StoreError.
    """
    with long_statement(connection):
        acquire_transaction_lock(connection, "migrations")
        if not is_current(connection, database_name):
            _upgrade(connection, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - the import takes a third of a second; most starts do not need it
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables, or None if Bailiff has not created any."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    return None if found is None else str(found)


def _refuse_foreign_tables(connection: Connection, database_name: str) -> None:
    """Raise StoreError if a table has the name of one of Bailiff's but Bailiff did not create it."""
    foreign = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if foreign:
        raise StoreError(
            f"The database {database_name} belongs to another program: its table {foreign[0]} is not Bailiff's. "
            "Give Bailiff its own database."
        )
