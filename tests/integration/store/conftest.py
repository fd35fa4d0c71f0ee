"""Each store test runs twice: with a SQLite file, and with its own database in a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.postgres import Postgres

BACKENDS = ("sqlite", "postgresql")

settings.register_profile("store", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("store")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that has all tables. To copy it is faster than to migrate."""
    template = tmp_path_factory.mktemp("template") / "bailiff.sqlite"
    store_at(f"sqlite:///{template}").open().close()
    return template


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> str:
    """Return the address of a database that has all tables. Each test empties them."""
    address = postgres.create()
    store_at(address).open().close()
    return address


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_database(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database without tables."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'empty_database.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture
def address(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with empty tables."""
    if backend == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'bailiff.sqlite')}"
    postgres_database: str = request.getfixturevalue("postgres_database")
    with psycopg.connect(postgres_database, options="-c lock_timeout=5s") as connection:
        connection.execute(f"truncate {', '.join(metadata.tables)}".encode())
    return postgres_database


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with store_at(address) as opened:
        yield opened


@pytest.fixture
def database(store: Store) -> Database:
    return store.database
