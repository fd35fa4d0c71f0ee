import csv
import io
import json
import re
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.audit import FORGOTTEN, AuditResult
from bailiff_bot.render.audit import as_csv, as_json, as_table
from bailiff_bot.render.cells import cells
from tests.builders import NOW
from tests.unit.audit_entries import ADA, BEN, entry

KEPT = entry(why="for a demo, until Friday", before={"until": None}, after={"until": "2026-12-01", "owners": (BEN,)})
REFUSED = entry("stop", None, AuditResult.REFUSED, number=2, instance="", reason="it breaks no rule any more")
FORGOT = entry(number=3, actor=FORGOTTEN, words_removed=True)
ENTRIES = (KEPT, REFUSED, FORGOT)


def test_the_table_has_a_row_for_each_entry() -> None:
    headings, rule, *rows = as_table(ENTRIES, ZoneInfo("Europe/Paris")).splitlines()
    assert (headings.split(), set(rule)) == ("Row When Who Action Instance Where Result Change Why".split(), {"-", " "})
    assert [re.split(r" {2,}", row.strip()) for row in rows] == [
        [
            *("1", "2026-11-23 10:00:00", "Ada Granger", "keep", "i-1", "111122223333/eu-west-1", "done"),
            *("owners: Ben Ledger, until: - → 2026-12-01", "for a demo, until Friday"),
        ],
        ["2", "2026-11-23 10:00:00", "Bailiff", "stop", "refused: it breaks no rule any more"],
        ["3", "2026-11-23 10:00:00", "(removed)", "keep", "i-1", "111122223333/eu-west-1", "done", "(removed)"],
    ]


@pytest.mark.parametrize("width", [20, 80, 120, 250])
def test_no_line_of_the_table_is_wider_than_the_terminal(width: int) -> None:
    lines = as_table(ENTRIES, ZoneInfo("UTC"), width).splitlines()
    assert max(map(cells, lines)) <= width
    assert "Ada" in "".join(lines)


def test_csv_has_a_line_for_each_entry() -> None:
    first, second, third = csv.DictReader("".join(as_csv(ENTRIES)).splitlines())
    assert first == {
        "number": "1",
        "at": "2026-11-23T09:00:00+00:00",
        "actor": "Ada Granger",
        "actor_user_id": "U0ADA",
        "actor_address": "ada@octo.example",
        "action": "keep",
        "result": "done",
        "reason": "",
        "why": "for a demo, until Friday",
        "why_removed": "no",
        "account": "111122223333",
        "partition": "aws",
        "region": "eu-west-1",
        "instance": "i-1",
        "message": "D0ADA/1.5",
        "before": '{"until":null}',
        "after": '{"until":"2026-12-01","owners":[{"user_id":"U0BEN","name":"Ben Ledger","address":""}]}',
        "request_id": "r1",
        "hash": "abc",
    }
    assert (second["actor"], second["actor_user_id"], second["instance"]) == ("Bailiff", "", "")
    assert (third["actor"], third["why"], third["why_removed"]) == ("(removed)", "", "yes")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    [row] = csv.DictReader(io.StringIO("".join(as_csv([entry(why=f"{start}1+1", reason=f"{start}1")])), newline=""))
    assert (row["why"], row["reason"]) == (f"'{start}1+1", f"'{start}1")


def test_json_has_the_same_fields_as_csv_with_their_types() -> None:
    document = json.loads("".join(as_json(ENTRIES, NOW)))
    assert document["since"] == "2026-11-23T09:00:00+00:00"
    first, second, third = document["records"]
    assert list(first) == "".join(as_csv([])).strip().split(",")
    assert first["after"]["owners"] == [{"user_id": BEN.user_id, "name": BEN.name, "address": ""}]
    assert (first["number"], first["actor_user_id"]) == (1, ADA.user_id)
    assert (second["actor"], second["actor_user_id"], second["instance"]) == ("Bailiff", None, None)
    assert third["why_removed"] is True


def test_without_entries_there_are_only_headings_and_an_empty_list() -> None:
    assert len([*as_csv([])]) == 1
    assert json.loads("".join(as_json([], NOW)))["records"] == []


def test_half_a_surrogate_pair_in_a_state_is_an_escape() -> None:
    hostile = entry(before={"name": "agr-\ud800"})
    "".join(as_csv([hostile])).encode()
    [record] = json.loads("".join(as_json([hostile], NOW)).encode())["records"]
    assert record["before"] == {"name": "agr-\ud800"}
