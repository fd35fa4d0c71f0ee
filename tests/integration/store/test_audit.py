"""The audit log keeps what was appended, and says where it was changed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from structlog.testing import capture_logs

from bailiff_bot.domain.audit import FORGOTTEN, RETENTION, AuditRecord, AuditResult, Person
from bailiff_bot.domain.audit_chain import START, Link
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.store.audit import append
from bailiff_bot.store.store import Store, store_at
from bailiff_bot.store.types import safe
from tests.integration.store.audit_records import (
    ADA_GRANGER,
    BEN_LEDGER,
    RECORD,
    execute,
    execute_without_triggers,
    fill,
    record,
)
from tests.integration.store.builders import ADA, DAY, NOW, SECOND

KEEP = 30 * DAY


def numbers(store: Store) -> list[int]:
    return [entry.number for entry in store.audit.since(NOW - DAY)]


def broken_row(store: Store) -> int:
    found = store.audit.verify()
    assert isinstance(found, Break)
    return found.number


def assert_intact(store: Store, last: int) -> None:
    found = store.audit.verify()
    assert isinstance(found, Link), found
    assert found.number == last


def dump(store: Store, *tables: str) -> str:
    """Return every value of these tables as text."""
    with store.database.reading() as connection:
        return "\n".join(str(row) for table in tables for row in connection.execute(text(f"select * from {table}")))  # noqa: S608


def test_an_empty_log_is_intact(store: Store) -> None:
    assert store.audit.verify() == START
    assert store.audit.since(NOW) == ()


def test_the_latest_entries_are_read_in_their_order(store: Store) -> None:
    assert store.audit.latest(2) == ()
    fill(store, 5)
    assert [entry.number for entry in store.audit.latest(2)] == [4, 5]
    assert len(store.audit.latest(100)) == 5


def test_a_record_is_read_as_it_was_appended(store: Store) -> None:
    assert store.audit.append(RECORD) == 1
    [entry] = store.audit.since(NOW)
    assert (entry.record, entry.number, entry.words_removed) == (RECORD, 1, False)
    assert store.audit.verify() == Link(1, entry.hash)


@pytest.mark.parametrize("result", AuditResult)
def test_a_record_without_instance_person_and_words_is_read_as_it_was_appended(
    store: Store, result: AuditResult
) -> None:
    bare = AuditRecord(NOW, None, "end", result)
    store.audit.append(bare)
    assert store.audit.since(NOW)[0].record == bare
    assert_intact(store, 1)


def test_only_entries_from_that_time_on_are_read_in_order(store: Store) -> None:
    fill(store, 5)
    assert [entry.number for entry in store.audit.since(NOW + 3 * DAY)] == [4, 5]


def append_and_fail(store: Store) -> None:
    with store.database.writing() as connection:
        append(connection, RECORD)
        raise ZeroDivisionError


def test_a_record_is_appended_in_a_transaction_with_other_rows_or_not_at_all(store: Store) -> None:
    with capture_logs() as logged:
        with pytest.raises(ZeroDivisionError):
            append_and_fail(store)
        assert (store.audit.verify(), logged) == (START, [])
        with store.database.writing() as connection:
            assert [append(connection, RECORD), append(connection, record(1))] == [1, 2]
            assert logged == []
    assert_intact(store, 2)
    assert [line["number"] for line in logged] == [1, 2]


def test_each_row_is_logged_once_with_its_hash_and_without_names_and_words(store: Store) -> None:
    with capture_logs() as logged:
        store.audit.append(RECORD)
    [line] = logged
    assert (line["event"], line["log_level"], line["action"], line["result"]) == (
        "audit.recorded",
        "info",
        "keep",
        "done",
    )
    assert store.audit.verify() == Link(line["number"], line["hash"])
    for private in (ADA, ADA_GRANGER.name, ADA_GRANGER.address, BEN_LEDGER.name, "for a demo"):
        assert private not in str(line)


def test_the_chain_names_people_by_keys_alone(store: Store) -> None:
    store.audit.append(RECORD)
    chain = dump(store, "audit")
    for private in (ADA, "Ada ", "ada@octo.example", BEN_LEDGER.user_id, "Ben Ledger", "for a demo"):
        assert private not in chain
        assert private in dump(store, "audit_people", "audit_words")


def test_a_person_has_one_key_and_the_latest_name(store: Store) -> None:
    store.audit.append(record(0))
    store.audit.append(replace(record(1, Person(ADA, "Ada Married")), after={}))
    assert {entry.record.actor for entry in store.audit.since(NOW)} == {Person(ADA, "Ada Married", "ada@octo.example")}


def test_a_person_without_slack_id_is_told_apart_by_address_or_name(store: Store) -> None:
    people = [Person("", "", "a@b.example"), Person("", "AGR"), Person("", "MLG")]
    store.audit.append(replace(RECORD, after={"owners": tuple(people)}))
    assert store.audit.since(NOW)[0].record.after == {"owners": tuple(people)}


def test_a_person_of_whom_nothing_is_known_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="needs a user id"):
        store.audit.append(record(0, FORGOTTEN))
    assert store.audit.verify() == START


def test_forgetting_a_person_removes_name_address_and_words_and_leaves_the_chain_verifiable(store: Store) -> None:
    fill(store, 2)
    store.audit.append(record(2, BEN_LEDGER))
    store.audit.forget(ADA)
    everything = dump(store, "audit", "audit_people", "audit_words", "audit_head")
    for private in (ADA, "Ada ", "ada@octo.example"):
        assert private not in everything
    first, _, third = store.audit.since(NOW)
    assert (first.record.actor, first.record.why, first.words_removed) == (FORGOTTEN, "", True)
    assert third.record.why == RECORD.why
    assert third.record.after["owners"] == (FORGOTTEN, BEN_LEDGER)
    assert_intact(store, 3)


def test_a_person_can_be_forgotten_by_address_and_act_again_under_a_new_key(store: Store) -> None:
    fill(store, 1)
    store.audit.forget("ada@octo.example")
    store.audit.append(record(1))
    assert [entry.record.actor for entry in store.audit.since(NOW)] == [FORGOTTEN, ADA_GRANGER]
    assert_intact(store, 2)


def test_forgetting_somebody_who_is_not_named_changes_nothing(store: Store) -> None:
    fill(store, 1)
    store.audit.forget("U0NOBODY")
    assert store.audit.since(NOW)[0].record == record()


def test_an_empty_identity_forgets_nobody(store: Store) -> None:
    without_address = Person("U0CAT", "Cat")
    store.audit.append(record(0, without_address))
    with pytest.raises(ValueError, match="needs a user id or an address"):
        store.audit.forget("")
    assert store.audit.since(NOW)[0].record.actor == without_address


def test_the_retention_removes_the_oldest_rows_and_says_so(store: Store) -> None:
    fill(store, 5)
    store.audit.prune(NOW + 32 * DAY + SECOND, KEEP)
    assert numbers(store) == [4, 5, 6]
    last = store.audit.since(NOW)[-1].record
    assert (last.action, last.actor, last.after) == (RETENTION, None, {"removed_through": 3})
    assert_intact(store, 6)
    assert dump(store, "audit_words").count("for a demo") == 2


def test_the_retention_runs_again_and_again(store: Store) -> None:
    fill(store, 3)
    for day in (31, 32, 33, 62, 64, 95, 200):
        store.audit.prune(NOW + day * DAY, KEEP)
        assert isinstance(store.audit.verify(), Link)
    assert len(numbers(store)) == 1
    store.audit.append(record(201))
    assert isinstance(store.audit.verify(), Link)


def test_the_retention_appends_nothing_if_no_row_is_too_old(store: Store) -> None:
    store.audit.prune(NOW, KEEP)
    assert store.audit.verify() == START
    fill(store, 2)
    store.audit.prune(NOW + KEEP, KEEP)
    assert numbers(store) == [1, 2]


def test_a_young_row_keeps_the_older_ones_after_it(store: Store) -> None:
    """Rows are removed from the beginning only: a clock that went back leaves no hole."""
    for day in (0, 40, 1, 50):
        store.audit.append(record(day))
    store.audit.prune(NOW + 60 * DAY, KEEP)
    assert numbers(store) == [2, 3, 4, 5]
    assert_intact(store, 5)


def test_people_whom_no_row_names_any_more_are_removed(store: Store) -> None:
    store.audit.append(replace(record(0), after={}))
    store.audit.append(replace(record(40, BEN_LEDGER), after={}))
    store.audit.prune(NOW + 50 * DAY, KEEP)
    assert "Ada" not in dump(store, "audit_people", "audit_words")
    assert store.audit.since(NOW)[0].record.actor == BEN_LEDGER


COPY_OF_A_ROW = """
    insert into audit with recursive numbers(n) as (select 2 union all select n + 1 from numbers where n < 50000)
    select n, at, actor, action, result, account, partition, region, instance, reason, why_digest, message, before,
    after, request_id, removed_through, removed_hash, previous, hash from audit, numbers
"""


def test_the_retention_of_a_long_log_takes_time_in_proportion_to_its_length(store: Store) -> None:
    """If the trigger scanned the table for each row, the test would take too long."""
    fill(store, 1)
    execute(store.database, COPY_OF_A_ROW, "update audit_head set number = 50000")
    store.audit.prune(NOW + 90 * DAY, KEEP)
    assert numbers(store) == [50001]


def test_the_retention_of_other_data_leaves_the_log(store: Store) -> None:
    fill(store, 2)
    store.prune(NOW + 9000 * DAY, KEEP)
    assert_intact(store, 2)


TAMPERED = [
    ("update audit set action = 'stop' where number = 2", 2),
    ("update audit set at = '2020-01-01 00:00:00+00:00' where number = 3", 3),
    ("update audit set actor = 'nobody' where number = 1", 1),
    ("delete from audit where number = 1", 1),
    ("delete from audit where number = 2", 2),
    ("delete from audit where number = 4", 4),
    ("delete from audit", 1),
    ("update audit set number = 9 where number = 2", 2),
    ("update audit set hash = previous where number = 4", 4),
    ("delete from audit_words where number = 2", 2),
    ("update audit_words set text = 'for ever' where number = 3", 3),
    ("update audit_head set number = 3", 4),
    ("delete from audit_head", 4),
    ("update audit set removed_through = 1 where number = 3", 3),
]


@pytest.mark.parametrize(("statement", "number"), TAMPERED)
def test_what_somebody_with_all_rights_changes_is_found(store: Store, statement: str, number: int) -> None:
    fill(store, 4)
    execute_without_triggers(store.database, statement)
    assert broken_row(store) == number


def test_rows_removed_after_the_retention_are_found(store: Store) -> None:
    fill(store, 6)
    store.audit.prune(NOW + 32 * DAY + SECOND, KEEP)
    execute_without_triggers(store.database, "delete from audit where number = 4")
    assert broken_row(store) == 4


def test_a_log_without_the_row_of_its_retention_is_broken(store: Store) -> None:
    fill(store, 6)
    store.audit.prune(NOW + 32 * DAY + SECOND, KEEP)
    execute_without_triggers(store.database, "delete from audit where number = 7")
    assert broken_row(store) == 1


def test_a_long_log_is_verified_to_its_end(store: Store) -> None:
    with store.database.writing() as connection:
        for _ in range(2100):
            append(connection, AuditRecord(NOW, None, "end", AuditResult.DONE))
    assert_intact(store, 2100)
    execute_without_triggers(store.database, "update audit set action = 'x' where number = 2050")
    assert broken_row(store) == 2050


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_any_text_is_kept_and_hashed_as_the_database_returns_it(
    tmp_path_factory: pytest.TempPathFactory, why: str, other: str
) -> None:
    with store_at(f"sqlite:///{tmp_path_factory.mktemp('audit') / 'x.sqlite'}") as store:
        check_text(store, why, other)


HOSTILE_TEXTS = ["\x00", "\ud800", "a\ud800\x00b", "\U0001f469\u200d", "'; drop table audit; --", "\r\n"]


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS)
def test_hostile_text_is_kept_and_hashed_as_the_database_returns_it(store: Store, hostile: str) -> None:
    check_text(store, hostile, hostile)


def check_text(store: Store, why: str, other: str) -> None:
    appended = replace(
        record(0, Person("U1", other, other)),
        why=why,
        reason=other,
        message=other,
        request_id=other,
        after={other: why},
    )
    store.audit.append(appended)
    [entry] = store.audit.since(NOW)
    assert (entry.record.why, entry.record.reason) == (safe(why), safe(other))
    assert_intact(store, 1)


def test_an_ordinary_transaction_is_not_slowed_by_callbacks_of_an_earlier_one(store: Store) -> None:
    store.audit.append(RECORD)
    with capture_logs() as logged:
        execute(store.database, "select 1")
    assert logged == []
