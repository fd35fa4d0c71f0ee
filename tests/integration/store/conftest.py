"""Each store test runs three times: with a SQLite file, a database in a real PostgreSQL, and through a pgbouncer."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.pgbouncer import PgBouncer, executable
from tests.integration.store.postgres import Postgres

BACKENDS = ("sqlite", "postgresql", "pgbouncer")

settings.register_profile("store", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("store")


def pytest_runtest_setup(item: pytest.Function) -> None:
    """Skip here what needs a missing pgbouncer: pytest then counts it in one line, not in one for each test."""
    if "pgbouncer" in item.name or "pgbouncer" in item.fixturenames:
        executable()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer(postgres: Postgres) -> Iterator[PgBouncer]:
    # Each transaction gets another server connection if one is free, so that what is left in a session is missed.
    with PgBouncer(postgres, "server_round_robin = 1") as pooler:
        yield pooler


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
    return _reached(server.create(), backend, request)


@pytest.fixture
def address(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with empty tables."""
    if backend == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'bailiff.sqlite')}"
    postgres_database: str = request.getfixturevalue("postgres_database")
    without_triggers = "-c session_replication_role=replica"  # they refuse to empty the audit log
    with psycopg.connect(postgres_database, options=f"-c lock_timeout=5s {without_triggers}") as connection:
        connection.execute(f"truncate {', '.join(metadata.tables)}".encode())
    return _reached(postgres_database, backend, request)


def _reached(address: str, backend: str, request: pytest.FixtureRequest) -> str:
    """Return the address at which a backend reaches a database of the server."""
    if backend == "postgresql":
        return address
    pooler: PgBouncer = request.getfixturevalue("pgbouncer")
    return pooler.through(address)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with store_at(address) as opened:
        yield opened


@pytest.fixture
def database(store: Store) -> Database:
    return store.database
