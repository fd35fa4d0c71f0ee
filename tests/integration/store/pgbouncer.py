"""Debian's pgbouncer in transaction mode, in front of a PostgreSQL server of the tests."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Self

import pytest

from tests.integration.store.postgres import Postgres, database_name

REQUIRED_VARIABLE = "REQUIRE_PGBOUNCER"
"""A variable that is set in CI: then a missing pgbouncer is a failure. Without it the tests are skipped."""
PASSWORD = "bouncer"
_CONFIGURATION = """
[databases]
{databases}
[pgbouncer]
pool_mode = transaction
auth_type = plain
auth_file = {folder}/users
unix_socket_dir =
{settings}
"""
"""All else is as pgbouncer has it by default."""
_START = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 </dev/null'
"""A script for sh. It passes its standard input, a socket, as systemd does: so the system chooses the port."""


class PgBouncer:
    """A pooler that runs during the context. `settings` are lines of its configuration, `files` stand beside it.

    By default it passes every database on, and logs in as PostgreSQL's superuser. It runs as PostgreSQL's user, since
    it refuses to run as root. The kernel ends it with this process.
    """

    def __init__(
        self,
        server: Postgres,
        settings: str = "",
        databases: str = "* = host={host}",
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._executable = executable()
        self._server = server
        self._settings = settings
        self._databases = databases.format(host=server.folder)
        self._files = files
        self._folder = tempfile.TemporaryDirectory(prefix="bailiff-pgbouncer-")

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        settings = self._settings.format(folder=folder)
        configuration = _CONFIGURATION.format(databases=self._databases, folder=folder, settings=settings)
        users = f'"postgres" "{PASSWORD}"\n'
        for name, content in {"pgbouncer.ini": configuration.encode(), "users": users.encode(), **self._files}.items():
            (folder / name).write_bytes(content)
        folder.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._port = listener.getsockname()[1]
            self._process = subprocess.Popen(  # noqa: S603 - our own
                [*self._as_user(), "sh", "-c", _START, "sh", self._executable, "-q", str(folder / "pgbouncer.ini")],
                stdin=listener.fileno(),
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _as_user(self) -> list[str]:
        owner = self._server.owner
        user = [f"--reuid={owner}", f"--regid={owner}", "--clear-groups"] if os.getuid() == 0 else []
        return ["setpriv", *user, "--pdeathsig=KILL"]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Suspend the pooler during the block. The kernel still accepts connections for it."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def address(self, database: str, user: str = "postgres", password: str = PASSWORD) -> str:
        """Return an address through the pooler."""
        return f"postgresql://{user}:{password}@/{database}?host=127.0.0.1&port={self._port}"

    def through(self, address: str) -> str:
        """Return the address through the pooler of a database, from its address on the server."""
        return self.address(database_name(address))


def installed() -> str | None:
    """Return the path of pgbouncer, or None. Debian has it in a folder that is not in everybody's path."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def executable() -> str:
    """Return the path of pgbouncer. Skips the test if it is not installed, or fails it where it is required."""
    path = installed()
    reason = "there is no pgbouncer to connect through: apt-get install pgbouncer"
    if path is None and os.environ.get(REQUIRED_VARIABLE):
        pytest.fail(reason)
    if path is None:
        pytest.skip(reason)
    return path
