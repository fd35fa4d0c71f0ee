"""A local Slack for each test, with a clock moved by hand, and clients to talk to it."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient

from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.recording_app import RecordingApp

ACK_SECONDS = 0.5


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def slack(clock: FakeClock) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock=clock, ack_seconds=ACK_SECONDS, event_retry_seconds=(0.0, 0.05)) as sandbox:
        yield sandbox


@pytest.fixture
def driver(slack: SlackSandbox) -> Driver:
    return slack.driver


@pytest.fixture
def web(slack: SlackSandbox) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


Connect = Callable[[], SocketModeClient]


@pytest.fixture
def connect(slack: SlackSandbox, web: WebClient) -> Iterator[Connect]:
    """Open another WebSocket as slack_sdk does; whoever opens it adds listeners."""
    clients: list[SocketModeClient] = []

    def one_more() -> SocketModeClient:
        client = SocketModeClient(slack.app_token, web_client=web, ping_interval=0.2)
        client.proxy = None
        client.connect()
        clients.append(client)
        return client

    yield one_more
    _leave(slack, clients)


@pytest.fixture
def bolt(slack: SlackSandbox, web: WebClient) -> Iterator[App]:
    """A real Bolt app over a real WebSocket; the test adds its listeners."""
    app = App(client=web)
    handler = SocketModeHandler(app, slack.app_token)
    client = handler.client
    assert isinstance(client, SocketModeClient)
    client.proxy = None
    handler.connect()  # type: ignore[no-untyped-call] # Bolt forgot
    yield app
    _leave(slack, [client])


@pytest.fixture
def recording_app(bolt: App) -> RecordingApp:
    return RecordingApp(bolt)


def _leave(slack: SlackSandbox, clients: list[SocketModeClient]) -> None:
    # When it closes, slack_sdk waits up to 3 s for a pending read, and 1 s for a message: end the one, send the other.
    for client in clients:
        client.auto_reconnect_enabled = False
        client.current_session_state.terminated = True
    slack.driver.inject_socket_fault("end")
    for client in clients:
        client.closed = True
        client.enqueue_message("")
        with suppress(AttributeError):  # slack_sdk fails if its own thread disconnects at the same moment
            client.close()
