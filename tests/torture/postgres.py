"""A PostgreSQL for many worlds, that can be stopped and frozen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from urllib.parse import quote

from tests.integration.store.postgres import Postgres
from tests.torture.scenario import prepare_database

_QUICK = {
    "timezone": "UTC",
    "statement_timeout": "3s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "3s",
}
"""What the bot asks of a session, with a tenth of its time: a transaction that froze holds others up no longer."""


class TemplateServer(Postgres):
    """A server with a template: a database that has followed the schedule for some days."""

    def __init__(self, day: datetime) -> None:
        super().__init__()
        self._day = day
        self._template = ""
        self._copies = count()

    def make_template(self) -> None:
        """Make the template."""
        address = self.create()
        prepare_database(address, self._day)
        self._template = address.partition("?")[0].rpartition("/")[2]

    @contextmanager
    def database(self, *, short_timeouts: bool = True) -> Iterator[str]:
        """Give the address of a new database; `quick` sessions wait for less than the bot's own."""
        name = f"torture{next(self._copies)}"
        self.execute(f"create database {name} template {self._template} strategy file_copy")
        options = quote(" ".join(f"-c {key}={value}" for key, value in _QUICK.items()))
        yield f"{self.address(name)}&options={options}" if short_timeouts else self.address(name)
        self.execute(f"drop database {name} with (force)")

    def shut_down(self) -> None:
        """Shut the server down, with every connection to it."""
        self.stop()

    def start_again(self) -> None:
        """Start it again, at the same address."""
        self.start()
