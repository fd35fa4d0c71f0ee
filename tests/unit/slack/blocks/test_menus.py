"""A choice in a menu is a click on the button that it stands for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.messages.document import Button, Buttons, Document, Item
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.slack.blocks.menus import MENU, as_button_click, menu_value
from tests.message_checks import meaningless_fields, rendered

WHY, CONSOLE = Button("bailiff_why", "Why?", "x" * 22), Button("link", "Console", "link", url="https://example.com")


def action(value: object, **changes: Any) -> dict[str, Any]:
    return {"type": "overflow", "action_id": MENU, "selected_option": {"value": value}, **changes}


def blocks(*menu: Button, buttons: tuple[Button, ...] = ()) -> list[dict[str, Any]]:
    parts = (Item(("agr-web",), Buttons(buttons, "instance 0", menu)),)
    return rendered(Document("Instances.", "", parts)).blocks


@pytest.mark.parametrize("buttons", [(), (Button("keep", "Keep", "key", primary=True),)])
def test_slack_accepts_a_menu_after_the_buttons_or_alone(buttons: tuple[Button, ...]) -> None:
    shown = blocks(WHY, CONSOLE, buttons=buttons)
    assert problems(shown, "message") == []
    assert meaningless_fields(shown) == []
    menu = shown[1]["elements"][-1]
    assert [(one["text"]["type"], one["text"]["text"], one.get("url")) for one in menu["options"]] == [
        ("plain_text", "Why?", None),
        ("plain_text", "Console", "https://example.com"),
    ]


def test_without_buttons_there_is_no_menu() -> None:
    assert len(blocks()) == 1


@given(st.sampled_from(["bailiff_keep", "bailiff_why"]), st.text())
def test_a_choice_is_a_click_on_its_button(key: str, value: str) -> None:
    click = as_button_click(action(menu_value(key, value), block_id="instance 3"))
    assert click
    assert (click["action_id"], click["value"], click["block_id"]) == (key, value, "instance 3")


@given(st.text())
def test_a_forged_choice_names_a_button_or_nothing_that_bailiff_knows(value: str) -> None:
    click = as_button_click(action(value))
    assert click
    assert f"{click['action_id']} {click['value']}".rstrip() == value.rstrip()


@pytest.mark.parametrize(
    "other",
    [
        {"type": "button", "action_id": MENU, "value": "key"},
        action("a b", action_id="another menu"),
        action("a b", type="static_select"),
        action(None),
        action("a b", selected_option=None),
        action("a b", selected_option="a b"),
    ],
)
def test_anything_else_is_no_choice(other: dict[str, Any]) -> None:
    assert as_button_click(other) is None
