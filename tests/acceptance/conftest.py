"""A real browser on the page of the sandbox. A test fails if the page logs an error or connects to another host."""

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
from tests.integration.store.postgres import Postgres

REQUIRED_VARIABLE = "REQUIRE_BROWSER"
"""A variable that is set in CI: then a missing browser is a failure. Without it the tests are skipped."""
_TIMEOUT_SECONDS = 20
BROWSER_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

expect.set_options(timeout=_TIMEOUT_SECONDS * 1000)


def chromium() -> str | None:
    """Return the path of an installed Chromium, or None. Playwright's own browsers are not used."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start an installed Chromium for each module.

    Playwright's event loop runs in the main thread until it is stopped. Until then any test that calls asyncio.run
    fails.
    """
    executable = chromium()
    if executable is None:
        reason = "there is no Chromium to open the page in: apt-get install chromium fonts-noto-color-emoji"
        pytest.fail(reason) if os.environ.get(REQUIRED_VARIABLE) else pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium_browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield chromium_browser
        chromium_browser.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL server for the tests that need one."""
    with Postgres() as server:
        yield server


@pytest.fixture
def windows(browser: Browser) -> Iterator[Windows]:
    """Return an opener of windows, each with its own storage. Fails afterwards if one had an error."""
    opener = Windows(browser)
    yield opener
    opener.close()


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    """Start a workspace in which the app of the test is installed."""
    with SlackSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def web(slack: SlackSandbox) -> WebClient:
    """Return a Web API client of the app."""
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def recording_app(slack: SlackSandbox, web: WebClient) -> Iterator[RecordingApp]:
    """Connect a real Bolt app over a real WebSocket. The test says what it answers."""
    app = App(client=web)
    handler = SocketModeHandler(app, slack.app_token)
    client = handler.client
    assert isinstance(client, SocketModeClient)
    client.proxy = None
    handler.connect()  # type: ignore[no-untyped-call] # Bolt has no type here
    yield RecordingApp(app)
    # On close, slack_sdk waits up to 3 s for a pending read, and 1 s for a message. To save that time, end the
    # connection, and put an empty message into the queue.
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    slack.driver.inject_socket_fault("end")
    client.closed = True
    client.enqueue_message("")
    client.close()


@pytest.fixture
def window(windows: Windows, slack: SlackSandbox) -> Window:
    """Open a window as Ada, in #cloud-costs."""
    return windows.open(slack.url, "ada", "C0COSTS001")
