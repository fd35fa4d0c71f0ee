"""Behind a pooler in transaction mode, nothing is kept in a session, and every error has the remedy that helps."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
import trustme

from bailiff_bot.errors import StoreError
from bailiff_bot.store.store import Store, store_at
from bailiff_bot.store.timeout_connection import TimeoutConnection
from tests.integration.store.builders import ADA, DAY, HOUR, NOW, SECOND, key, keys, nudge, plan
from tests.integration.store.database_errors import open_error, write_error
from tests.integration.store.pgbouncer import PgBouncer
from tests.integration.store.postgres import Postgres, database_name

_SESSION_STATE = {
    "timeouts": "select name, setting from pg_settings where source = 'session' and name like '%timeout'",
    "prepared statements": "select name from pg_prepared_statements",
    "locks": "select objid from pg_locks where locktype = 'advisory'",
    "temporary tables": "select relname from pg_class where relpersistence = 't'",
    "channels": "select pg_listening_channels()",
    "cursors": "select name from pg_cursors",
}
"""What a session can keep, except the parameters that pgbouncer sets for each client."""


@pytest.fixture(scope="module")
def narrow(postgres: Postgres) -> Iterator[PgBouncer]:
    """Start a pooler with one connection to each database: all transactions share a session."""
    with PgBouncer(postgres, "default_pool_size = 1") as pooler:
        yield pooler


@pytest.fixture
def restartable_server() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


def test_nothing_is_left_in_the_session_of_the_server(postgres: Postgres, narrow: PgBouncer) -> None:
    address = narrow.through(postgres.create())
    with store_at(address) as store:
        for number in range(10):  # psycopg prepares what it executes for the sixth time
            assert store.deliveries.save_plan(plan(number, nudge(ADA, key(number))))
            assert store.deliveries.claim(keys(store.deliveries, number)[0], "one", NOW + number * DAY, NOW + 99 * DAY)
            assert store.leases.acquire(f"scan {number}", "one", NOW, NOW + SECOND)
        store.prune(NOW, HOUR)
    with psycopg.connect(address, autocommit=True, prepare_threshold=None) as session:
        left = {what: session.execute(query.encode()).fetchall() for what, query in _SESSION_STATE.items()}
    assert left == {what: [] for what in _SESSION_STATE}


@pytest.mark.parametrize("frozen", ["PostgreSQL", "pgbouncer"])
def test_a_frozen_server_is_reported_and_used_again_when_it_resumes(
    restartable_server: Postgres, frozen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 1.0)
    with (
        PgBouncer(restartable_server) as pooler,
        store_at(f"{pooler.through(restartable_server.create())}&connect_timeout=2") as store,
    ):
        assert store.deliveries.save_plan(plan(0))
        with (pooler if frozen == "pgbouncer" else restartable_server).frozen():
            for _ in range(2):
                assert "check that it, and a pooler in front of it, run" in write_error(store, 1)
        assert store.deliveries.save_plan(plan(1))


def test_a_stopped_server_behind_the_pooler_is_reported_and_used_again(
    restartable_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 1.0)
    # By default pgbouncer tries again only after 15 s.
    with PgBouncer(restartable_server, "server_login_retry = 1") as pooler:
        address = pooler.through(restartable_server.create())
        with store_at(f"{address}&connect_timeout=2") as store:
            restartable_server.stop()
            for _ in range(2):
                assert "pooler" in write_error(store)
            restartable_server.start()
            monkeypatch.undo()
            assert _saved_once_it_answers(store)


def _saved_once_it_answers(store: Store) -> bool:
    while True:
        with suppress(StoreError):
            return store.deliveries.save_plan(plan())


def test_a_parameter_that_the_pooler_refuses_is_named(postgres: Postgres, pgbouncer: PgBouncer) -> None:
    message = open_error(f"{pgbouncer.through(postgres.create())}&options=-c%20lock_timeout%3D1s")
    assert "(unsupported startup parameter: options): remove it from BAILIFF_DATABASE_URL" in message


@pytest.mark.parametrize(("user", "password"), [("postgres", "wrong"), ("joe", "bouncer"), ("postgres", "")])
def test_a_refused_login_names_user_and_password(
    postgres: Postgres, pgbouncer: PgBouncer, user: str, password: str
) -> None:
    message = open_error(pgbouncer.address(database_name(postgres.create()), user, password))
    assert "correct the user and the password in BAILIFF_DATABASE_URL" in message


def test_a_database_that_the_server_does_not_have_is_reported(pgbouncer: PgBouncer) -> None:
    assert "/nowhere does not exist: create it" in open_error(pgbouncer.address("nowhere"))


def test_a_database_that_only_the_pooler_does_not_know_is_reported(postgres: Postgres) -> None:
    with PgBouncer(postgres, databases="other = host={host}") as pooler:
        message = open_error(pooler.through(postgres.create()))
    assert "is not known to its pooler (no such database: store" in message
    assert "add it to the pooler's databases" in message


def test_a_pooler_without_a_free_connection_is_reported(postgres: Postgres) -> None:
    with PgBouncer(postgres, "max_client_conn = 1") as pooler:
        address = pooler.through(postgres.create())
        with psycopg.connect(address):
            message = open_error(address)
    assert "has no free connection (no more connections allowed (max_client_conn)): raise the limit" in message


def test_a_pooler_in_statement_mode_is_reported(postgres: Postgres) -> None:
    with PgBouncer(postgres, "pool_mode = statement") as pooler:
        assert "set its pool_mode to transaction" in open_error(pooler.through(postgres.create()))


@pytest.fixture
def with_tls(postgres: Postgres) -> Iterator[PgBouncer]:
    """Start a pooler that requires TLS, with a certificate of a CA that nobody knows."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    files = {"cert": certificate.cert_chain_pems[0].bytes(), "key": certificate.private_key_pem.bytes()}
    settings = [f"client_tls_{name}_file = {{folder}}/{name}" for name in files]
    with PgBouncer(postgres, "\n".join(["client_tls_sslmode = require", *settings]), files=files) as pooler:
        yield pooler


def test_a_pooler_that_requires_tls_gets_it(postgres: Postgres, with_tls: PgBouncer) -> None:
    with store_at(with_tls.through(postgres.create())) as store:
        assert store.deliveries.save_plan(plan())


@pytest.mark.parametrize(
    ("sslmode", "remedy"),
    [
        ("disable", "requires TLS (SSL required): add sslmode=require to BAILIFF_DATABASE_URL"),
        ("verify-full&sslrootcert=system", "add sslrootcert, the file of its CA, to BAILIFF_DATABASE_URL"),
        ("verify-full&sslrootcert=/nowhere", "add sslrootcert, the file of its CA, to BAILIFF_DATABASE_URL"),
    ],
)
def test_the_remedy_for_tls_is_named(postgres: Postgres, with_tls: PgBouncer, sslmode: str, remedy: str) -> None:
    assert remedy in open_error(f"{with_tls.through(postgres.create())}&sslmode={sslmode}")


def test_a_pooler_without_tls_is_reported(postgres: Postgres, pgbouncer: PgBouncer) -> None:
    message = open_error(f"{pgbouncer.through(postgres.create())}&sslmode=require")
    assert "has no TLS, and sslmode demands it" in message
