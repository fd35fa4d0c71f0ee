"""Our Socket Mode client with the Slack of the sandbox, over real sockets."""

import base64
import hashlib
import math
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Literal, get_args

import pytest
from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError, SlackClientNotConnectedError
from slack_sdk.web import WebClient

from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.slack.client.socket_mode import SocketClient, SocketTiming, socket_client

REPLACED_WITHIN = 3.0
SILENCE_LIMIT = 3.5
SHORT_PING_INTERVAL = 0.5
"""Seconds between two pings in tests that do not measure time: short, so that they wait less."""
DEFAULT_TIMING = SocketTiming(SHORT_PING_INTERVAL, SILENCE_LIMIT)
SHORT_TIMING = SocketTiming(SHORT_PING_INTERVAL, 3 * SHORT_PING_INTERVAL)
PRODUCTION_TIMING = SocketTiming(Timing().ping_interval, SILENCE_LIMIT)
CLOSED_WITHIN = 1.0
ConnectionFault = Literal["disconnect", "reset", "end", "freeze"]
"""What the sandbox does to a connection: a disconnect frame, an RST, a FIN without close frame, silence."""
UNREACHABLE_PROXY = "http://127.0.0.1:9/"


@dataclass
class ConnectedApp:
    """A Bolt app in its own sandbox, and what reached it."""

    slack: SlackSandbox
    client: SocketClient
    connection_counts: "Queue[int]" = field(default_factory=Queue)
    """The number of connections in each hello."""
    unexpected_connections: list[int] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def connect(self) -> None:
        self.client.connect()
        self.connection_counts.get(timeout=REPLACED_WITHIN)


def make_app(slack: SlackSandbox) -> App:
    return App(client=WebClient(slack.bot_token, base_url=slack.api_url), token_verification_enabled=False)


@pytest.fixture
def connected_app(request: pytest.FixtureRequest) -> Iterator[ConnectedApp]:
    """Connect an app. A test may set the timing."""
    timing = getattr(request, "param", DEFAULT_TIMING)
    with SlackSandbox() as slack:
        app = make_app(slack)
        unexpected_connections: list[int] = []
        client = socket_client(app, slack.app_token, timing, on_unexpected_connections=unexpected_connections.append)
        connected_app = ConnectedApp(slack, client, unexpected_connections=unexpected_connections)

        @app.command("/bailiff")
        def _(ack: Ack, body: dict[str, str]) -> None:
            ack()
            connected_app.commands.append(body["text"])

        def record_hello(_client: object, message: dict[str, object], _raw: object = None) -> None:
            if message.get("type") == "hello":
                connected_app.connection_counts.put(connected_app.client.num_connections)

        connected_app.client.message_listeners.append(record_hello)
        connected_app.connect()
        yield connected_app
        connected_app.client.close()


@pytest.mark.parametrize("connected_app", [PRODUCTION_TIMING], indirect=True, ids=["production timing"])
@pytest.mark.parametrize("fault", get_args(ConnectionFault))
def test_a_connection_is_replaced_in_time_after_any_fault_and_no_later_command_is_lost(
    connected_app: ConnectedApp, fault: ConnectionFault
) -> None:
    driver = connected_app.slack.driver
    time_limit = REPLACED_WITHIN + SILENCE_LIMIT if fault == "freeze" else REPLACED_WITHIN
    started, cpu_started = time.monotonic(), time.process_time()

    driver.inject_socket_fault(fault)
    connected_app.connection_counts.get(timeout=time_limit)

    assert time.monotonic() - started < time_limit
    assert time.process_time() - cpu_started < 0.2 + 0.3 * (time.monotonic() - started), (
        "it uses the CPU while it waits"
    )
    driver.wait_for(lambda: [connection.number for connection in driver.connections()] == [2])
    for number in range(20):
        assert driver.user("ada").run_command(f"/bailiff {number}").acknowledged
    driver.wait_for(lambda: connected_app.commands == [str(number) for number in range(20)])
    assert connected_app.client.is_connected()


def test_a_disconnect_frame_loses_no_command(connected_app: ConnectedApp) -> None:
    driver = connected_app.slack.driver
    for number in range(10):
        driver.inject_socket_fault("disconnect")
        assert driver.user("ada").run_command(f"/bailiff {number}").acknowledged
    assert len(connected_app.commands) == 10


def test_a_connection_is_replaced_after_each_of_many_resets(connected_app: ConnectedApp) -> None:
    for _ in range(5):
        connected_app.slack.driver.inject_socket_fault("reset")
        connected_app.connection_counts.get(timeout=REPLACED_WITHIN)
    assert connected_app.slack.driver.user("ada").run_command("/bailiff still there").acknowledged


@pytest.mark.parametrize("fault", [None, *get_args(ConnectionFault)])
def test_closing_is_quick_after_any_fault(connected_app: ConnectedApp, fault: ConnectionFault | None) -> None:
    if fault:
        connected_app.slack.driver.inject_socket_fault(fault)
    started = time.monotonic()

    connected_app.client.close()

    assert time.monotonic() - started < CLOSED_WITHIN
    assert not connected_app.client.is_connected()
    connected_app.slack.driver.wait_for(lambda: connected_app.slack.driver.connections() == [])


def test_closing_does_not_wait_for_slack_and_closes_a_connection_that_opens_later(
    connected_app: ConnectedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    url_requested, url_returned, issue_url = (
        threading.Event(),
        threading.Event(),
        connected_app.client.issue_new_wss_url,
    )

    def issue_url_slowly() -> str:
        url_requested.set()
        url_returned.wait(10)
        return issue_url()

    monkeypatch.setattr(connected_app.client, "issue_new_wss_url", issue_url_slowly)
    connected_app.slack.driver.inject_socket_fault("reset")
    assert url_requested.wait(REPLACED_WITHIN)
    started = time.monotonic()

    connected_app.client.close()

    assert time.monotonic() - started < CLOSED_WITHIN
    url_returned.set()
    connected_app.client.current_app_monitor.thread.join(REPLACED_WITHIN)
    assert not connected_app.client.is_connected()
    connected_app.slack.driver.wait_for(lambda: connected_app.slack.driver.connections() == [])


def test_closing_twice_is_allowed(connected_app: ConnectedApp) -> None:
    connected_app.client.close()
    connected_app.client.close()


def test_a_closed_client_does_not_reconnect(connected_app: ConnectedApp) -> None:
    connected_app.client.close()
    connected_app.client.connect_to_new_endpoint(force=True)
    assert not connected_app.client.is_connected()


def accept_and_ignore(listener: socket.socket) -> socket.socket:
    """Accept a WebSocket connection, then neither read nor write, like a host that has vanished."""
    peer, _ = listener.accept()
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", peer.recv(4096))
    assert key
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    peer.sendall(switching + b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n")
    return peer


@pytest.mark.parametrize("connected_app", [SHORT_TIMING], indirect=True, ids=["short timing"])
def test_a_connection_to_a_silent_peer_is_replaced_at_the_silence_limit(
    connected_app: ConnectedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        peer = pool.submit(accept_and_ignore, listener)
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}/link"
        with monkeypatch.context() as patch:
            patch.setattr(connected_app.client, "issue_new_wss_url", lambda: address)
            connected_app.client.connect_to_new_endpoint(force=True)
        started, cpu_started = time.monotonic(), time.process_time()

        connected_app.connection_counts.get(timeout=SILENCE_LIMIT + REPLACED_WITHIN)

        assert time.process_time() - cpu_started < 0.2 + 0.3 * (time.monotonic() - started), (
            "it uses the CPU while it waits"
        )
        peer.result().close()
    assert connected_app.slack.driver.user("ada").run_command("/bailiff still there").acknowledged


@pytest.mark.parametrize("connected_app", [SHORT_TIMING], indirect=True, ids=["short timing"])
def test_a_connection_that_answers_pings_is_kept(connected_app: ConnectedApp) -> None:
    first = connected_app.client.session_id()
    with pytest.raises(Empty):
        connected_app.connection_counts.get(timeout=5 * connected_app.client.ping_interval)
    assert connected_app.client.session_id() == first


def test_the_pong_age_is_infinite_before_the_first_pong(connected_app: ConnectedApp) -> None:
    assert connected_app.client.pong_age() < REPLACED_WITHIN
    unused_client = SocketClient("xapp-1", WebClient(), DEFAULT_TIMING)
    assert unused_client.pong_age() == math.inf
    unused_client.close()


def test_an_unexpected_connection_is_reported(connected_app: ConnectedApp) -> None:
    app = make_app(connected_app.slack)
    counts: Queue[int] = Queue()
    second_client = socket_client(
        app, connected_app.slack.app_token, DEFAULT_TIMING, on_unexpected_connections=counts.put
    )
    second_client.connect()
    assert counts.get(timeout=REPLACED_WITHIN) == 2
    second_client.close()


def test_as_many_connections_as_expected_are_not_reported(connected_app: ConnectedApp) -> None:
    counts: list[int] = []
    replica = socket_client(
        make_app(connected_app.slack),
        connected_app.slack.app_token,
        DEFAULT_TIMING,
        expected_connections=2,
        on_unexpected_connections=counts.append,
    )
    replica.connect()
    connected_app.slack.driver.wait_for(lambda: replica.num_connections == 2)
    assert counts == []
    replica.close()


def test_a_replaced_connection_is_not_reported(connected_app: ConnectedApp) -> None:
    connected_app.slack.driver.inject_socket_fault("disconnect")
    assert connected_app.connection_counts.get(timeout=REPLACED_WITHIN) == 2
    assert connected_app.unexpected_connections == []


def test_connecting_with_a_refused_token_raises() -> None:
    with SlackSandbox() as slack:
        client = socket_client(make_app(slack), "xapp-wrong", DEFAULT_TIMING)
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.connect()
        client.close()


def test_a_failed_handshake_does_not_end_the_working_connection(
    connected_app: ConnectedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = connected_app.client.session_id()
    monkeypatch.setattr(connected_app.client, "issue_new_wss_url", lambda: "ws://127.0.0.1:9/link?ticket=secret")

    with pytest.raises(SlackClientNotConnectedError) as caught:
        connected_app.client.connect_to_new_endpoint(force=True)

    assert "secret" not in str(caught.value)
    assert connected_app.client.session_id() == first
    assert connected_app.slack.driver.user("ada").run_command("/bailiff still there").acknowledged


def test_a_connection_to_this_machine_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", UNREACHABLE_PROXY)
    with SlackSandbox() as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.api_url), token_verification_enabled=False)
        app.client.proxy = None  # this test is not about the HTTP requests of the web client
        client = socket_client(app, slack.app_token, DEFAULT_TIMING)
        client.connect()
        assert client.is_connected()
        client.close()
