"""Every limit of input blocks and their elements, and the surfaces that allow them."""

from collections.abc import Callable
from typing import Any

import pytest

from bailiff_bot.sandbox.slack import problems, view_problems
from tests.integration.sandbox.slack_block_kit import Block, actions, input_block, options, plain, section

BlockFactory = Callable[[int], Any]
MODAL = {"type": "modal", "title": plain("Keep it"), "submit": plain("Keep")}


def element(kind: str, **fields: Any) -> Block:
    return {"type": kind, "action_id": "a", **fields}


def text_input(**fields: Any) -> Block:
    return input_block(element("plain_text_input", **fields))


def groups(count: int, size: int = 1, label: str = "g") -> Block:
    grouped = [{"label": plain(label), "options": options(size)}] * count
    return input_block(element("static_select", option_groups=grouped))


def with_placeholder(kind: str) -> BlockFactory:
    choices = {"options": options(1)} if kind.endswith("static_select") else {}
    number = {"is_decimal_allowed": False} if kind == "number_input" else {}
    return lambda n: input_block(element(kind, placeholder=plain("x" * n), **choices, **number))


PLACEHOLDERS = [
    "plain_text_input",
    "rich_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "static_select",
    "users_select",
    "channels_select",
    "conversations_select",
    "multi_static_select",
    "multi_users_select",
    "datepicker",
    "timepicker",
]
LIMITS: list[tuple[str, int, BlockFactory, str]] = [
    ("label", 2000, lambda n: text_input() | {"label": plain("x" * n)}, "/label/text"),
    ("hint", 2000, lambda n: input_block(element("datepicker"), hint=plain("x" * n)), "/hint/text"),
    ("block_id", 255, lambda n: input_block(element("datepicker"), block_id="x" * n), "/block_id"),
    ("action_id", 255, lambda n: input_block(element("datepicker", action_id="x" * n)), "/element/action_id"),
    ("max_length", 3000, lambda n: text_input(max_length=n), "/element/max_length"),
    ("min_length", 3000, lambda n: text_input(min_length=n), "/element/min_length"),
    ("initial_value", 3000, lambda n: text_input(initial_value="x" * n), "/element/initial_value"),
    ("options", 100, lambda n: input_block(element("static_select", options=options(n))), "/element/options"),
    ("option_groups", 100, groups, "/element/option_groups"),
    ("options of a group", 100, lambda n: groups(1, n), "/element/option_groups/0/options"),
    ("label of a group", 75, lambda n: groups(1, label="x" * n), "/element/option_groups/0/label/text"),
    ("radio_buttons", 10, lambda n: input_block(element("radio_buttons", options=options(n))), "/element/options"),
    ("checkboxes", 10, lambda n: input_block(element("checkboxes", options=options(n))), "/element/options"),
    (
        "description of an option",
        75,
        lambda n: input_block(element("checkboxes", options=options(1, description=plain("x" * n)))),
        "/element/options/0/description/text",
    ),
    ("overflow", 5, lambda n: actions(element("overflow", options=options(n))), "/elements/0/options"),
    *((f"placeholder of {kind}", 150, with_placeholder(kind), "/element/placeholder/text") for kind in PLACEHOLDERS),
]


@pytest.mark.parametrize(
    ("limit", "build", "pointer"), [limit[1:] for limit in LIMITS], ids=[limit[0] for limit in LIMITS]
)
def test_an_input_is_accepted_at_its_limit_and_refused_past_it(limit: int, build: BlockFactory, pointer: str) -> None:
    assert problems([build(limit)], "modal") == []
    assert f"/blocks/0{pointer}" in [problem.pointer for problem in problems([build(limit + 1)], "modal")]


VIEW_LIMITS: list[tuple[str, int, Callable[[str], Block], str]] = [
    ("title", 24, lambda text: {"title": plain(text)}, "/title/text"),
    ("submit", 24, lambda text: {"submit": plain(text)}, "/submit/text"),
    ("close", 24, lambda text: {"close": plain(text)}, "/close/text"),
    ("private_metadata", 3000, lambda text: {"private_metadata": text}, "/private_metadata"),
    ("callback_id", 255, lambda text: {"callback_id": text}, "/callback_id"),
    ("external_id", 255, lambda text: {"external_id": text}, "/external_id"),
]


@pytest.mark.parametrize(
    ("limit", "fields", "pointer"), [limit[1:] for limit in VIEW_LIMITS], ids=[limit[0] for limit in VIEW_LIMITS]
)
def test_a_modal_is_accepted_at_its_limit_and_refused_past_it(
    limit: int, fields: Callable[[str], Block], pointer: str
) -> None:
    modal = MODAL | {"blocks": []}
    assert view_problems(modal | fields("x" * limit)) == []
    assert [problem.pointer for problem in view_problems(modal | fields("x" * (limit + 1)))] == [pointer]


@pytest.mark.parametrize(("kind", "blocks"), [("modal", 100), ("home", 100)])
def test_a_view_has_at_most_100_blocks(kind: str, blocks: int) -> None:
    view = {"type": kind, **({"title": plain("x")} if kind == "modal" else {})}
    assert view_problems(view | {"blocks": [{"type": "divider"}] * blocks}) == []
    (problem,) = view_problems(view | {"blocks": [{"type": "divider"}] * (blocks + 1)})
    assert (problem.rule, problem.pointer) == ("items.many", "/blocks")


@pytest.mark.parametrize("kind", ["plain_text_input", "rich_text_input", "datepicker", "timepicker", "users_select"])
def test_an_input_block_is_allowed_in_a_modal_and_on_home_and_not_in_a_message(kind: str) -> None:
    block = input_block(element(kind))
    assert problems([block], "modal") == []
    assert problems([block], "home") == []
    assert [problem.rule for problem in problems([block], "message")] == ["type.surface"]


@pytest.mark.parametrize("kind", ["number_input", "email_text_input", "url_text_input"])
def test_some_inputs_are_allowed_in_a_modal_only(kind: str) -> None:
    block = input_block(element(kind, **({"is_decimal_allowed": True} if kind == "number_input" else {})))
    assert problems([block], "modal") == []
    assert [problem.rule for problem in problems([block], "home")] == ["type.unknown"]


@pytest.mark.parametrize("kind", ["plain_text_input", "rich_text_input", "multi_users_select"])
def test_text_inputs_and_menus_of_several_options_are_no_actions(kind: str) -> None:
    assert [problem.rule for problem in problems([actions(element(kind))])] == ["type.unknown"]


REFUSED: list[tuple[str, Block, str]] = [
    ("a button", element("button", text=plain("Go")), "type.unknown"),
    ("an overflow menu", element("overflow", options=options(1)), "type.unknown"),
    ("a day that does not exist", element("datepicker", initial_date="2026-02-29"), "value.date"),
    ("a date with a time", element("datepicker", initial_date="2026-02-28T10:00"), "value.date"),
    ("a date without separators", element("datepicker", initial_date="20260228"), "value.date"),
    ("an hour that does not exist", element("timepicker", initial_time="24:00"), "value.date"),
    ("a time with seconds", element("timepicker", initial_time="10:00:00"), "value.date"),
    ("a timestamp in milliseconds", element("datetimepicker", initial_date_time=1_700_000_000_000), "value.range"),
    ("no options", element("static_select"), "value.either"),
    ("radio buttons without options", element("radio_buttons", options=[]), "items.few"),
    (
        "an initial option with another value",
        element("radio_buttons", options=options(2), initial_option=options(3)[2]),
        "option.initial",
    ),
    (
        "an initial option with another text",
        element("checkboxes", options=options(2), initial_options=options(1, text=plain("x"))),
        "option.initial",
    ),
    (
        "a mrkdwn option in a menu",
        element("static_select", options=[{"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}]),
        "type.unknown",
    ),
    (
        "an unknown trigger",
        element("plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_blur"]}),
        "value.choice",
    ),
    ("rich text as a string", element("rich_text_input", initial_value="x"), "value.kind"),
]


@pytest.mark.parametrize(("item", "rule"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_invalid_element_is_refused(item: Block, rule: str) -> None:
    assert [problem.rule for problem in problems([input_block(item)], "modal")][:1] == [rule]


def test_options_and_groups_exclude_each_other() -> None:
    both = element("static_select", options=options(1), option_groups=[{"label": plain("g"), "options": options(1)}])
    assert [problem.rule for problem in problems([section(accessory=both)])] == ["value.both"]


def test_an_initial_option_may_be_in_a_group_and_in_slacks_form() -> None:
    grouped = [{"label": plain("g"), "options": options(2)}]
    chosen = options(2)[1] | {"text": plain("No. 1") | {"emoji": True}}
    menu = element("static_select", option_groups=grouped, initial_option=chosen)
    assert problems([input_block(menu)], "modal") == []
