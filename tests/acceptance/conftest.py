"""A real browser on the sandbox's page. Every test ends by asking what went wrong in it, and whom it talked to."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient

from bailiff_bot.sandbox.slack import SlackSandbox
from tests.acceptance.window import Window, Windows
from tests.integration.sandbox.recording_app import RecordingApp

REQUIRED = "REQUIRE_BROWSER"
"""Set where a missing browser is a failure and not a reason to skip: in CI."""
_SECONDS = 20
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

expect.set_options(timeout=_SECONDS * 1000)


def chromium() -> str | None:
    """Return the program that an ordinary package installed; Playwright's own browsers are not downloaded."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium.

    For each module anew: Playwright's loop runs in the main thread until it is stopped, and a test elsewhere that
    calls asyncio.run would fail as long as it does.
    """
    found = chromium()
    if found is None:
        told = "there is no Chromium to open the page in: apt-get install chromium fonts-noto-color-emoji"
        pytest.fail(told) if os.environ.get(REQUIRED) else pytest.skip(told)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def windows(browser: Browser) -> Iterator[Windows]:
    """Open windows of the browser, each with memories of its own; afterwards nothing may have gone wrong in them."""
    opened = Windows(browser)
    yield opened
    opened.close()


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    """Open a workspace that an app of the test's is installed in."""
    with SlackSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def web(slack: SlackSandbox) -> WebClient:
    """Return the app's Web API."""
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def recording_app(slack: SlackSandbox, web: WebClient) -> Iterator[RecordingApp]:
    """Connect a real Bolt app over a real WebSocket; the test says what it answers."""
    app = App(client=web)
    handler = SocketModeHandler(app, slack.app_token)
    client = handler.client
    assert isinstance(client, SocketModeClient)
    client.proxy = None
    handler.connect()  # type: ignore[no-untyped-call] # Bolt forgot
    yield RecordingApp(app)
    # When it closes, slack_sdk waits up to 3 s for a pending read, and 1 s for a message: end the one, send the other.
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    slack.driver.inject_socket_fault("end")
    client.closed = True
    client.enqueue_message("")
    client.close()


@pytest.fixture
def window(windows: Windows, slack: SlackSandbox) -> Window:
    """Look at the workspace as Ada, in the channel of the costs."""
    return windows.open(slack.url, "ada", "C0COSTS001")
