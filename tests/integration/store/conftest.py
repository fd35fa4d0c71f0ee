"""Each store test runs twice: in a SQLite file, and in a database of its own in a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bailiff_bot.store.database import Database, open_database
from bailiff_bot.store.store import Store, open_store
from tests.integration.store.postgres import Postgres

BACKENDS = ("sqlite", "postgresql")

settings.register_profile("store", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("store")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def templates(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return a file and a database whose tables are made: copies are quicker than migrations."""
    file = tmp_path_factory.mktemp("template") / "bailiff.sqlite"
    open_database(f"sqlite:///{file}").close()
    address = postgres.create()
    open_database(address).close()
    return {"sqlite": str(file), "postgresql": address.partition("?")[0].rpartition("/")[2]}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database without tables."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture
def address(backend: str, templates: dict[str, str], postgres: Postgres, tmp_path: Path) -> str:
    """Return the address of a database that nothing is written down in."""
    if backend == "sqlite":
        return f"sqlite:///{shutil.copy(templates[backend], tmp_path / 'bailiff.sqlite')}"
    return postgres.create(templates[backend])


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with open_store(address) as opened:
        yield opened


@pytest.fixture
def database(store: Store) -> Database:
    return store.database
