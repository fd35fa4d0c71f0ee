from datetime import UTC

import pytest

from bailiff_bot.domain.audit import FORGOTTEN, RETENTION, AuditEntry, AuditResult, Person
from bailiff_bot.domain.audit_chain import START, Link
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.messages.audit_text import (
    actor_text,
    broken_line,
    change_text,
    intact_line,
    person_text,
    result_text,
    settled_line,
    why_text,
)
from tests.builders import NOW
from tests.unit.audit_entries import ADA, BEN, entry

REFUSED, FAILED, UNKNOWN = AuditResult.REFUSED, AuditResult.FAILED, AuditResult.UNKNOWN
HOSTILE = Person("U0EVE", "\x1b[31mEve\u202e\n")


def test_what_was_settled_names_each_person_with_what_they_did_the_busiest_first() -> None:
    entries = [entry(actor=BEN, action="stop"), entry(), entry(), entry("not-mine"), entry("end", None)]
    assert settled_line(entries, NOW, UTC) == (
        "Settled since 23 Nov: Ada Granger (2 kept, 1 not theirs), Bailiff (1 ended), Ben Ledger (1 stopped)"
    )


def test_what_may_have_been_done_is_uncertain_and_what_was_not_done_does_not_count() -> None:
    entries = [entry("stop", result=UNKNOWN), entry(result=REFUSED), entry(result=FAILED), entry(RETENTION, None)]
    assert settled_line(entries, NOW, UTC) == "Settled since 23 Nov: Ada Granger (1 uncertain)"


@pytest.mark.parametrize("entries", [[], [entry(result=REFUSED)], [entry(RETENTION, None)]])
def test_if_nothing_was_settled_there_is_no_line(entries: list[AuditEntry]) -> None:
    assert settled_line(entries, NOW, UTC) == ""


def test_two_people_with_one_name_are_two_and_a_removed_person_is_not_named() -> None:
    other = Person("U0OTHER", ADA.name)
    entries = [entry(), entry(actor=other), entry(actor=FORGOTTEN)]
    assert settled_line(entries, NOW, UTC) == (
        "Settled since 23 Nov: Ada Granger (1 kept), Ada Granger (1 kept), a removed person (1 kept)"
    )


def test_many_people_are_counted() -> None:
    entries = [entry(actor=Person(f"U{number}", f"P{number:02}")) for number in range(12)]
    line = settled_line(entries, NOW, UTC)
    assert line.endswith("P09 (1 kept), 2 by 2 others: see bailiff audit")
    assert "P10" not in line


def test_an_unknown_action_is_named_by_its_own_word() -> None:
    assert settled_line([entry("tidy")], NOW, UTC) == "Settled since 23 Nov: Ada Granger (1 tidy)"


def test_a_person_has_a_name_an_address_or_an_id() -> None:
    people = [ADA, Person("U1", "", "a@b.example"), Person("U1", ""), FORGOTTEN]
    assert list(map(person_text, people)) == ["Ada Granger", "a@b.example", "U1", "(removed)"]
    assert actor_text(entry(actor=None).record) == "Bailiff"


def test_a_refusal_says_why() -> None:
    assert result_text(entry(result=REFUSED, reason="it breaks no rule").record) == "refused: it breaks no rule"
    assert result_text(entry().record) == "done"


def test_a_change_names_what_was_before_and_after() -> None:
    changed = entry(
        before={"owners": (ADA, BEN), "until": None, "state": "running", "image": True},
        after={"owners": (), "until": "2026-12-01", "state": "running"},
    )
    assert change_text(changed.record) == (
        "image: yes, owners: Ada Granger and Ben Ledger → -, state: running, until: - → 2026-12-01"
    )


def test_words_that_were_removed_are_marked() -> None:
    assert why_text(entry(why="for a demo")) == "for a demo"
    assert why_text(entry(words_removed=True)) == "(removed)"


def test_no_text_leaves_its_line_or_changes_its_direction() -> None:
    hostile = entry(
        actor=HOSTILE, reason="a\nb\x1b", why="c\u202ed\n", before={"x\n": "y\x1b"}, after={"z": (HOSTILE,)}
    )
    line = settled_line([hostile], NOW, UTC)
    texts = (actor_text(hostile.record), result_text(hostile.record), change_text(hostile.record), why_text(hostile))
    for text in (line, *texts):
        assert not set(text) & {"\n", "\x1b", "\u202e"}


def test_the_verdict_is_one_sentence_that_says_which_log_and_what_to_do() -> None:
    assert intact_line(START, "sqlite:///x") == "The audit log in sqlite:///x is empty."
    assert intact_line(Link(1234, "abc"), "sqlite:///x") == (
        "The audit log in sqlite:///x is intact, up to row 1,234 with the hash abc."
    )
    broken = broken_line(Break(5, "is missing"), "sqlite:///x")
    assert broken.startswith("The audit log in sqlite:///x is broken: row 5 is missing. ")
