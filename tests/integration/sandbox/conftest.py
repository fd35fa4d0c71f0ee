"""A local Slack for each test, with a clock that the test moves, and clients."""

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

SHORT_ACK_TIMEOUT = pytest.mark.parametrize("ack_seconds", [0.5], ids=["short ack timeout"])
"""For a test of a late or missing acknowledgement. Other tests wait as long as Slack, since the machine may be busy."""


class FakeClock:
    """A clock that moves only when a test moves it."""

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
def ack_seconds() -> float:
    return 3.0


@pytest.fixture
def slack(clock: FakeClock, ack_seconds: float) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock=clock, ack_seconds=ack_seconds, event_retry_seconds=(0.0, 0.05)) as sandbox:
        yield sandbox


@pytest.fixture
def driver(slack: SlackSandbox) -> Driver:
    return slack.driver


@pytest.fixture
def web(slack: SlackSandbox) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


class Client(SocketModeClient):
    """slack_sdk's client without a race of its own (3.47).

    It may begin to read a connection again that another thread is about to close, and then never reads the new one.
    """

    def _run_current_session(self) -> None:
        state, session = self.current_session_state, self.current_session
        if session and session.is_active() and not state.terminated:
            session.run_until_completion(state)


Connect = Callable[[], SocketModeClient]


@pytest.fixture
def connect(slack: SlackSandbox, web: WebClient) -> Iterator[Connect]:
    """Return a function that opens another WebSocket with slack_sdk. The test adds listeners."""
    clients: list[SocketModeClient] = []

    def open_connection() -> SocketModeClient:
        client = Client(slack.app_token, web_client=web, ping_interval=0.2)
        client.proxy = None
        client.connect()
        clients.append(client)
        return client

    yield open_connection
    _close_clients(slack, clients)


@pytest.fixture
def bolt(slack: SlackSandbox, web: WebClient) -> Iterator[App]:
    """Return a real Bolt app that is connected over a real WebSocket. The test adds listeners."""
    app = App(client=web)
    handler = SocketModeHandler(app, slack.app_token)
    client = handler.client
    assert isinstance(client, SocketModeClient)
    client.proxy = None
    handler.connect()  # type: ignore[no-untyped-call] # Bolt has no type here
    yield app
    _close_clients(slack, [client])


@pytest.fixture
def recording_app(bolt: App) -> RecordingApp:
    return RecordingApp(bolt)


def _close_clients(slack: SlackSandbox, clients: list[SocketModeClient]) -> None:
    # On close, slack_sdk waits up to 3 s for a pending read, and 1 s for a message. To save that time, end the
    # connection, and put an empty message into the queue.
    for client in clients:
        client.auto_reconnect_enabled = False
        client.current_session_state.terminated = True
    slack.driver.inject_socket_fault("end")
    for client in clients:
        client.closed = True
        client.enqueue_message("")
        with suppress(AttributeError):  # slack_sdk fails if its own thread disconnects at the same moment
            client.close()
