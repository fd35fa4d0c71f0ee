"""Opens the database, migrates its tables, and opens transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from bailiff_bot.store.engines import Engines
from bailiff_bot.store.errors import translate_database_errors
from bailiff_bot.store.migrate import is_current, migrate


class Database:
    """One database. Any thread may open a transaction."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self.name = engines.name

    def __repr__(self) -> str:
        """Return the address without secrets."""
        return f"Database({self.name})"

    def open(self) -> None:
        """Migrate the tables to this version of Bailiff. Closes the connections if that fails.

        Raises StoreError if the database does not answer, is not Bailiff's, or is of a newer version.
        """
        try:
            with self.reading() as connection:
                current = is_current(connection, self.name)
            if not current:
                with self.writing() as connection:
                    migrate(connection, self.name)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and waits for no writer. Raises StoreError."""
        with translate_database_errors(self.name), self._engines.reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction. It is committed at the end, or rolled back if the block raises. Raises StoreError."""
        with translate_database_errors(self.name), self._engines.writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engines.writing.dispose()
