"""Opens the database, migrates its tables, and opens transactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from bailiff_bot.store.engines import Engines
from bailiff_bot.store.errors import translate_database_errors
from bailiff_bot.store.migrate import is_current, migrate

_AFTER_COMMIT = "after_commit"


class Database:
    """One database. Any thread may open a transaction."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._closed = False
        self.name = engines.name

    def __repr__(self) -> str:
        """Return the address without secrets."""
        return f"Database({self.name})"

    def open(self) -> None:
        """Migrate the tables to this version of Bailiff. Closes the connections if that fails.

        Raises StoreError if the database does not answer, is not Bailiff's, or is of a newer version.
        """
        self._closed = False
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
        with self._transaction(self._engines.reading) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction. It is committed at the end, or rolled back if the block raises. Raises StoreError."""
        with self._transaction(self._engines.writing) as connection:
            callbacks = connection.info[_AFTER_COMMIT] = []
            yield connection
        for callback in callbacks:
            callback()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        pool = engine.pool
        try:
            with translate_database_errors(self.name), engine.begin() as connection:
                yield connection
        finally:
            if self._closed:  # meanwhile, in another thread: the connection has gone back to a pool that nobody closes
                pool.dispose()
                engine.dispose()

    def close(self) -> None:
        """Close all connections; those in use, at the end of their transactions."""
        self._closed = True
        self._engines.writing.dispose()


def after_commit(connection: Connection, callback: Callable[[], object]) -> None:
    """Call `callback` once the transaction of `Database.writing` is committed, and not if it is rolled back."""
    connection.info[_AFTER_COMMIT].append(callback)
