from collections.abc import Sequence
from datetime import UTC
from functools import cache

import pytest

from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.formatting import plural
from bailiff_bot.messages.rule_texts import title
from bailiff_bot.messages.summary import summary
from bailiff_bot.messages.tables import thread_tables
from bailiff_bot.slack.blocks.grids import MAX_ROWS
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.usecases.report_messages import MAX_TABLE_MESSAGES
from tests.builders import ASG, IRELAND, VIRGINIA, instance, report
from tests.message_checks import SCAN_AGE, Message, check_message, link_text, rendered, table_rows, visible_text

SIZES = [0, 1, 30, 300, 3_000, 30_000]
KINDS = ("AGR-box", None, "workernode", "ZZZ-x", "MLG-old", "AGR-long", "exempt", "managed")


@cache
def fleet(size: int) -> Report:
    """Return a report in which every table but one has rows."""
    return report(*(_instance(number, KINDS[number % len(KINDS)]) for number in range(1, size + 1)))


def _instance(number: int, name: str | None) -> Instance:
    tags = {"exempt": {"bailiff:exempt": ""}, "managed": {ASG: f"AGR-web-{number % 50}"}}.get(name or "", {})
    return instance(
        number,
        name and f"{name}-{number}",
        target=VIRGINIA if number % 3 else IRELAND,
        age=40 if name == "AGR-long" else 3,
        stopped=20 if name == "MLG-old" else None,
        tags=tags,
    )


def table_messages(found: Report) -> list[Message]:
    return [Message(payload) for payload in pages(thread_tables(found, UTC), MAX_TABLE_MESSAGES)]


def tables(messages: Sequence[Message]) -> list[dict[str, object]]:
    return [block for message in messages for block in message.blocks if block["type"] == "data_table"]


@pytest.mark.parametrize("size", SIZES)
def test_any_fleet_takes_a_bounded_number_of_messages_that_slack_accepts(size: int) -> None:
    messages = table_messages(fleet(size))
    assert len(messages) <= MAX_TABLE_MESSAGES
    for message in messages:
        check_message(message, fleet(size))


@pytest.mark.parametrize("size", SIZES)
def test_the_caption_has_the_full_count_of_its_table(size: int) -> None:
    captions = [str(block["caption"]) for block in tables(table_messages(fleet(size)))]
    for table in fleet(size).tables:
        expected = f"{title(table.id, fleet(size).policy)}: {plural(table.count, 'instance')}"
        assert any(caption == expected or caption.startswith(expected + ",") for caption in captions) == bool(
            table.rows
        )


@pytest.mark.parametrize("size", SIZES)
def test_a_caption_says_that_rows_left_out_are_in_the_csv(size: int) -> None:
    whole = fleet(size)
    drawn = tables(table_messages(whole))
    for table in whole.tables:
        name = title(table.id, whole.policy) + ":"
        pieces = [block for block in drawn if str(block["caption"]).startswith(name)]
        rows = sum(len(table_rows(block)) for block in pieces)
        assert rows <= len(table.rows)
        if rows < len(table.rows):
            assert all("all are in the CSV" in str(block["caption"]) for block in pieces)


@pytest.mark.parametrize("size", [1, 30, 300])
def test_a_fleet_that_fits_is_shown_completely(size: int) -> None:
    drawn = tables(table_messages(fleet(size)))
    found = [link_text(row["Instance"]) for block in drawn for row in table_rows(block) if "Instance" in row]
    singles = [row.instance.id for row in fleet(size).rows if not row.controller]
    assert found == singles


def test_a_table_is_cut_at_a_hundred_rows() -> None:
    drawn = tables(table_messages(report(*(instance(number, None) for number in range(250)))))
    assert max(len(table_rows(block)) for block in drawn) <= MAX_ROWS
    assert sum(len(table_rows(block)) for block in drawn) == 250


def test_the_caption_of_each_piece_names_its_lines() -> None:
    drawn = tables(table_messages(report(*(instance(number, None) for number in range(90)))))
    ends = [len(table_rows(block)) for block in drawn]
    assert len(drawn) > 1
    assert [str(block["caption"]) for block in drawn] == [
        f"No name: 90 instances, lines {sum(ends[:number]) + 1} to {sum(ends[: number + 1])} of 90; all are in the CSV"
        for number in range(len(drawn))
    ]


def test_a_name_of_256_characters_is_not_cut() -> None:
    [block] = tables(table_messages(report(instance(1, "AGR-" + "x" * 252))))
    assert table_rows(block)[0]["Name"]["text"] == "AGR-" + "x" * 252


def test_a_hundred_longest_names_are_split_by_the_length_that_slack_counts() -> None:
    found = report(*(instance(number, "😀" * 128) for number in range(100)))
    for message in table_messages(found):
        check_message(message, found)


def test_a_table_is_followed_by_what_to_do_about_it() -> None:
    [message] = table_messages(report(instance(1, None)))
    assert "Add a Name tag." in visible_text(message)
    assert "Add a Name tag." in message.plain


def test_the_number_of_machines_is_a_number_for_sorting() -> None:
    [message] = table_messages(report(*(instance(number, tags={ASG: "AGR-web"}) for number in range(12))))
    [block] = tables([message])
    assert table_rows(block)[0]["Machines"] == {"type": "raw_number", "value": 12, "text": "12"}


def test_an_empty_fleet_has_no_tables() -> None:
    assert table_messages(report()) == []


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_summary_has_the_count_of_every_table_and_they_add_up(size: int) -> None:
    whole = fleet(size)
    message = rendered(summary(whole, SCAN_AGE))
    check_message(message, whole)
    counts = [table.count for table in whole.tables if table.rows]
    assert sum(counts) == size
    if not whole.flagged_count:
        return
    for count in counts:
        assert f"{count:,}" in [text.strip() for text in visible_text(message).splitlines()]


def test_a_pending_instance_has_a_row() -> None:
    [message] = table_messages(report(instance(1, None, state=InstanceState.PENDING)))
    [block] = tables([message])
    assert table_rows(block)[0]["State"]["text"] == "pending"
