import unicodedata
from datetime import UTC

import pytest
from hypothesis import given

from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Unread, UnreadReason
from bailiff_bot.domain.report import OtherTable, Report
from bailiff_bot.render import text
from bailiff_bot.render.columns import name
from tests.builders import NOW, OURS, Fleet, example_count, fleets, instance, report


def drawn(found: Report) -> list[str]:
    [table] = [table for table in found.tables if table.rows]
    return text.table(found, table.id, table.rows, UTC).splitlines()[2:]


@pytest.mark.parametrize(
    "called",
    ["1e3", "12_000", "0x10", "nan", "inf", "1,000", "-0.0", "1.50", "007", "True", "None", "a  b", "<!channel>"],
)
def test_a_name_is_not_taken_for_a_number_or_anything_else(called: str) -> None:
    [line] = drawn(report(instance(1, f"AGR {called}"), instance(2, f"AGR {called}")))[:1]
    assert f"  AGR {called}  " in line
    [line] = drawn(report(instance(1, called)))
    assert f"  {called}  " in line


def test_a_column_of_numbers_stands_to_the_left_like_any_other() -> None:
    lines = drawn(report(instance(1, "1e3"), instance(2, "123456")))
    assert {line.index(called) for line, called in zip(lines, ("123456", "1e3"), strict=True)} == {
        lines[0].index("1234")
    }


@pytest.mark.parametrize(
    "called", ["\x1b[31mred\x1b[0m", "\x1b]8;;https://evil.example\x07x", "a\x08b", "a\rb", "a\nb"]
)
def test_a_name_gives_the_terminal_no_orders(called: str) -> None:
    [line] = drawn(report(instance(1, called)))
    assert not [letter for letter in line if unicodedata.category(letter) == "Cc"]


@example_count(30)
@given(fleets(40))
def test_every_row_of_every_table_is_one_line_with_its_name_unchanged(fleet: Fleet) -> None:
    for table in fleet.report.tables:
        if not table.rows:
            continue
        lines = text.table(fleet.report, table.id, table.rows, UTC).split("\n")[2:]
        assert len(lines) == len(table.rows)
        for line, row in zip(lines, table.rows, strict=True):
            if table.id is not OtherTable.MANAGED:
                assert name(row.instance) in line
                assert row.instance.id in line


def test_the_document_begins_with_the_headline_and_ends_with_the_coverage() -> None:
    found = report(
        instance(1, None),
        known=people_from_entries([], gaps=["Askbob is down"]),
        unread=[Unread(Target(OURS, "sa-east-1"), UnreadReason.ACCESS_DENIED)],
    )
    lines = text.document(found, NOW, UTC).splitlines()
    assert lines[0] == "1 of 1 instance owes something."
    assert "Askbob is down" in lines[-2]
    assert lines[-1] == "1 of 2 regions read, 4 min ago · not read: sa-east-1 (access denied)"


def test_the_document_has_every_table_that_has_rows_and_its_count() -> None:
    shown = text.document(report(instance(1, None), instance(2, None), instance(3)), NOW, UTC)
    assert "No name (2 instances)" in shown
    assert "Legit (1 instance)" in shown
    assert "Owner unknown" not in shown
