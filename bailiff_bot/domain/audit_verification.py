"""Finds where the audit log was changed.

The retention removes the oldest rows, and appends a row that says so (`removed_through`). That row is part of the
chain: a log whose beginning is missing without such a row is broken.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bailiff_bot.domain.audit_chain import START, AuditRow, Link, Words, hash_of, words_digest


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row with what is stored beside it."""

    row: AuditRow
    words: Words | None = None
    actor_known: bool = True
    """False if the actor was forgotten."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first row at which the chain is broken."""

    number: int
    problem: str
    """What is wrong, to continue "row 5 ": `was changed`."""


def first_break(rows: Iterable[StoredRow], head: Link) -> Break | None:
    """Return where the chain is broken; None if it is not.

    `rows` are all that are stored, by number. `head` is the last row that was appended; `START` if there was none.
    """
    first, last, removed = None, START, START
    for stored in rows:
        row = stored.row
        if first is None:
            first = last = Link(row.number - 1, row.previous)
        if problem := _problem(stored, last):
            return problem
        last = row.link
        if row.removed_through is not None:
            removed = Link(row.removed_through, row.removed_hash)
    return _wrong_beginning(first or START, removed) or _wrong_end(last, head)


def _problem(stored: StoredRow, last: Link) -> Break | None:
    row = stored.row
    if row.number != last.number + 1:
        return Break(last.number + 1, "is missing")
    if row.hash != hash_of(row):
        return Break(row.number, "was changed: it does not have its hash")
    if row.previous != last.hash:
        return Break(row.number, f"does not continue row {last.number}: one of the two was replaced")
    return _wrong_words(stored)


def _wrong_words(stored: StoredRow) -> Break | None:
    row, words = stored.row, stored.words
    if words and words_digest(words) != row.why_digest:
        return Break(row.number, "was changed: its reason in the actor's own words is another")
    if row.why_digest and not words and stored.actor_known:
        return Break(row.number, "was changed: its reason in the actor's own words is missing")
    return None


def _wrong_beginning(first: Link, removed: Link) -> Break | None:
    if first.number > removed.number:
        return Break(removed.number + 1, "is missing")
    if first.number < removed.number:
        return Break(first.number + 1, f"is there, although the retention removed the rows up to {removed.number}")
    return None if first == removed else Break(first.number + 1, "does not continue the rows that were removed")


def _wrong_end(last: Link, head: Link) -> Break | None:
    if last.number < head.number:
        return Break(last.number + 1, "is missing")
    return None if last == head else Break(last.number, "is not the last row that was appended")
