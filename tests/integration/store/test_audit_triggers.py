"""The databases refuse to change the audit log, whoever asks."""

import pytest
from sqlalchemy import text

from bailiff_bot.domain.audit_chain import Link
from bailiff_bot.errors import StoreError
from bailiff_bot.store.store import Store
from tests.integration.store.audit_records import execute, fill
from tests.integration.store.builders import DAY, NOW, SECOND

REFUSED = [
    "update audit set action = 'stop' where number = 2",
    "update audit set action = action",
    "update audit set number = 9 where number = 2",
    "delete from audit where number = 1",
    "delete from audit where number = 3",
    "delete from audit",
    "insert into audit select * from audit where number = 2",
]
OF_SQLITE = [
    "insert or replace into audit select * from audit where number = 2",
    "replace into audit select * from audit where number = 2",
    "update or replace audit set number = 1 where number = 2",
    "insert into audit select * from audit where number = 2 on conflict (number) do update set action = 'x'",
]
OF_POSTGRESQL = [
    "truncate audit",
    "insert into audit select * from audit where number = 2 on conflict (number) do update set action = 'x'",
    "merge into audit using (select 2 as wanted) as other on number = wanted when matched then delete",
    "with gone as (delete from audit returning *) select * from gone",
]


def rows(store: Store) -> list[object]:
    with store.database.reading() as connection:
        return list(connection.execute(text("select * from audit order by number")).all())


def assert_refused(store: Store, statement: str) -> None:
    before = rows(store)
    with pytest.raises(StoreError):
        execute(store.database, statement)
    assert rows(store) == before
    assert isinstance(store.audit.verify(), Link)


@pytest.mark.parametrize("statement", REFUSED)
def test_raw_sql_cannot_change_or_remove_a_row(store: Store, statement: str) -> None:
    fill(store, 3)
    assert_refused(store, statement)


@pytest.mark.parametrize("statement", OF_SQLITE)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_sqlite_replaces_no_row(store: Store, statement: str) -> None:
    fill(store, 3)
    assert_refused(store, statement)


@pytest.mark.parametrize("statement", OF_POSTGRESQL)
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_postgresql_replaces_and_empties_nothing(store: Store, statement: str) -> None:
    fill(store, 3)
    assert_refused(store, statement)


def test_the_refusal_says_why(store: Store) -> None:
    fill(store, 1)
    with pytest.raises(StoreError, match="the audit log is append-only"):
        execute(store.database, "delete from audit")


def test_after_the_retention_the_remaining_rows_cannot_be_removed(store: Store) -> None:
    fill(store, 5)
    store.audit.prune(NOW + 32 * DAY + SECOND, 30 * DAY)
    for number in (4, 5, 6):
        assert_refused(store, f"delete from audit where number = {number}")  # noqa: S608


def test_a_retention_that_is_rolled_back_removes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, 5)
    before = rows(store)
    monkeypatch.setattr("bailiff_bot.store.audit._delete_through", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.audit.prune(NOW + 90 * DAY, 30 * DAY)
    assert rows(store) == before
