"""The engines of a database, which is SQLite or PostgreSQL."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from bailiff_bot.store.addresses import SQLITE, parse_address
from bailiff_bot.store.postgresql_engine import postgresql_engine
from bailiff_bot.store.sqlite_engine import sqlite_engine


@dataclass(frozen=True)
class Engines:
    """The engines of one database, for writing and for reading. They share one connection pool."""

    writing: Engine = field(repr=False)
    reading: Engine = field(repr=False)
    name: str
    """The address without its password and its parameters."""


def create_engines(address: str) -> Engines:
    """Return the engines of an address, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    It does not connect yet. Raises StoreError if the address is invalid.
    """
    url = parse_address(address)
    name = url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)
    if url.get_backend_name() == SQLITE:
        engine = sqlite_engine(url)
        return Engines(engine, engine.execution_options(reading=True), name)
    engine = postgresql_engine(url)
    return Engines(engine, engine.execution_options(isolation_level="REPEATABLE READ"), name)
