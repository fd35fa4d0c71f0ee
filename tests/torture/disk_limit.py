"""A limit on the size of a SQLite file, active while a flag file exists. SQLite then reports a full disk."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, event

FLAG_VARIABLE = "TORTURE_FULL"
"""The variable with the path of the flag file."""
_NO_GROWTH, _NO_LIMIT = 1, 1_073_741_823
"""Values of SQLite's max_page_count. A value below the present size means that no page can be added."""


def install(flag: str) -> None:
    """Set the limit before each transaction of this process. An empty path installs nothing."""
    if flag:
        event.listen(Engine, "begin", lambda connection: _limit(connection, Path(flag)))


def _limit(connection: Connection, flag: Path) -> None:
    raw: Any = connection.connection.dbapi_connection
    if isinstance(raw, SqliteConnection):
        raw.execute(f"PRAGMA max_page_count = {_NO_GROWTH if flag.exists() else _NO_LIMIT}").fetchone()
