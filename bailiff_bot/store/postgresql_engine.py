"""Connects to PostgreSQL, directly or through a pooler in transaction mode: its timeouts.

Such a pooler (pgbouncer) gives each transaction to whichever server connection is free, and refuses the startup
parameter `options`. So nothing is set or kept in a session: no settings, prepared statements, locks or tables.
"""

from sqlalchemy import URL, Connection, Engine, create_engine, event

from bailiff_bot.errors import StoreError
from bailiff_bot.store.addresses import BAD_VALUE_ERRORS, bad_value, checked_connect

_CLIENT_PARAMETERS = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "application_name": "bailiff",
}
"""Parameters of libpq. All but the name are not sent to the server."""
TRANSACTION_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "12s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
"""Settings of the server, set in each transaction.

With both, a PostgreSQL that is unreachable or locked fails after seconds. Those in the address take precedence.
`bailiff_bot.store.timeout_connection` detects a server that is frozen.
"""


def postgresql_engine(url: URL) -> Engine:
    """Return an engine that does not connect yet. Raises StoreError if a parameter is invalid, or without psycopg."""
    parameters = {name: value for name, value in _CLIENT_PARAMETERS.items() if name not in url.query}
    try:
        from bailiff_bot.store.timeout_connection import TimeoutConnection  # noqa: PLC0415 - psycopg is an extra

        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            # Prepared statements would fail if a replica of a newer version changes the tables, and behind a pooler.
            connect_args={**parameters, "prepare_threshold": None},
        )
    except BAD_VALUE_ERRORS:
        raise bad_value() from None
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs psycopg: install bailiff-bot[postgres].") from error
    event.listen(engine, "do_connect", checked_connect(TimeoutConnection.connect))
    _apply_in_each_transaction(engine, _settings_beside(url))
    return engine


def _settings_beside(url: URL) -> dict[str, str]:
    """Return the settings that the address does not have in its `options`."""
    options = str(url.query.get("options", ""))
    return {name: value for name, value in TRANSACTION_SETTINGS.items() if name not in options}


def _apply_in_each_transaction(engine: Engine, settings: dict[str, str]) -> None:
    statement = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())

    def apply(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    if statement:
        event.listen(engine, "begin", apply)
