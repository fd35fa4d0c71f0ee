"""The developer panel: JSON, calls, sockets and faults."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox.slack import SlackSandbox
from tests.acceptance.window import Window, Windows

CHANNEL = "C0COSTS001"


def test_the_json_of_a_message_can_be_shown(web: WebClient, window: Window) -> None:
    ts: Any = web.chat_postMessage(channel=CHANNEL, text="what am I?")["ts"]
    message = window.message("what am I?")
    message.hover()
    message.get_by_role("button", name="JSON").click()
    json_panel = window.page.get_by_role("region", name="The message's JSON")
    assert json.loads(json_panel.inner_text())["ts"] == ts


def test_calls_are_listed_with_their_answers(web: WebClient, window: Window) -> None:
    panel = window.developer("Calls")
    web.users_lookupByEmail(email="agr@octo.example")
    call = panel.locator(".calls li", has_text="users.lookupByEmail").first
    expect(call).to_contain_text("200")
    expect(call.locator(".took")).to_contain_text("ms")
    call.locator("summary").click()
    expect(call).to_contain_text('"real_name": "Ada Granger"')
    panel.get_by_label("Filter the calls").fill("lookupbyemail")
    expect(panel.locator(".calls li").first).to_be_visible()
    panel.get_by_label("Filter the calls").fill("nothing like that")
    expect(panel.get_by_role("status")).to_contain_text("0 of")


def test_a_fault_can_be_injected_applies_once_and_can_be_cleared(web: WebClient, window: Window) -> None:
    panel = window.developer()
    expect(panel.get_by_role("heading", name="Fleet")).to_be_hidden()
    panel.get_by_label("What happens").select_option("429, try again later")
    panel.get_by_label("To which calls").select_option("chat.postMessage")
    panel.get_by_role("button", name="Let it happen").click()
    expect(panel.locator(".waiting")).to_contain_text("rate_limited waits for 1 x chat.postMessage")
    with pytest.raises(SlackApiError, match="ratelimited"):
        web.chat_postMessage(channel=CHANNEL, text="refused")
    expect(panel.locator(".waiting")).to_have_text("Nothing is wrong.")
    panel.get_by_role("button", name="Let it happen").click()
    panel.get_by_role("button", name="Mend everything").click()
    expect(panel.locator(".waiting")).to_have_text("Nothing is wrong.")
    web.chat_postMessage(channel=CHANNEL, text="taken")


@pytest.mark.usefixtures("recording_app")
def test_sockets_are_listed_and_can_be_disconnected(window: Window) -> None:
    panel = window.developer("Sockets")
    connections = panel.locator(".sockets li")
    expect(connections).to_have_text("Connection 1live 0 envelopes delivered")
    panel.get_by_role("button", name="Disconnect frame").click()
    expect(connections.last).to_have_text("Connection 2live 0 envelopes delivered")
    expect(connections).to_have_count(1)


def test_the_page_says_that_the_sandbox_does_not_answer(windows: Windows) -> None:
    with SlackSandbox() as stopped_sandbox:
        window = windows.open(stopped_sandbox.url, "ada", CHANNEL)
    expect(window.page.get_by_text("The sandbox does not answer. Trying again …")).to_be_visible()
    windows.problems.clear()  # Chromium logs each refused connection to the console
