"""A PostgreSQL server for many scenarios, which can be stopped and frozen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from urllib.parse import quote

from tests.integration.store.postgres import Postgres, database_name
from tests.torture.scenario import prepare_database

_SHORT_TIMEOUTS = {
    "timezone": "UTC",
    "statement_timeout": "3s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "3s",
}
"""The bot's session settings, at a tenth of their time: a frozen transaction then blocks others only briefly."""


class TemplateServer(Postgres):
    """A server with a template: a database in which the schedule has been followed for some days."""

    def __init__(self, day: datetime) -> None:
        super().__init__()
        self._day = day
        self._template = ""
        self._copies = count()

    def make_template(self) -> None:
        """Create the template database."""
        address = self.create()
        prepare_database(address, self._day)
        self._template = database_name(address)

    @contextmanager
    def database(self, *, short_timeouts: bool = True) -> Iterator[str]:
        """Yield the address of a new copy of the template. `short_timeouts` shortens its sessions' timeouts."""
        name = f"torture{next(self._copies)}"
        self.execute(f"create database {name} template {self._template} strategy file_copy")
        options = quote(" ".join(f"-c {key}={value}" for key, value in _SHORT_TIMEOUTS.items()))
        yield f"{self.address(name)}&options={options}" if short_timeouts else self.address(name)
        self.execute(f"drop database {name} with (force)")

    def shut_down(self) -> None:
        """Stop the server. Every connection to it is closed."""
        self.stop()

    def start_again(self) -> None:
        """Start it again, at the same address."""
        self.start()
