import string
from datetime import UTC

import pytest
from hypothesis import given

from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.report import OtherTable
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.formatting import BLANK
from bailiff_bot.render.columns import EMPTY_CELL, broken_rules, columns, last_action, name
from tests.builders import ASG, IRELAND, VIRGINIA, Fleet, example_count, fleets, instance, report

INVISIBLE = ["", " ", "\u00a0", "\n\t", "\x00", "\u202e", "\u2028", "\u200b", "\ufeff", "\u2060", "\u200d \u200b"]


@example_count(30)
@given(fleets(60))
def test_no_cell_is_empty_or_has_a_line_break(fleet: Fleet) -> None:
    for table in fleet.report.tables:
        for column in columns(fleet.report, table.id, UTC):
            for text in map(column.text, table.rows):
                assert text.strip()
                assert len(text.splitlines()) == 1


def test_tables_show_the_account_if_there_are_two() -> None:
    one, two = report(instance(1)), report(instance(1), instance(2, target=VIRGINIA))
    for table in (RuleId.NAMED, OtherTable.LEGIT, OtherTable.MANAGED):
        assert "Account" not in [column.heading for column in columns(one, table, UTC)]
        assert "Account" in [column.heading for column in columns(two, table, UTC)]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("box", "mlg, pade@octo.example, ZZZ", "MLG, pade@octo.example"),
        ("zzz-box", "mlg@octo.example", "mlg@octo.example"),
        ("agr-box", "mlg", None),
        ("box", "ZZZ", None),
    ],
    ids=["all owners", "of an unknown identifier", "not if the identifier is the owner", "not if there is none"],
)
def test_a_table_shows_the_owners_if_the_identifiers_do_not(name: str, value: str, shown: str | None) -> None:
    found = report(instance(1, name, tags={"Owner": value}))
    [table] = [table for table in found.tables if table.rows]
    cells = [column.text(table.rows[0]) for column in columns(found, table.id, UTC) if column.heading == "Owner"]
    assert cells == [shown] * bool(shown)


@pytest.mark.parametrize("table", [*RuleId, *OtherTable])
def test_one_column_of_every_table_identifies_its_rows(table: RuleId | OtherTable) -> None:
    shown = columns(report(), table, UTC)
    assert [column.identifies for column in shown].count(True) == 1
    assert len({column.heading for column in shown}) == len(shown)


def test_an_instance_without_name_is_a_dash() -> None:
    assert name(instance(name=None)) == EMPTY_CELL


@pytest.mark.parametrize("text", INVISIBLE)
def test_an_invisible_name_is_shown_as_blank(text: str) -> None:
    assert name(instance(name=text)) == BLANK


@pytest.mark.parametrize("text", ["1e3", "12_000", "0x10", "nan", "<!channel>", "`x`", "*b*", ":smile:", "é", "a  b"])
def test_a_name_is_shown_as_it_is(text: str) -> None:
    assert name(instance(name=text)) == text


def test_a_stop_that_is_not_dated_is_marked() -> None:
    assert last_action(instance(age=2, state=InstanceState.STOPPED), UTC) == "2026-11-21 (start; stop not dated)"
    assert last_action(instance(age=9, stopped=2), UTC) == "2026-11-21"


def test_the_rules_that_did_not_name_the_table_are_named() -> None:
    [row] = report(instance(name=None, age=40)).flagged
    assert broken_rules(row, 1) == "long running"
    [row] = report(instance(name=None)).flagged
    assert broken_rules(row, 1) == EMPTY_CELL


def test_a_controller_shows_its_machines_and_their_commonest_types() -> None:
    kinds = ["t3.micro"] * 3 + ["t3.small"] * 2 + list(string.ascii_lowercase[:6])
    found = report(*(instance(number, tags={ASG: "web"}, instance_type=kind) for number, kind in enumerate(kinds)))
    [row] = found.table(OtherTable.MANAGED).rows
    shown = {column.heading: column.text(row) for column in columns(found, OtherTable.MANAGED, UTC)}
    assert (shown["Controller"], shown["Machines"], shown["Region"]) == ("web", "11", IRELAND.region)
    assert shown["Types"].startswith("3 x t3.micro, 2 x t3.small, 1 x ")
    assert shown["Types"].endswith(", 3 other types")


def test_the_commonest_types_are_the_same_in_whatever_order_the_machines_come() -> None:
    machines = [instance(number, tags={ASG: "web"}, instance_type=kind) for number, kind in enumerate("abcdefg")]
    for order in (machines, machines[::-1]):
        found = report(*order)
        [row] = found.table(OtherTable.MANAGED).rows
        [types] = [column for column in columns(found, OtherTable.MANAGED, UTC) if column.heading == "Types"]
        assert types.text(row) == "1 x a, 1 x b, 1 x c, 1 x d, 1 x e, 2 other types"
