"""A SQLite file that may not grow while another file lies beside it: SQLite itself then says that the disk is full."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, event

VARIABLE = "TORTURE_FULL"
"""The variable that names the file."""
_AS_IT_IS, _ANY = 1, 1_073_741_823
"""Pages; less than there are means: no more."""


def install(flag: str) -> None:
    """Look for the file before each transaction of this process."""
    if flag:
        event.listen(Engine, "begin", lambda connection: _limit(connection, Path(flag)))


def _limit(connection: Connection, flag: Path) -> None:
    raw: Any = connection.connection.dbapi_connection
    if isinstance(raw, SqliteConnection):
        raw.execute(f"PRAGMA max_page_count = {_AS_IT_IS if flag.exists() else _ANY}").fetchone()
