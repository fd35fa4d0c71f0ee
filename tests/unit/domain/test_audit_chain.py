"""Any change, removal, insertion or exchange of rows of the audit log is found, also after the retention."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bailiff_bot.domain.audit_chain import (
    START,
    AuditRow,
    Link,
    Words,
    canonical_json,
    chained,
    hash_of,
    hashed_fields,
    words_digest,
)
from bailiff_bot.domain.audit_verification import StoredRow, first_break
from tests.builders import NOW, scaled

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
WORDS = st.none() | st.builds(Words, st.text("0123456789abcdef", min_size=1, max_size=4), TEXT)
UNLINKED = st.builds(
    AuditRow,
    number=st.just(0),
    at=st.integers(0, 10**9).map(lambda number: NOW + timedelta(microseconds=number)),
    **dict.fromkeys(("actor", "action", "result", "account", "region", "instance", "reason", "message"), TEXT),
    before=TEXT,
    after=TEXT,
)
TEXT_FIELDS = [field.name for field in fields(AuditRow) if field.type is str]


@dataclass(frozen=True)
class Log:
    rows: tuple[StoredRow, ...]
    head: Link


def log_of(rows: Sequence[tuple[AuditRow, Words | None]], removed: int = 0) -> Log:
    """Return a log with these rows, of which the retention then removed so many."""
    stored: list[StoredRow] = []
    head = START
    for unlinked, words in rows:
        with_words = replace(unlinked, why_digest=words_digest(words) if words else "")
        stored.append(StoredRow(chained(with_words, head), words))
        head = stored[-1].row.link
    if removed:
        last = stored[removed - 1].row.link
        retention = AuditRow(
            number=0,
            at=NOW,
            actor="",
            action="retention",
            result="done",
            removed_through=last.number,
            removed_hash=last.hash,
        )
        stored.append(StoredRow(chained(retention, head)))
        head = stored[-1].row.link
    return Log(tuple(stored[removed:]), head)


@st.composite
def logs(draw: st.DrawFn, min_size: int = 1) -> Log:
    rows = draw(st.lists(st.tuples(UNLINKED, WORDS), min_size=min_size, max_size=6))
    return log_of(rows, draw(st.integers(0, len(rows) - min_size + 1)))


def index_in(data: st.DataObject, rows: Sequence[object]) -> int:
    return data.draw(st.integers(0, len(rows) - 1))


@settings(max_examples=scaled(100))
@given(logs())
def test_an_untouched_log_is_intact(log: Log) -> None:
    assert first_break(log.rows, log.head) is None


def test_an_empty_log_is_intact() -> None:
    assert first_break((), START) is None


@settings(max_examples=scaled(100))
@given(logs(), st.data(), st.booleans())
def test_a_changed_field_is_found_also_with_a_new_hash(log: Log, data: st.DataObject, rehashed: bool) -> None:  # noqa: FBT001
    index = index_in(data, log.rows)
    row = log.rows[index].row
    name = data.draw(st.sampled_from(TEXT_FIELDS))
    changes: dict[str, Any] = {name: data.draw(TEXT.filter(lambda text: text != getattr(row, name)))}
    changed = replace(row, **changes)
    changed = replace(changed, hash=hash_of(changed)) if rehashed and name != "hash" else changed
    found = first_break([*log.rows[:index], replace(log.rows[index], row=changed), *log.rows[index + 1 :]], log.head)
    assert found
    # Only the next row shows that a row was replaced together with its hash.
    assert row.number <= found.number <= row.number + 1


@settings(max_examples=scaled(100))
@given(logs(), st.data())
def test_a_changed_time_or_number_is_found(log: Log, data: st.DataObject) -> None:
    index = index_in(data, log.rows)
    row = log.rows[index].row
    shift = data.draw(st.integers(-5, 5).filter(bool))
    changed: dict[str, Any] = data.draw(
        st.sampled_from([{"at": row.at + timedelta(microseconds=shift)}, {"number": row.number + shift}])
    )
    rows = [*log.rows[:index], replace(log.rows[index], row=replace(row, **changed)), *log.rows[index + 1 :]]
    assert first_break(rows, log.head)


@settings(max_examples=scaled(100))
@given(logs(), st.data())
def test_every_removal_is_found(log: Log, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(log.rows), max_size=len(log.rows)))
    assume(not all(kept))
    assert first_break([row for row, keep in zip(log.rows, kept, strict=True) if keep], log.head)


@settings(max_examples=scaled(100))
@given(logs(), UNLINKED, st.data(), st.booleans())
def test_an_inserted_row_is_found_also_if_it_continues_the_row_before(
    log: Log,
    unlinked: AuditRow,
    data: st.DataObject,
    linked: bool,  # noqa: FBT001
) -> None:
    index = data.draw(st.integers(0, len(log.rows)))
    before = log.rows[index - 1].row.link if index else Link(log.rows[0].row.number - 1, log.rows[0].row.previous)
    inserted = StoredRow(chained(unlinked, before) if linked else unlinked)
    assert first_break([*log.rows[:index], inserted, *log.rows[index:]], log.head)


@settings(max_examples=scaled(100))
@given(logs(min_size=2), st.data(), st.booleans())
def test_two_exchanged_rows_are_found_also_with_exchanged_numbers(
    log: Log,
    data: st.DataObject,
    renumbered: bool,  # noqa: FBT001
) -> None:
    assume(len(log.rows) > 1)
    one, two = sorted(data.draw(st.lists(st.integers(0, len(log.rows) - 1), min_size=2, max_size=2, unique=True)))
    rows = list(log.rows)
    rows[one], rows[two] = rows[two], rows[one]
    if renumbered:
        numbers = [stored.row.number for stored in log.rows]
        rows = [
            replace(stored, row=replace(stored.row, number=number))
            for stored, number in zip(rows, numbers, strict=True)
        ]
    assert first_break(rows, log.head)


@settings(max_examples=scaled(100))
@given(st.lists(st.tuples(UNLINKED, WORDS), min_size=2, max_size=6), st.data())
def test_rows_that_the_retention_did_not_remove_or_that_came_back_are_found(
    rows: list[tuple[AuditRow, Words | None]], data: st.DataObject
) -> None:
    removed = data.draw(st.integers(1, len(rows) - 1))
    whole, log = log_of(rows), log_of(rows, removed)
    more = log.rows[1:]
    back = (*whole.rows[removed - data.draw(st.integers(1, removed)) : removed], *log.rows)
    assert first_break(more, log.head)
    assert first_break(back, log.head)


@settings(max_examples=scaled(100))
@given(logs(), st.data(), WORDS)
def test_changed_or_missing_words_are_found_unless_their_author_was_forgotten(
    log: Log, data: st.DataObject, words: Words | None
) -> None:
    index = index_in(data, log.rows)
    stored = log.rows[index]
    assume(words != stored.words)
    changed = [*log.rows[:index], replace(stored, words=words), *log.rows[index + 1 :]]
    found = first_break(changed, log.head)
    assert found
    assert found.number == stored.row.number
    forgotten = [*log.rows[:index], replace(stored, words=None, actor_known=False), *log.rows[index + 1 :]]
    assert first_break(forgotten, log.head) is None


@pytest.mark.parametrize("number", range(1, 6))
def test_the_first_broken_row_is_named(number: int) -> None:
    row = AuditRow(number=0, at=NOW, actor="a", action="keep", result="done")
    log = log_of([(row, None)] * 5)
    changed = replace(log.rows[number - 1], row=replace(log.rows[number - 1].row, actor="b"))
    found = first_break([*log.rows[: number - 1], changed, *log.rows[number:]], log.head)
    assert found
    assert (found.number, found.problem) == (number, "was changed: it does not have its hash")
    missing = first_break([*log.rows[: number - 1], *log.rows[number:]], log.head)
    assert missing
    assert (missing.number, missing.problem) == (number, "is missing")


@settings(max_examples=scaled(100))
@given(UNLINKED, UNLINKED)
def test_different_rows_have_different_hashes(one: AuditRow, two: AuditRow) -> None:
    assert (hash_of(one) == hash_of(two)) == (one == two)


def test_the_hash_of_a_row_is_the_same_in_every_version() -> None:
    row = AuditRow(number=0, at=NOW, actor="k1", action="keep", result="done", instance="i-1", after='{"until":null}')
    assert canonical_json(hashed_fields(chained(row, START))) == (
        '{"action":"keep","actor":"k1","after":"{\\"until\\":null}","at":"2026-11-23T09:00:00.000000+00:00",'
        f'"instance":"i-1","number":1,"previous":"{"0" * 64}","result":"done"}}'
    )
    assert chained(row, START).hash == "8eba8fa6e5dfbf46856dfc63f787b72d5b9ee4efefaec6ffcc5160410e58a35a"
