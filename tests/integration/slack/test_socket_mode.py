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
from bailiff_bot.slack.client.socket_mode import PING_INTERVAL, SocketClient, socket_for

REPLACED_WITHIN = 3.0
PATIENCE = 3.5
QUICK = 0.5
"""Seconds between two pings where it is not tested how long something takes, so that less time is spent waiting."""
IMPATIENT = (QUICK, 3 * QUICK)
CLOSED_WITHIN = 1.0
Ending = Literal["disconnect", "reset", "end", "freeze"]
"""What the sandbox does to a connection: a frame, an RST, a FIN without close frame, silence."""
NOBODY_THERE = "http://127.0.0.1:9/"


@dataclass
class Listening:
    """A Bolt app in a sandbox of its own, and what reached it."""

    slack: SlackSandbox
    client: SocketClient
    hellos: "Queue[int]" = field(default_factory=Queue)
    strays: list[int] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def connect(self) -> None:
        self.client.connect()
        self.hellos.get(timeout=REPLACED_WITHIN)


def app_in(slack: SlackSandbox) -> App:
    return App(client=WebClient(slack.bot_token, base_url=slack.api_url), token_verification_enabled=False)


@pytest.fixture
def listening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    """Connect an app; a test may give the seconds between two pings and those without a pong until it connects anew."""
    ping_interval, patience = getattr(request, "param", (QUICK, PATIENCE))
    monkeypatch.setattr("bailiff_bot.slack.client.socket_mode.PING_INTERVAL", ping_interval)
    with SlackSandbox() as slack:
        app = app_in(slack)
        strays: list[int] = []
        client = socket_for(app, slack.app_token, on_strays=strays.append, patience=patience)
        listening = Listening(slack, client, strays=strays)

        @app.command("/bailiff")
        def _(ack: Ack, body: dict[str, str]) -> None:
            ack()
            listening.heard.append(body["text"])

        def greeted(_client: object, message: dict[str, object], _raw: object = None) -> None:
            if message.get("type") == "hello":
                listening.hellos.put(listening.client.num_connections)

        listening.client.message_listeners.append(greeted)
        listening.connect()
        yield listening
        listening.client.close()


@pytest.mark.parametrize("listening", [(PING_INTERVAL, PATIENCE)], indirect=True, ids=["as in service"])
@pytest.mark.parametrize("fault", get_args(Ending))
def test_whatever_ends_a_connection_it_is_replaced_in_time_and_no_command_sent_afterwards_is_lost(
    listening: Listening, fault: Ending
) -> None:
    driver = listening.slack.driver
    within = REPLACED_WITHIN + PATIENCE if fault == "freeze" else REPLACED_WITHIN
    began, cpu = time.monotonic(), time.process_time()

    driver.sockets(fault)
    listening.hellos.get(timeout=within)

    assert time.monotonic() - began < within
    assert time.process_time() - cpu < 0.2 + 0.3 * (time.monotonic() - began), "it spins while it waits"
    driver.wait_for(lambda: [connection.number for connection in driver.connections()] == [2])
    for number in range(20):
        assert driver.user("ada").types(f"/bailiff {number}").acknowledged
    driver.wait_for(lambda: listening.heard == [str(number) for number in range(20)])
    assert listening.client.is_connected()


def test_a_disconnect_frame_costs_no_command_at_any_moment(listening: Listening) -> None:
    driver = listening.slack.driver
    for number in range(10):
        driver.sockets("disconnect")
        assert driver.user("ada").types(f"/bailiff {number}").acknowledged
    assert len(listening.heard) == 10


def test_a_connection_that_is_reset_again_and_again_always_comes_back(listening: Listening) -> None:
    for _ in range(5):
        listening.slack.driver.sockets("reset")
        listening.hellos.get(timeout=REPLACED_WITHIN)
    assert listening.slack.driver.user("ada").types("/bailiff still there").acknowledged


@pytest.mark.parametrize("fault", [None, *get_args(Ending)])
def test_closing_is_quick_whatever_the_connection_suffers(listening: Listening, fault: Ending | None) -> None:
    if fault:
        listening.slack.driver.sockets(fault)
    began = time.monotonic()

    listening.client.close()

    assert time.monotonic() - began < CLOSED_WITHIN
    assert not listening.client.is_connected()
    listening.slack.driver.wait_for(lambda: listening.slack.driver.connections() == [])


def test_closing_waits_for_no_answer_of_slack_s_and_what_that_opens_is_closed(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered, real = threading.Event(), threading.Event(), listening.client.issue_new_wss_url

    def slow() -> str:
        asked.set()
        answered.wait(10)
        return real()

    monkeypatch.setattr(listening.client, "issue_new_wss_url", slow)
    listening.slack.driver.sockets("reset")
    assert asked.wait(REPLACED_WITHIN)
    began = time.monotonic()

    listening.client.close()

    assert time.monotonic() - began < CLOSED_WITHIN
    answered.set()
    listening.client.current_app_monitor.thread.join(REPLACED_WITHIN)
    assert not listening.client.is_connected()
    listening.slack.driver.wait_for(lambda: listening.slack.driver.connections() == [])


def test_closing_twice_does_nothing_more(listening: Listening) -> None:
    listening.client.close()
    listening.client.close()


def test_a_closed_client_does_not_come_back(listening: Listening) -> None:
    listening.client.close()
    listening.client.connect_to_new_endpoint(force=True)
    assert not listening.client.is_connected()


def silent_peer(listener: socket.socket) -> socket.socket:
    """Shake hands with whoever comes, and never say or read anything again: its host has vanished."""
    peer, _ = listener.accept()
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", peer.recv(4096))
    assert key
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    peer.sendall(switching + b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n")
    return peer


@pytest.mark.parametrize("listening", [IMPATIENT], indirect=True, ids=["impatient"])
def test_a_frozen_peer_is_replaced_when_patience_ends(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        shaken = pool.submit(silent_peer, listener)
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}/link"
        with monkeypatch.context() as only_now:
            only_now.setattr(listening.client, "issue_new_wss_url", lambda: address)
            listening.client.connect_to_new_endpoint(force=True)
        began, cpu = time.monotonic(), time.process_time()

        listening.hellos.get(timeout=PATIENCE + REPLACED_WITHIN)

        assert time.process_time() - cpu < 0.2 + 0.3 * (time.monotonic() - began), "it spins while it waits"
        shaken.result().close()
    assert listening.slack.driver.user("ada").types("/bailiff still there").acknowledged


@pytest.mark.parametrize("listening", [IMPATIENT], indirect=True, ids=["impatient"])
def test_a_connection_that_answers_stays(listening: Listening) -> None:
    first = listening.client.session_id()
    with pytest.raises(Empty):
        listening.hellos.get(timeout=5 * listening.client.ping_interval)
    assert listening.client.session_id() == first


def test_the_age_of_the_last_pong_tells_whether_slack_listens(listening: Listening) -> None:
    assert listening.client.pong_age() < REPLACED_WITHIN
    unused = SocketClient("xapp-1", WebClient())
    assert unused.pong_age() == math.inf
    unused.close()


def test_a_stray_connection_is_reported_once_it_is_there(listening: Listening) -> None:
    app = app_in(listening.slack)
    counts: Queue[int] = Queue()
    stray = socket_for(app, listening.slack.app_token, on_strays=counts.put)
    stray.connect()
    assert counts.get(timeout=REPLACED_WITHIN) == 2
    stray.close()


def test_as_many_connections_as_replicas_are_no_alarm(listening: Listening) -> None:
    counts: list[int] = []
    replica = socket_for(app_in(listening.slack), listening.slack.app_token, expected=2, on_strays=counts.append)
    replica.connect()
    listening.slack.driver.wait_for(lambda: replica.num_connections == 2)
    assert counts == []
    replica.close()


def test_replacing_a_connection_is_no_alarm(listening: Listening) -> None:
    listening.slack.driver.sockets("disconnect")
    assert listening.hellos.get(timeout=REPLACED_WITHIN) == 2
    assert listening.strays == []


def test_a_refused_token_is_told_to_who_connects() -> None:
    with SlackSandbox() as slack:
        client = socket_for(app_in(slack), "xapp-wrong")
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.connect()
        client.close()


def test_a_handshake_that_fails_leaves_the_working_connection_alone(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = listening.client.session_id()
    monkeypatch.setattr(listening.client, "issue_new_wss_url", lambda: "ws://127.0.0.1:9/link?ticket=secret")

    with pytest.raises(SlackClientNotConnectedError) as caught:
        listening.client.connect_to_new_endpoint(force=True)

    assert "secret" not in str(caught.value)
    assert listening.client.session_id() == first
    assert listening.slack.driver.user("ada").types("/bailiff still there").acknowledged


def test_no_proxy_stands_between_the_bot_and_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", NOBODY_THERE)
    with SlackSandbox() as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.api_url), token_verification_enabled=False)
        app.client.proxy = None  # HTTP's way past the proxy is the web client's own affair
        client = socket_for(app, slack.app_token)
        client.connect()
        assert client.is_connected()
        client.close()
