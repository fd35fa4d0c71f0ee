import re
from datetime import UTC
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.domain.report import OtherTable, Report
from bailiff_bot.messages.document import (
    Bold,
    Bullets,
    Button,
    Buttons,
    Chart,
    Code,
    Counts,
    Document,
    Grid,
    Link,
    Paragraph,
    Part,
    SmallPrint,
    sentence,
)
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.slack.blocks.fitting import MAX_CHARACTERS
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import MAX_BLOCKS, MAX_HEADER
from tests.builders import instance, report, scaled
from tests.message_checks import Message, meaningless_fields, rendered, strings, table_rows, utf16_units, visible_text

REST = "in the CSV"


@cache
def machines(count: int) -> Report:
    return report(*(instance(number, f"AGR-{'😀' * (number % 60)}") for number in range(count)))


def grid(count: int) -> Grid:
    found = machines(count)
    rows = found.table(OtherTable.LEGIT).rows
    return Grid(found, OtherTable.LEGIT, rows, UTC, "Legit", f"Legit: {count} instances", "Keep it")


TEXTS = st.builds(lambda text, times: text * times, st.text("aé😀 <&", min_size=1, max_size=40), st.integers(1, 60))
SPANS = TEXTS | TEXTS.map(Bold) | TEXTS.map(Code) | TEXTS.map(lambda text: Link(text, "https://example.com/x"))
LINES = st.lists(SPANS, min_size=1, max_size=3).map(tuple)
ITEMS = st.builds(
    lambda lines, times: tuple(lines * times), st.lists(LINES, min_size=1, max_size=5), st.integers(1, 30)
)
BODIES = (
    st.builds(Paragraph, TEXTS, TEXTS)
    | st.builds(Bullets, ITEMS)
    | st.builds(Counts, st.lists(st.tuples(st.integers(0, 10**6), TEXTS), min_size=1, max_size=9).map(tuple))
    | st.sampled_from([1, 40, 250]).map(grid)
)
CHART = Chart("A trend", "Values", tuple((f"2026-11-23 08:56:{n:02}", n) for n in range(20)), "The trend")
BUTTONS = Buttons(tuple(Button(f"key_{number}", f"Button {number}", "x" * 50) for number in range(3)))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents with very many and very long parts."""
    parts: list[Part] = draw(st.lists(BODIES, min_size=1, max_size=30))
    closing: list[Part] = draw(st.lists(st.sampled_from([CHART, BUTTONS]), unique=True))
    notes = SmallPrint(tuple(draw(st.lists(TEXTS, min_size=1, max_size=5))))
    return Document(draw(TEXTS), draw(st.just("") | TEXTS), (*parts, *closing, notes), REST)


def shown_items(message: Message) -> int:
    """Return how many items, rows and paragraphs a message shows."""
    lists = [block["elements"] for block in message.blocks if block["type"] == "rich_text"]
    items = sum(len(one[0]["elements"]) if one[0]["type"] == "rich_text_list" else 1 for one in lists)
    tables = [block for block in message.blocks if block["type"] == "data_table"]
    charts = [block for block in message.blocks if block["type"] == "data_visualization"]
    # The title of a table is a paragraph of its own.
    return items + sum(len(table_rows(table)) - 1 for table in tables) + len(charts)


def counted(message: Message) -> int:
    """Return how many items, rows and paragraphs a message says it leaves out."""
    lines = [text for text in strings(message.blocks) if text.endswith(f" more: {REST}.")]
    counts = sum(int(line.split()[0].replace(",", "")) for line in lines)
    captions = (str(block["caption"]) for block in message.blocks if block["type"] == "data_table")
    ranges = (re.search(r"lines ([\d,]+) to ([\d,]+) of ([\d,]+)", caption) for caption in captions)
    for found in filter(None, ranges):
        first, last, total = (int(number.replace(",", "")) for number in found.groups())
        counts += total - (last - first + 1)
    return counts


def size(part: Part) -> int:
    match part:
        case Bullets(items) | Counts(items):
            return len(items)
        case Grid():
            return len(part.rows)
        case SmallPrint() | Buttons():
            return 0
        case _:
            return 1


@settings(max_examples=scaled(50))
@given(documents())
def test_every_document_is_accepted_by_slack(document: Document) -> None:
    message = rendered(document)
    for one in (message, message.fallback()):
        assert problems(one.blocks, "message") == []
        assert meaningless_fields(one.blocks) == []
        assert sum(map(utf16_units, strings(one.blocks))) <= MAX_CHARACTERS


@settings(max_examples=scaled(50))
@given(documents())
def test_what_is_left_out_is_counted(document: Document) -> None:
    message = rendered(document)
    title = 1 if message.blocks[0]["type"] == "rich_text" and document.headline else 0
    assert shown_items(message) - title + counted(message) == sum(map(size, document.parts))


def test_a_document_of_very_many_short_parts_has_no_more_blocks_than_slack_takes() -> None:
    paragraphs = tuple(Paragraph(text=f"Paragraph {number}") for number in range(80))
    message = rendered(Document("A sentence.", "A headline", (*paragraphs, SmallPrint(("All were read",))), REST))
    assert problems(message.blocks, "message") == []
    assert len(message.blocks) == MAX_BLOCKS
    assert f"33 more: {REST}." in visible_text(message)


@settings(max_examples=scaled(50))
@given(documents())
def test_the_small_print_is_never_left_out(document: Document) -> None:
    message = rendered(document)
    small_print = document.parts[-1]
    assert isinstance(small_print, SmallPrint)
    for line in small_print.lines:
        assert any(
            text == line or (text.endswith("…") and line.startswith(text[:-1])) for text in strings(message.blocks)
        )
    if sum(map(utf16_units, small_print.lines)) < MAX_CHARACTERS // 3:
        assert message.plain.endswith("\n".join(small_print.lines))


@settings(max_examples=scaled(50))
@given(documents(), st.integers(9, 12))
def test_the_pages_of_every_document_are_accepted_by_slack(document: Document, at_most: int) -> None:
    for payload in pages(document, at_most):
        assert problems(list(payload["blocks"]), "message") == []


def test_the_rows_of_a_page_are_not_cut_again() -> None:
    [captions] = [[text for text in strings(page["blocks"]) if text.startswith("Legit")] for page in _pages(30)]
    assert set(captions) == {"Legit: 30 instances", "Legit: 30 instances."}
    rows = [len(table_rows(block)) for page in _pages(250) for block in page["blocks"] if block["type"] == "data_table"]
    assert sum(rows) == 250


def _pages(count: int) -> list[dict[str, list[dict[str, object]]]]:
    document = Document("Tables", "", (grid(count), SmallPrint(("All were read",))), REST)
    return [dict(page) for page in pages(document, 9)]


@pytest.mark.parametrize("text", ["x" * 400, "😀" * 200, "<!channel>" * 20])
def test_a_title_of_any_length_is_accepted(text: str) -> None:
    [drawn] = rendered(Document("A sentence.", text, ())).blocks
    assert problems([drawn], "message") == []
    assert strings(drawn) == [text]


@pytest.mark.parametrize("length", [MAX_HEADER, MAX_HEADER + 1])
def test_a_title_that_is_too_long_for_a_header_is_a_bold_line(length: int) -> None:
    [drawn] = rendered(Document("A sentence.", "x" * length, ())).blocks
    assert drawn["type"] == ("header" if length == MAX_HEADER else "rich_text")


def test_a_title_is_cut_after_a_thousand_characters() -> None:
    [drawn] = rendered(Document("A sentence.", "x" * 9_000, ())).blocks
    assert [len(text) for text in strings(drawn)] == [1_000]


def test_a_long_line_of_small_print_is_cut() -> None:
    [drawn] = rendered(Document("A sentence.", "", (SmallPrint(("a", "x" * 9_000)),))).blocks
    assert [len(one["text"]) for one in drawn["elements"]] == [1, 1_500]


def test_a_list_that_does_not_fit_says_where_the_rest_is() -> None:
    items = tuple((f"{number} {'x' * 500}",) for number in range(100))
    text = visible_text(rendered(Document("A sentence.", "", (Bullets(items),), "/bailiff mine, then Full report")))
    *shown, last = text.splitlines()
    assert last == f"{100 - len(shown)} more: /bailiff mine, then Full report."


def test_a_sentence_is_a_message_with_one_paragraph() -> None:
    message = rendered(sentence("Nothing."))
    assert (message.text, visible_text(message), message.plain) == ("Nothing.", "Nothing.", "Nothing.")


def test_the_fallback_keeps_the_coverage_if_it_is_cut() -> None:
    document = Document("A sentence.", "", (grid(250), SmallPrint(("All were read",))), REST)
    *_, more, coverage = rendered(document).plain.splitlines()
    assert more.endswith(f" more lines: {REST}.")
    assert coverage == "All were read"
