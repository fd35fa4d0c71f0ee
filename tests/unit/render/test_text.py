import unicodedata
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width as cells_of

from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.report import OtherTable, Report
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.document import Chart, Document, Grid, Part
from bailiff_bot.messages.tables import terminal_report
from bailiff_bot.render.cells import cells
from bailiff_bot.render.columns import columns, name
from bailiff_bot.render.text import as_text
from tests.builders import ASG, NOW, OWN_ACCOUNT, VIRGINIA, Fleet, example_count, fleets, instance, report


def drawn(*parts: Part) -> str:
    return as_text(Document("", "", parts))


def terminal(found: Report, width: int | None = None) -> str:
    return as_text(terminal_report(ReportPart(found), NOW, UTC), width)


def table_lines(found: Report) -> list[str]:
    [table] = [table for table in found.tables if table.rows]
    return drawn(Grid(found, table.id, table.rows, UTC, "")).splitlines()[2:]


@pytest.mark.parametrize(
    "called",
    ["1e3", "12_000", "0x10", "nan", "inf", "1,000", "-0.0", "1.50", "007", "True", "None", "a  b", "<!channel>"],
)
def test_a_name_is_not_taken_for_a_number_or_anything_else(called: str) -> None:
    [line] = table_lines(report(instance(1, f"AGR {called}"), instance(2, f"AGR {called}")))[:1]
    assert f"  AGR {called}  " in line
    [line] = table_lines(report(instance(1, called)))
    assert f"  {called}  " in line


def test_a_column_of_numbers_stands_to_the_left_like_any_other() -> None:
    lines = table_lines(report(instance(1, "1e3"), instance(2, "123456")))
    assert {line.index(called) for line, called in zip(lines, ("123456", "1e3"), strict=True)} == {
        lines[0].index("1234")
    }


@pytest.mark.parametrize(
    "called", ["\x1b[31mred\x1b[0m", "\x1b]8;;https://evil.example\x07x", "a\x08b", "a\rb", "a\nb"]
)
def test_a_name_gives_the_terminal_no_orders(called: str) -> None:
    [line] = table_lines(report(instance(1, called)))
    assert not [letter for letter in line if unicodedata.category(letter) == "Cc"]


@example_count(30)
@given(fleets(40))
def test_every_row_of_every_table_is_one_line_with_its_name_unchanged(fleet: Fleet) -> None:
    for table in fleet.report.tables:
        if not table.rows:
            continue
        lines = drawn(Grid(fleet.report, table.id, table.rows, UTC, "")).split("\n")[2:]
        assert len(lines) == len(table.rows)
        for line, row in zip(lines, table.rows, strict=True):
            if table.id is not OtherTable.MANAGED:
                assert name(row.instance) in line
                assert row.instance.id in line


def test_the_document_begins_with_the_headline_and_ends_with_the_coverage() -> None:
    found = report(
        instance(1, None),
        people=people_from_entries([], gaps=["Askbob is down"]),
        unread=[unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)],
    )
    lines = terminal(found).splitlines()
    assert lines[0] == "1 of 1 instance breaks a rule."
    assert "Askbob is down" in lines[-2]
    assert lines[-1] == "1 of 2 regions read, 4 min ago · not read: sa-east-1 (access denied)"


def test_the_document_has_every_table_that_has_rows_and_its_count() -> None:
    shown = terminal(report(instance(1, None), instance(2, None), instance(3)))
    assert "No name (2 instances)" in shown
    assert "Legit (1 instance)" in shown
    assert "Unknown identifier" not in shown


@example_count(60)
@given(fleets(20), st.integers(20, 250))
def test_no_line_is_wider_than_the_terminal(fleet: Fleet, width: int) -> None:
    for line in terminal(fleet.report, width).split("\n"):
        assert max(cells(line), cells_of(line)) <= width, line


@pytest.mark.parametrize("width", range(1, 20))
def test_even_the_narrowest_terminal_is_not_exceeded(width: int) -> None:
    found = report(
        instance(1, "x" * 255), instance(2, "AGR-東京", target=VIRGINIA), instance(3, tags={ASG: "agr-workers"})
    )
    assert {line for line in terminal(found, width).split("\n") if cells(line) > width} == set()


@example_count(30)
@given(fleets(20))
def test_without_a_width_every_cell_stands_whole_on_its_rows_line(fleet: Fleet) -> None:
    lines = terminal(fleet.report).split("\n")
    for table in fleet.report.tables:
        for row in table.rows:
            held = [column.text(row) for column in columns(fleet.report, table.id, UTC)]
            assert [line for line in lines if all(one in line for one in held)]


@example_count(30)
@given(fleets(20), st.integers(24, 250))
def test_ids_accounts_regions_and_days_are_never_cut(fleet: Fleet, width: int) -> None:
    shown = terminal(fleet.report, width)
    for table in fleet.report.tables:
        for column in columns(fleet.report, table.id, UTC):
            if column.heading in {"Instance", "Account", "Region", "Started", "Oldest"}:
                assert all(column.text(row) in shown for row in table.rows)


def test_a_cut_name_keeps_its_beginning_and_its_end() -> None:
    found = report(instance(1, f"AGR-first-{'x' * 240}-last"))
    [cut] = [word for word in terminal(found, 80).split() if "…" in word]
    assert cut.startswith("AGR-first-x")
    assert cut.endswith("x-last")


def test_the_columns_of_a_table_line_up_where_a_character_takes_two_cells() -> None:
    lines = [line for line in table_lines(report(instance(1, "AGR-日本語"), instance(2, "AGR-x"))) if "i-0" in line]
    assert len({cells(line[: line.index("i-0")]) for line in lines}) == 1


def test_a_terminal_that_is_wide_enough_shows_all_that_a_pipe_gets() -> None:
    found = report(instance(1, "AGR-" + "x" * 250), instance(2, "mlg-東京", target=VIRGINIA))
    in_terminal, in_pipe = (terminal(found, width).replace("-", " ").split() for width in (400, None))
    assert in_terminal == in_pipe


def test_a_row_takes_several_lines_rather_than_be_cut_to_nothing() -> None:
    shown = terminal(report(instance(1, "AGR-testing-prisma-2")), 60).split("\n")
    assert shown[4:9] == [
        "Identifier  Name                  Instance",
        "  Type      State    Started     Last action  Region",
        "-" * 55,
        "AGR         AGR-testing-prisma-2  i-00000000000000001",
        "  t3.micro  running  2026-11-21  2026-11-21   eu-west-1",
    ]


def test_columns_stand_below_each_other_whatever_the_names_are_written_in() -> None:
    called = ["AGR-日本語", "AGR-👩‍👩‍👧", "AGR-e\u0301", "AGR-🇫🇷", "AGR-plain"]
    found = report(*(instance(number, one) for number, one in enumerate(called)))
    lines = [line for line in terminal(found, 120).split("\n") if "  i-0" in line]
    assert len({cells(line.partition("i-0")[0]) for line in lines}) == 1
    assert len(lines) == len(called)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([31, 28], "31 █▇ 28"), ([0, 0], "0 ▁▁ 0"), ([1, 0, 8], "1 ▁▁█ 8"), ([1_234, 617, 0], "1,234 █▄▁ 0")],
)
def test_a_chart_as_text_shows_its_ends_and_its_shape(values: list[int], expected: str) -> None:
    points = tuple((str(number), value) for number, value in enumerate(values))
    assert drawn(Chart("A chart", "Values", points, "The trend")) == f"The trend: {expected}"
