"""Changes in the workspace appear on open pages, and only for users who may see them."""

from typing import Any

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import SlackSandbox
from tests.acceptance.block_examples import data_table
from tests.acceptance.window import Window, Windows

CHANNEL = "C0COSTS001"


@pytest.fixture
def hector(windows: Windows, slack: SlackSandbox) -> Window:
    return windows.open(slack.url, "hector", CHANNEL)


def test_a_message_appears_changes_and_disappears_without_a_reload(web: WebClient, window: Window) -> None:
    window.page.evaluate("window.kept = true")
    ts: Any = web.chat_postMessage(channel=CHANNEL, text="one")["ts"]
    message = window.page.locator(f"[data-ts='{ts}']")
    expect(message).to_contain_text("one")
    web.chat_update(channel=CHANNEL, ts=ts, text="two")
    expect(message).to_contain_text("two")
    expect(message).to_contain_text("(edited)")
    web.chat_delete(channel=CHANNEL, ts=ts)
    expect(message).to_have_count(0)
    assert window.page.evaluate("window.kept") is True


def test_an_ephemeral_message_is_shown_to_its_reader_only(web: WebClient, window: Window, hector: Window) -> None:
    web.chat_postEphemeral(channel=CHANNEL, user="U0AGR00001", text="between us")
    web.chat_postMessage(channel=CHANNEL, text="for all")
    expect(window.message("between us")).to_contain_text("Only visible to you")
    expect(hector.message("for all")).to_be_visible()
    expect(hector.page.get_by_text("between us")).to_have_count(0)


def test_new_messages_are_announced_and_unread_channels_are_marked(
    web: WebClient, window: Window, hector: Window
) -> None:
    hector.go("general")
    expect(hector.place("cloud-costs")).not_to_contain_text("new")
    web.chat_postMessage(channel=CHANNEL, text="the news")
    expect(window.page.locator("#announcer")).to_have_text("Bailiff: the news")
    expect(hector.place("cloud-costs")).to_contain_text("new")
    expect(hector.page).to_have_title("(1) # general · Bailiff's sandbox")
    hector.go("cloud-costs")
    expect(hector.message("the news")).to_be_visible()
    expect(hector.place("cloud-costs")).not_to_contain_text("new")


def test_users_can_reply_in_a_thread(web: WebClient, window: Window, hector: Window) -> None:
    web.chat_postMessage(channel=CHANNEL, text="the parent")
    window.message("the parent").hover()
    window.message("the parent").get_by_role("button", name="Reply").click()
    window.page.get_by_role("combobox", name="Reply").fill("I agree, @hector")
    window.page.keyboard.press("Enter")
    expect(window.replies.last).to_contain_text("@hector")
    hector.open_thread(hector.message("the parent"))
    expect(hector.replies.last).to_contain_text("I agree, @hector")
    window.page.get_by_role("combobox", name="Reply").fill("/bailiff report")
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("alert").filter(has_text="Commands do not work in threads")).to_be_visible()


def test_a_new_message_does_not_scroll_a_page_that_was_scrolled_up(web: WebClient, window: Window) -> None:
    for number in range(30):
        web.chat_postMessage(channel=CHANNEL, text=f"line {number}\n\n\n")
    expect(window.message("line 29")).to_be_in_viewport()
    window.page.locator("#messages").evaluate("box => { box.scrollTop = 0 }")
    web.chat_postMessage(channel=CHANNEL, text="far below")
    new_messages = window.page.get_by_role("button", name="New messages")
    expect(new_messages).to_be_visible()
    expect(window.message("far below")).not_to_be_in_viewport()
    new_messages.click()
    expect(window.message("far below")).to_be_in_viewport()
    expect(new_messages).to_be_hidden()


def test_the_filter_of_a_table_is_kept_when_other_messages_arrive(web: WebClient, window: Window) -> None:
    web.chat_postMessage(channel=CHANNEL, text="a table", blocks=[data_table()])
    search = window.page.get_by_role("searchbox").last
    search.fill("name-03")
    web.chat_postMessage(channel=CHANNEL, text="and something else")
    expect(window.message("and something else")).to_be_visible()
    expect(search).to_be_focused()
    expect(search).to_have_value("name-03")


def test_a_user_can_join_a_channel_in_order_to_post(window: Window, slack: SlackSandbox) -> None:
    slack.driver.remove_member("ada", "general")
    window.go("general")
    window.send("hello")
    expect(window.page.locator("#toasts")).to_contain_text("ada is not in")
    window.page.get_by_role("button", name="Join").click()
    expect(window.page.get_by_role("button", name="Join")).to_be_hidden()
    window.page.keyboard.press("Tab")
    window.send("hello")
    expect(window.message("hello")).to_be_visible()


def test_a_reload_and_the_back_button_keep_user_and_channel(window: Window) -> None:
    window.go("general")
    window.become("hector")
    expect(window.page.get_by_label("You are")).to_have_value("hector")
    window.page.reload()
    expect(window.page.get_by_role("heading", name="# general")).to_be_visible()
    expect(window.page.get_by_label("You are")).to_have_value("hector")
    window.page.go_back()
    expect(window.page.get_by_label("You are")).to_have_value("ada")


def test_a_change_of_user_is_kept_if_the_channel_changes_before_the_page_is_drawn(window: Window) -> None:
    window.page.evaluate("""() => {
        const person = document.getElementById("person");
        person.value = "hector";
        person.dispatchEvent(new Event("change"));
        document.querySelector(".place:not([aria-current])").click();
    }""")
    expect(window.page.get_by_role("heading", level=1)).not_to_contain_text("cloud-costs")
    expect(window.page.get_by_label("You are")).to_have_value("hector")


def test_a_guest_sees_fewer_channels(window: Window) -> None:
    window.become("sam")
    expect(window.place("cloud-costs")).to_have_count(0)
    expect(window.place("with-partner")).to_be_visible()
