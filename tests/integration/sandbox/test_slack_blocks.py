"""Every limit of Block Kit: a block at the limit is accepted, a block past it is refused with a pointer."""

from collections.abc import Callable
from typing import Any

import pytest
import slackblocks as sb
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.sandbox.slack import problems, view_problems
from tests.integration.sandbox.slack_block_kit import (
    Block,
    actions,
    bullets,
    button,
    button_with_confirm,
    buttons,
    data_table,
    input_block,
    line_chart,
    mrkdwn,
    options,
    pie_chart,
    plain,
    rich_text,
    section,
    select_menu,
    table,
)

BlockFactory = Callable[[int], Any]

LIMITS: list[tuple[str, int, BlockFactory, str]] = [
    ("section text", 3000, lambda n: section(text=mrkdwn("x" * n)), "/text/text"),
    ("section fields", 10, lambda n: section(fields=[plain("x")] * n), "/fields"),
    ("section field", 2000, lambda n: section(fields=[plain("x" * n)]), "/fields/0/text"),
    ("header", 150, lambda n: {"type": "header", "text": plain("x" * n)}, "/text/text"),
    ("block_id", 255, lambda n: section(block_id="x" * n), "/block_id"),
    ("actions", 25, buttons, "/elements"),
    ("button text", 75, lambda n: actions(button(text=plain("x" * n))), "/elements/0/text/text"),
    ("button value", 2000, lambda n: actions(button(value="x" * n)), "/elements/0/value"),
    ("button label", 75, lambda n: actions(button(accessibility_label="x" * n)), "/elements/0/accessibility_label"),
    ("action_id", 255, lambda n: actions(button(action_id="x" * n)), "/elements/0/action_id"),
    ("confirm title", 100, lambda n: button_with_confirm(title=plain("x" * n)), "/elements/0/confirm/title/text"),
    ("confirm text", 300, lambda n: button_with_confirm(text=plain("x" * n)), "/elements/0/confirm/text/text"),
    ("confirm button", 30, lambda n: button_with_confirm(confirm=plain("x" * n)), "/elements/0/confirm/confirm/text"),
    ("deny button", 30, lambda n: button_with_confirm(deny=plain("x" * n)), "/elements/0/confirm/deny/text"),
    ("overflow", 5, lambda n: section(accessory={"type": "overflow", "options": options(n)}), "/accessory/options"),
    ("select options", 100, lambda n: select_menu(options=options(n)), "/accessory/options"),
    (
        "option text",
        75,
        lambda n: select_menu(options=options(1, text=plain("x" * n))),
        "/accessory/options/0/text/text",
    ),
    ("option value", 150, lambda n: select_menu(options=options(1, value="x" * n)), "/accessory/options/0/value"),
    (
        "placeholder",
        150,
        lambda n: select_menu(options=options(1), placeholder=plain("x" * n)),
        "/accessory/placeholder/text",
    ),
    ("context", 10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}, "/elements"),
    ("data_table rows", 101, data_table, "/rows"),
    ("data_table columns", 20, lambda n: data_table(2, n), "/rows/0"),
    ("page_size", 100, lambda n: data_table(2, page_size=n), "/page_size"),
    ("table rows", 100, table, "/rows"),
    ("table columns", 20, lambda n: table(1, n), "/rows/0"),
    ("chart title", 50, lambda n: line_chart(title=n), "/title"),
    ("chart series", 6, lambda n: line_chart(series=n), "/chart/series"),
    ("chart points", 20, lambda n: line_chart(points=n), "/chart/series/0/data"),
    ("series name", 20, lambda n: line_chart(name=n), "/chart/series/0/name"),
    ("pie slices", 6, pie_chart, "/chart/segments"),
    ("slice label", 20, lambda n: pie_chart(1, n), "/chart/segments/0/label"),
    (
        "image alt_text",
        2000,
        lambda n: {"type": "image", "image_url": "https://x.example", "alt_text": "x" * n},
        "/alt_text",
    ),
    ("list indent", 8, lambda n: {"type": "rich_text", "elements": [bullets(n)]}, "/elements/0/indent"),
]


@pytest.mark.parametrize(
    ("limit", "build", "pointer"), [limit[1:] for limit in LIMITS], ids=[limit[0] for limit in LIMITS]
)
def test_a_block_is_accepted_at_its_limit_and_refused_past_it(limit: int, build: BlockFactory, pointer: str) -> None:
    assert problems([build(limit)]) == []
    assert f"/blocks/0{pointer}" in [problem.pointer for problem in problems([build(limit + 1)])]


@pytest.mark.parametrize(("surface", "limit"), [("message", 50), ("modal", 100), ("home", 100)])
def test_each_surface_has_a_limit_of_blocks(surface: Any, limit: int) -> None:
    assert problems([{"type": "divider"}] * limit, surface) == []
    (problem,) = problems([{"type": "divider"}] * (limit + 1), surface)
    assert problem.to_slack_message("/view") == f"no more than {limit} items allowed [json-pointer:/view/blocks]"


REFUSED: list[tuple[str, Block, str]] = [
    ("one row is only a header", data_table(1), "items.few"),
    ("an empty cell", data_table(2, text=""), "text.empty"),
    (
        "an empty rich cell",
        data_table(2) | {"rows": [[{"type": "raw_text", "text": "a"}], [rich_text()]]},
        "text.empty",
    ),
    (
        "a cell with a block_id",
        data_table(2) | {"rows": [[{"type": "raw_text", "text": "a", "block_id": "b"}]] * 2},
        "value.unknown",
    ),
    ("no caption", {"type": "data_table", "rows": data_table(2)["rows"]}, "value.missing"),
    ("page_size 0", data_table(2, page_size=0), "value.range"),
    (
        "a number as text",
        data_table(2) | {"rows": [[{"type": "raw_number", "value": "3", "text": "3"}]] * 2},
        "value.kind",
    ),
    (
        "a number in a table",
        {"type": "table", "rows": [[{"type": "raw_number", "value": 3, "text": "3"}]]},
        "type.unknown",
    ),
    ("an empty slice", pie_chart(0), "items.few"),
    (
        "a slice of nothing",
        {
            "type": "data_visualization",
            "title": "t",
            "chart": {"type": "pie", "segments": [{"label": "a", "value": 0}]},
        },
        "value.range",
    ),
    ("a doughnut", {"type": "data_visualization", "title": "t", "chart": {"type": "doughnut"}}, "type.unknown"),
    ("a mrkdwn header", {"type": "header", "text": mrkdwn("x")}, "type.unknown"),
    ("a mrkdwn button", actions(button(text=mrkdwn("x"))), "type.unknown"),
    (
        "an image among actions",
        actions({"type": "image", "image_url": "https://x.example", "alt_text": "x"}),
        "type.unknown",
    ),
    ("actions of nothing", actions(), "items.few"),
    ("a menu of nothing", select_menu(), "value.either"),
    ("an image without address", {"type": "image", "alt_text": "x"}, "value.either"),
    ("rich text in rich text", rich_text(rich_text()), "type.unknown"),
    ("an unknown style", rich_text({"type": "text", "text": "x", "style": {"blink": True}}), "value.unknown"),
    (
        "a style of another client",
        rich_text({"type": "text", "text": "x", "style": {"highlight": True}}),
        "value.unknown",
    ),
    ("an offset of a list", {"type": "rich_text", "elements": [bullets(0) | {"offset": 0}]}, "value.unknown"),
    ("the tone of an emoji", rich_text({"type": "emoji", "name": "wave", "skin_tone": 2}), "value.unknown"),
    (
        "the language of a preformatted text",
        {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [], "language": "c"}]},
        "value.unknown",
    ),
    ("a subtext of a card", {"type": "card", "title": mrkdwn("x"), "subtext": mrkdwn("x")}, "value.unknown"),
    ("no border", {"type": "rich_text", "elements": [bullets(0) | {"border": None}]}, "value.kind"),
    ("a broadcast to nobody", rich_text({"type": "broadcast", "range": "all"}), "value.choice"),
    ("an empty text in rich text", rich_text({"type": "text", "text": ""}), "text.empty"),
    ("a block without a type", {"text": plain("x")}, "value.missing"),
    ("true for a number", data_table(2, page_size=True), "value.kind"),
    ("a text for true", section(expand="yes"), "value.kind"),
    ("an object for a list", section(fields={}), "value.kind"),
    ("an object for a text", section(block_id={}), "value.kind"),
    ("a list for an object", section(accessory=[]), "value.kind"),
    ("a text for an option", select_menu(options=["x"]), "value.kind"),
]


@pytest.mark.parametrize(("block", "rule"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_invalid_block_is_refused(block: Block, rule: str) -> None:
    assert [problem.rule for problem in problems([block])][:1] == [rule]


def test_a_value_that_is_no_object_is_no_block() -> None:
    assert [problem.rule for problem in problems(["x"])] == ["value.kind"]  # type: ignore[list-item]


ACCEPTED: list[Block] = [
    section(accessory=button(url="https://x.example", style="danger", action_id="a")),
    section(accessory={"type": "image", "image_url": "https://x.example/x.png", "alt_text": "x"}),
    actions({"type": "users_select", "action_id": "who"}, {"type": "datepicker", "initial_date": "2024-05-01"}),
    {
        "type": "context",
        "elements": [mrkdwn("x"), {"type": "image", "image_url": "https://x.example", "alt_text": "x"}],
    },
    rich_text(
        {"type": "text", "text": "x", "style": {"bold": True}},
        {"type": "link", "url": "https://x.example", "text": "x"},
        {"type": "emoji", "name": "wave"},
        {"type": "user", "user_id": "U1"},
    ),
    {"type": "container", "title": plain("More"), "child_blocks": [data_table(2)], "is_collapsible": True},
    {"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("x"), "actions": [button()]}]},
    {"type": "markdown", "text": "**x**"},
    table(2) | {"column_settings": [{"align": "right", "is_wrapped": True}]},
]


@pytest.mark.parametrize("block", ACCEPTED, ids=[block["type"] for block in ACCEPTED])
def test_a_valid_block_is_accepted(block: Block) -> None:
    assert problems([block]) == []


@pytest.mark.parametrize("kind", ["data_table", "data_visualization", "container", "table"])
def test_tables_charts_and_containers_are_allowed_on_home_and_not_in_a_modal(kind: str) -> None:
    blocks = {
        "data_table": data_table(2),
        "data_visualization": line_chart(),
        "container": ACCEPTED[5],
        "table": table(1),
    }
    assert problems([blocks[kind]], "home") == []
    assert [problem.rule for problem in problems([blocks[kind]], "modal")] == ["type.surface"]


def test_an_alert_is_allowed_in_a_modal_only() -> None:
    alert = {"type": "alert", "text": plain("Careful"), "level": "warning"}
    assert problems([alert], "modal") == []
    assert [problem.rule for problem in problems([alert])] == ["type.surface"]


def test_texts_in_containers_count_towards_the_limit_of_all_text() -> None:
    inner = [section(text=mrkdwn("x" * 2400)) for _ in range(5)]
    container = {"type": "container", "title": plain("x"), "child_blocks": inner}
    (problem,) = problems([container])
    assert (problem.rule, problem.code) == ("blocks.long", "msg_blocks_too_long")


MODAL = {"type": "modal", "title": plain("Keep it"), "blocks": []}
QUESTION = input_block({"type": "plain_text_input", "multiline": True})
VIEWS: list[tuple[str, int, BlockFactory, str]] = [
    ("title", 24, lambda n: MODAL | {"title": plain("x" * n)}, "/title/text"),
    ("submit", 24, lambda n: MODAL | {"submit": plain("x" * n)}, "/submit/text"),
    ("private_metadata", 3000, lambda n: MODAL | {"private_metadata": "x" * n}, "/private_metadata"),
    ("callback_id", 255, lambda n: MODAL | {"callback_id": "x" * n}, "/callback_id"),
    ("blocks", 100, lambda n: MODAL | {"blocks": [{"type": "divider"}] * n}, "/blocks"),
]


@pytest.mark.parametrize(("limit", "build", "pointer"), [view[1:] for view in VIEWS], ids=[view[0] for view in VIEWS])
def test_a_view_is_accepted_at_its_limit_and_refused_past_it(limit: int, build: BlockFactory, pointer: str) -> None:
    assert view_problems(build(limit)) == []
    assert [problem.pointer for problem in view_problems(build(limit + 1))] == [pointer]


def test_a_modal_with_an_input_needs_a_submit_button() -> None:
    assert [problem.rule for problem in view_problems(MODAL | {"blocks": [QUESTION]})] == ["view.submit"]
    assert view_problems(MODAL | {"blocks": [QUESTION], "submit": plain("Send")}) == []


def test_a_field_of_a_modal_that_slacks_types_do_not_know_is_refused() -> None:
    assert [problem.rule for problem in view_problems(MODAL | {"submit_disabled": True})] == ["value.unknown"]


def test_a_bulleted_list_of_slackblocks_is_refused_for_its_default_offset() -> None:
    drawn = sb.RichTextBlock(sb.RichTextList("bullet", [sb.RichTextSection([sb.RichText("x")])]))
    [problem] = problems(sb.Message("C1", blocks=[drawn]).to_dict()["blocks"])
    assert problem.to_slack_message() == "invalid additional property: offset [json-pointer:/blocks/0/elements/0]"


def test_blocks_of_slackblocks_are_accepted() -> None:
    rows: list[list[sb.RawText | sb.RawNumber | sb.RichTextBlock]] = [
        [sb.RawText("a"), sb.RawText("b")],
        [sb.RawText("x"), sb.RawNumber(3, "3")],
    ]
    blocks = [
        sb.HeaderBlock("Machines"),
        sb.SectionBlock("words"),
        sb.DataTableBlock(rows, caption="Machines", page_size=20),
        sb.ContextBlock([sb.Text("17 of 17 regions")]),
        sb.DividerBlock(),
        sb.ActionsBlock([sb.Button("Share", "share", value="1", style="primary")]),
    ]
    assert problems(sb.Message("C1", blocks=blocks).to_dict()["blocks"]) == []


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.sampled_from(["type", "text", "elements", "rows", "fields"])
    return st.lists(inner) | st.dictionaries(fields, inner)


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), _containers)


@given(ANYTHING)
def test_no_value_makes_the_check_fail(value: Any) -> None:
    problems([value])
    problems([{"type": "data_table", "caption": "c", "rows": value}])
    problems([{"type": "actions", "elements": value}])
