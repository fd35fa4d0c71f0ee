"""Accessibility of the page: contrast, keyboard, screen reader, narrow windows, reduced motion."""

import re
from itertools import pairwise
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import SlackSandbox
from tests.acceptance import block_examples
from tests.acceptance.window import Window, Windows
from tests.integration.sandbox.recording_app import RecordingApp

CHANNEL = "C0COSTS001"
MIN_CONTRAST = 4.5
"""The minimum contrast ratio of text in WCAG 2.2, level AA (1.4.3)."""
COLOUR_PAIRS = (
    "text ground",
    "text ground-private",
    "text ground-raised",
    "text-soft ground",
    "text-soft ground-private",
    "text-soft ground-sunken",
    "link ground",
    "link ground-private",
    "on-accent accent",
    "on-accent accent-hover",
    "danger ground-raised",
    "on-danger danger",
    "warning-text warning-ground",
    "mention-text mention-ground",
    "code-text code-ground",
    "side-text side",
    "side-text side-hover",
    "side-bright side",
    "side-current-text side-current",
    "badge-text badge",
    "badge side",
)
UNNAMED = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, [role=img], [role=tab]")]
    .filter((node) => node.checkVisibility() && !node.computedName && ![
        node.textContent, node.ariaLabel, node.labels?.length, node.closest("label")?.textContent,
    ].some((name) => typeof name === "string" ? name.trim() : name))
    .map((node) => node.outerHTML)"""

INVISIBLE_FOCUS = """() => {
    const focused = document.activeElement.closest(".composer-box") ?? document.activeElement
    const { outlineStyle, boxShadow } = getComputedStyle(focused)
    return outlineStyle === "none" && boxShadow === "none" ? focused.outerHTML : null
}"""


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first_colour: str, second_colour: str) -> float:
    darker, lighter = sorted((luminance(first_colour), luminance(second_colour)))
    return (lighter + 0.05) / (darker + 0.05)


def colour(page: Page, name: str) -> str:
    script = "name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()"
    value: str = page.evaluate(script, name)
    assert re.fullmatch("#[0-9a-f]{6}", value), name
    return value


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_enough_contrast(windows: Windows, slack: SlackSandbox, scheme: str) -> None:
    page = windows.open(slack.url, "ada", CHANNEL, color_scheme=scheme).page
    ratios = {pair: contrast(*(colour(page, name) for name in pair.split())) for pair in COLOUR_PAIRS}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < MIN_CONTRAST} == {}


def test_every_control_has_an_accessible_name(web: WebClient, window: Window) -> None:
    blocks = [*block_examples.TEXTS, *block_examples.ACTIONS]
    web.chat_postMessage(channel=CHANNEL, text="all", blocks=blocks)
    web.chat_postMessage(channel=CHANNEL, text="table", blocks=[block_examples.data_table(), block_examples.PIE])
    expect(window.page.get_by_role("table", name="Instances").first).to_be_visible()
    for tab in ("Switches", "Calls", "Sockets", "JSON"):
        window.developer(tab)
        assert window.page.evaluate(UNNAMED) == []


def test_the_page_has_landmarks_and_one_top_heading(window: Window) -> None:
    page = window.page
    roles: tuple[Literal["banner", "main", "navigation"], ...] = ("banner", "main", "navigation")
    for role in roles:
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_the_page_can_be_used_with_the_keyboard_only(
    web: WebClient, window: Window, recording_app: RecordingApp
) -> None:
    page, keyboard = window.page, window.page.keyboard
    recording_app.on("command", "/bailiff", lambda ack, respond, body: (ack(), respond(f"You typed {body['text']}.")))
    web.chat_postMessage(channel="C0PARTNER3", text="for partners")
    window.place("cloud-costs").focus()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="# with-partner")).to_be_visible()
    expect(window.place("with-partner")).to_be_focused()
    page.get_by_role("link", name="Skip to the message box").press("Enter")
    keyboard.type("/bai")
    expect(page.get_by_role("listbox", name="Commands")).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="/bailiff mine your own")).to_have_attribute("aria-selected", "true")
    keyboard.press("Enter")
    keyboard.press("Enter")
    expect(window.message("You typed mine.")).to_be_visible()
    keyboard.type("/")
    keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Commands")).to_be_hidden()


def test_panels_close_on_escape_and_return_the_focus(web: WebClient, window: Window) -> None:
    keyboard = window.page.keyboard
    parent = web.chat_postMessage(channel=CHANNEL, text="with replies")["ts"]
    web.chat_postMessage(channel=CHANNEL, text="a reply", thread_ts=parent)
    replies = window.message("with replies").get_by_role("button", name=re.compile("1 reply"))
    replies.focus()
    keyboard.press("Enter")
    expect(window.page.get_by_role("heading", name="Thread")).to_be_focused()
    keyboard.press("Escape")
    expect(window.page.get_by_role("complementary", name="Thread")).to_be_hidden()
    expect(replies).to_be_focused()
    opener = window.page.get_by_role("button", name="Developer")
    opener.focus()
    keyboard.press("Enter")
    expect(window.page.get_by_role("heading", name="Developer")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(window.page.get_by_role("tab", name="Switches")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(window.page.get_by_role("tab", name="Calls")).to_have_attribute("aria-selected", "true")
    keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_the_focus_is_visible(window: Window) -> None:
    for _ in range(9):
        window.page.keyboard.press("Tab")
        assert window.page.evaluate(INVISIBLE_FOCUS) is None


def test_in_a_narrow_window_panels_become_drawers(windows: Windows, slack: SlackSandbox, web: WebClient) -> None:
    blocks = [block_examples.data_table(), block_examples.chart("bar")]
    parent = web.chat_postMessage(channel=CHANNEL, text="wide things", blocks=blocks)["ts"]
    web.chat_postMessage(channel=CHANNEL, text="a reply", thread_ts=parent)
    window = windows.open(slack.url, "ada", "C0GENERAL2", viewport={"width": 380, "height": 720})
    page = window.page
    expect(window.place("cloud-costs")).to_be_hidden()
    page.get_by_role("button", name="Channels and conversations").click()
    window.place("cloud-costs").click()
    expect(window.place("cloud-costs")).to_be_hidden()
    expect(page.get_by_role("heading", name="# cloud-costs")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    page.locator(".replies").last.click()
    expect(page.get_by_role("combobox", name="Reply")).to_be_in_viewport()
    page.get_by_role("button", name="Close the thread").click()
    window.developer()
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    page.get_by_role("button", name="Close the developer panel").click()
    expect(page.get_by_role("combobox", name="Message")).to_be_in_viewport()


def test_with_reduced_motion_nothing_is_animated(windows: Windows, slack: SlackSandbox, web: WebClient) -> None:
    web.chat_postMessage(channel=CHANNEL, text="still")
    window = windows.open(slack.url, "ada", CHANNEL, reduced_motion="reduce")
    message = window.message("still")
    expect(message).to_be_visible()
    assert message.evaluate("node => getComputedStyle(node).animationName") == "none"


def test_heading_levels_have_no_gap(web: WebClient, window: Window) -> None:
    web.chat_postMessage(
        channel=CHANNEL, text="t", blocks=[{"type": "header", "text": block_examples.plain("A header")}]
    )
    expect(window.page.get_by_role("heading", name="A header").first).to_be_visible()
    window.developer()
    levels = window.page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].filter((n) => n.checkVisibility()).map((n) => +n.tagName[1])"
    )
    assert all(after - before <= 1 for before, after in pairwise(sorted(levels)))
