"""The cured Socket Mode client against the sandbox's Slack, over real sockets."""

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

from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.slack.client.socket_mode import PING_INTERVAL, SocketClient, socket_client

REPLACED_WITHIN = 3.0
PATIENCE = 3.5
SHORT_PING_INTERVAL = 0.5
"""Seconds between two pings where it is not tested how long something takes, so that less time is spent waiting."""
SHORT_TIMING = (SHORT_PING_INTERVAL, 3 * SHORT_PING_INTERVAL)
CLOSED_WITHIN = 1.0
Ending = Literal["disconnect", "reset", "end", "freeze"]
"""What the sandbox does to a connection: a frame, an RST, a FIN without close frame, silence."""
NOBODY_THERE = "http://127.0.0.1:9/"


@dataclass
class ConnectedApp:
    """A Bolt app in a sandbox of its own, and what reached it."""

    slack: SlackSandbox
    client: SocketClient
    hellos: "Queue[int]" = field(default_factory=Queue)
    unexpected_connections: list[int] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def connect(self) -> None:
        self.client.connect()
        self.hellos.get(timeout=REPLACED_WITHIN)


def make_app(slack: SlackSandbox) -> App:
    return App(client=WebClient(slack.bot_token, base_url=slack.api_url), token_verification_enabled=False)


@pytest.fixture
def connected_app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectedApp]:
    """Connect an app; a test may give the seconds between two pings and those without a pong until it reconnects."""
    ping_interval, silence_limit = getattr(request, "param", (SHORT_PING_INTERVAL, PATIENCE))
    monkeypatch.setattr("bailiff_bot.slack.client.socket_mode.PING_INTERVAL", ping_interval)
    with SlackSandbox() as slack:
        app = make_app(slack)
        strays: list[int] = []
        client = socket_client(
            app, slack.app_token, on_unexpected_connections=strays.append, silence_limit=silence_limit
        )
        connected_app = ConnectedApp(slack, client, unexpected_connections=strays)

        @app.command("/bailiff")
        def _(ack: Ack, body: dict[str, str]) -> None:
            ack()
            connected_app.commands.append(body["text"])

        def greeted(_client: object, message: dict[str, object], _raw: object = None) -> None:
            if message.get("type") == "hello":
                connected_app.hellos.put(connected_app.client.num_connections)

        connected_app.client.message_listeners.append(greeted)
        connected_app.connect()
        yield connected_app
        connected_app.client.close()


@pytest.mark.parametrize("connected_app", [(PING_INTERVAL, PATIENCE)], indirect=True, ids=["as in service"])
@pytest.mark.parametrize("fault", get_args(Ending))
def test_whatever_ends_a_connection_it_is_replaced_in_time_and_no_command_sent_afterwards_is_lost(
    connected_app: ConnectedApp, fault: Ending
) -> None:
    driver = connected_app.slack.driver
    within = REPLACED_WITHIN + PATIENCE if fault == "freeze" else REPLACED_WITHIN
    began, cpu = time.monotonic(), time.process_time()

    driver.inject_socket_fault(fault)
    connected_app.hellos.get(timeout=within)

    assert time.monotonic() - began < within
    assert time.process_time() - cpu < 0.2 + 0.3 * (time.monotonic() - began), "it spins while it waits"
    driver.wait_for(lambda: [connection.number for connection in driver.connections()] == [2])
    for number in range(20):
        assert driver.user("ada").run_command(f"/bailiff {number}").acknowledged
    driver.wait_for(lambda: connected_app.commands == [str(number) for number in range(20)])
    assert connected_app.client.is_connected()


def test_a_disconnect_frame_costs_no_command_at_any_moment(connected_app: ConnectedApp) -> None:
    driver = connected_app.slack.driver
    for number in range(10):
        driver.inject_socket_fault("disconnect")
        assert driver.user("ada").run_command(f"/bailiff {number}").acknowledged
    assert len(connected_app.commands) == 10


def test_a_connection_that_is_reset_again_and_again_always_comes_back(connected_app: ConnectedApp) -> None:
    for _ in range(5):
        connected_app.slack.driver.inject_socket_fault("reset")
        connected_app.hellos.get(timeout=REPLACED_WITHIN)
    assert connected_app.slack.driver.user("ada").run_command("/bailiff still there").acknowledged


@pytest.mark.parametrize("fault", [None, *get_args(Ending)])
def test_closing_is_quick_whatever_the_connection_suffers(connected_app: ConnectedApp, fault: Ending | None) -> None:
    if fault:
        connected_app.slack.driver.inject_socket_fault(fault)
    began = time.monotonic()

    connected_app.client.close()

    assert time.monotonic() - began < CLOSED_WITHIN
    assert not connected_app.client.is_connected()
    connected_app.slack.driver.wait_for(lambda: connected_app.slack.driver.connections() == [])


def test_closing_waits_for_no_answer_of_slack_s_and_what_that_opens_is_closed(
    connected_app: ConnectedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered, real = threading.Event(), threading.Event(), connected_app.client.issue_new_wss_url

    def slow() -> str:
        asked.set()
        answered.wait(10)
        return real()

    monkeypatch.setattr(connected_app.client, "issue_new_wss_url", slow)
    connected_app.slack.driver.inject_socket_fault("reset")
    assert asked.wait(REPLACED_WITHIN)
    began = time.monotonic()

    connected_app.client.close()

    assert time.monotonic() - began < CLOSED_WITHIN
    answered.set()
    connected_app.client.current_app_monitor.thread.join(REPLACED_WITHIN)
    assert not connected_app.client.is_connected()
    connected_app.slack.driver.wait_for(lambda: connected_app.slack.driver.connections() == [])


def test_closing_twice_does_nothing_more(connected_app: ConnectedApp) -> None:
    connected_app.client.close()
    connected_app.client.close()


def test_a_closed_client_does_not_come_back(connected_app: ConnectedApp) -> None:
    connected_app.client.close()
    connected_app.client.connect_to_new_endpoint(force=True)
    assert not connected_app.client.is_connected()


def silent_peer(listener: socket.socket) -> socket.socket:
    """Shake hands with whoever comes, and never say or read anything again: its host has vanished."""
    peer, _ = listener.accept()
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", peer.recv(4096))
    assert key
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    peer.sendall(switching + b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n")
    return peer


@pytest.mark.parametrize("connected_app", [SHORT_TIMING], indirect=True, ids=["short timing"])
def test_a_frozen_peer_is_replaced_when_patience_ends(
    connected_app: ConnectedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        shaken = pool.submit(silent_peer, listener)
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}/link"
        with monkeypatch.context() as only_now:
            only_now.setattr(connected_app.client, "issue_new_wss_url", lambda: address)
            connected_app.client.connect_to_new_endpoint(force=True)
        began, cpu = time.monotonic(), time.process_time()

        connected_app.hellos.get(timeout=PATIENCE + REPLACED_WITHIN)

        assert time.process_time() - cpu < 0.2 + 0.3 * (time.monotonic() - began), "it spins while it waits"
        shaken.result().close()
    assert connected_app.slack.driver.user("ada").run_command("/bailiff still there").acknowledged


@pytest.mark.parametrize("connected_app", [SHORT_TIMING], indirect=True, ids=["short timing"])
def test_a_connection_that_answers_stays(connected_app: ConnectedApp) -> None:
    first = connected_app.client.session_id()
    with pytest.raises(Empty):
        connected_app.hellos.get(timeout=5 * connected_app.client.ping_interval)
    assert connected_app.client.session_id() == first


def test_the_age_of_the_last_pong_tells_whether_slack_listens(connected_app: ConnectedApp) -> None:
    assert connected_app.client.pong_age() < REPLACED_WITHIN
    unused = SocketClient("xapp-1", WebClient())
    assert unused.pong_age() == math.inf
    unused.close()


def test_a_stray_connection_is_reported_once_it_is_there(connected_app: ConnectedApp) -> None:
    app = make_app(connected_app.slack)
    counts: Queue[int] = Queue()
    stray = socket_client(app, connected_app.slack.app_token, on_unexpected_connections=counts.put)
    stray.connect()
    assert counts.get(timeout=REPLACED_WITHIN) == 2
    stray.close()


def test_as_many_connections_as_replicas_are_no_alarm(connected_app: ConnectedApp) -> None:
    counts: list[int] = []
    replica = socket_client(
        make_app(connected_app.slack),
        connected_app.slack.app_token,
        expected_connections=2,
        on_unexpected_connections=counts.append,
    )
    replica.connect()
    connected_app.slack.driver.wait_for(lambda: replica.num_connections == 2)
    assert counts == []
    replica.close()


def test_replacing_a_connection_is_no_alarm(connected_app: ConnectedApp) -> None:
    connected_app.slack.driver.inject_socket_fault("disconnect")
    assert connected_app.hellos.get(timeout=REPLACED_WITHIN) == 2
    assert connected_app.unexpected_connections == []


def test_a_refused_token_is_told_to_who_connects() -> None:
    with SlackSandbox() as slack:
        client = socket_client(make_app(slack), "xapp-wrong")
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.connect()
        client.close()


def test_a_handshake_that_fails_leaves_the_working_connection_alone(
    connected_app: ConnectedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = connected_app.client.session_id()
    monkeypatch.setattr(connected_app.client, "issue_new_wss_url", lambda: "ws://127.0.0.1:9/link?ticket=secret")

    with pytest.raises(SlackClientNotConnectedError) as caught:
        connected_app.client.connect_to_new_endpoint(force=True)

    assert "secret" not in str(caught.value)
    assert connected_app.client.session_id() == first
    assert connected_app.slack.driver.user("ada").run_command("/bailiff still there").acknowledged


def test_no_proxy_stands_between_the_bot_and_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", NOBODY_THERE)
    with SlackSandbox() as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.api_url), token_verification_enabled=False)
        app.client.proxy = None  # HTTP's way past the proxy is the web client's own affair
        client = socket_client(app, slack.app_token)
        client.connect()
        assert client.is_connected()
        client.close()
