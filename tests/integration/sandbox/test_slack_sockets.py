"""Socket Mode of the sandbox with slack_sdk: envelopes, acknowledgements, several connections, and faults."""

import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlparse

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.sandbox.slack.driver import Driver
from bailiff_bot.sandbox.slack.socket_mode import connection
from tests.integration.sandbox.conftest import SHORT_ACK_TIMEOUT

Connect = Callable[[], SocketModeClient]


def acknowledge_all(client: SocketModeClient) -> list[SocketModeRequest]:
    """Make the client acknowledge every request. Returns the list of requests, which grows."""
    requests: list[SocketModeRequest] = []

    def listener(socket_client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        requests.append(request)
        socket_client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(listener)
    return requests


def record_frames(client: SocketModeClient) -> list[dict[str, object]]:
    """Make the client record every frame. Returns the list of frames, which grows."""
    frames: list[dict[str, object]] = []
    client.message_listeners.append(lambda _, message, __: frames.append(message))
    return frames


def open_raw_connection(slack: SlackSandbox) -> socket.socket:
    """Open a WebSocket on a raw socket, which answers nothing."""
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = urlparse(str(web.apps_connections_open(app_token=slack.app_token)["url"]))
    raw_socket = socket.create_connection((str(url.hostname), url.port or 80), timeout=5)
    raw_socket.sendall(
        f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    return raw_socket


def read_until(raw_socket: socket.socket, expected: bytes) -> bytes:
    data = b""
    while expected not in data:
        chunk = raw_socket.recv(4096)
        assert chunk, f"the connection ended before {expected!r} came, after {data!r}"
        data += chunk
    return data


def test_hello_counts_the_connections(slack: SlackSandbox, driver: Driver) -> None:
    first, second = open_raw_connection(slack), open_raw_connection(slack)
    with first, second:
        read_until(first, b'"num_connections": 1')
        read_until(second, b'"num_connections": 2')
    driver.wait_for(lambda: driver.connections() == [])


def test_a_ticket_is_valid_for_one_connection(slack: SlackSandbox) -> None:
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = urlparse(str(web.apps_connections_open(app_token=slack.app_token)["url"]))
    for status in (b"101", b"403"):
        with socket.create_connection((str(url.hostname), url.port or 80), timeout=5) as raw_socket:
            raw_socket.sendall(
                f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
            )
            assert raw_socket.recv(12).endswith(status)


def test_the_eleventh_connection_is_refused(slack: SlackSandbox, driver: Driver) -> None:
    ten = [open_raw_connection(slack) for _ in range(10)]
    driver.wait_for(lambda: len(driver.connections()) == 10)
    with open_raw_connection(slack) as eleventh:
        read_until(eleventh, b'"too_many_websockets"')
    for raw_socket in ten:
        raw_socket.close()


def test_payloads_are_distributed_among_the_connections(connect: Connect, driver: Driver) -> None:
    requests_by_connection = [acknowledge_all(connect()) for _ in range(3)]
    for _ in range(6):
        assert driver.user("ada").run_command("/bailiff help").acknowledged
    assert [len(received) for received in requests_by_connection] == [2, 2, 2]
    assert [state.delivered for state in driver.connections()] == [2, 2, 2]


def test_pings_are_answered(connect: Connect, driver: Driver) -> None:
    session = connect().current_session
    assert session is not None
    driver.wait_for(lambda: session.last_ping_pong_time)


def test_without_a_connection_a_command_fails_at_once(driver: Driver) -> None:
    ada = driver.user("ada")
    interaction = ada.run_command("/bailiff report", "cloud-costs")
    assert (interaction.acknowledged, interaction.error) == (False, "dispatch_failed")
    (notice,) = ada.visible_messages("cloud-costs")
    assert notice.is_ephemeral
    assert notice.text == "/bailiff failed with the error \u201cdispatch_failed\u201d"
    assert [failure.kind for failure in driver.failures()] == ["no_socket"]


@SHORT_ACK_TIMEOUT
def test_an_unacknowledged_command_fails_and_is_not_sent_again(connect: Connect, driver: Driver) -> None:
    frames = record_frames(connect())
    ada = driver.user("ada")
    assert ada.run_command("/bailiff report", "cloud-costs").error == "operation_timeout"
    assert "operation_timeout" in ada.visible_messages("cloud-costs")[-1].text
    assert [failure.kind for failure in driver.failures()] == ["no_ack"]
    assert ada.run_command("/bailiff help", "cloud-costs").error == "operation_timeout"
    assert [message["payload"]["text"] for message in frames if "payload" in message] == ["report", "help"]  # type: ignore[index]


@SHORT_ACK_TIMEOUT
def test_a_late_acknowledgement_is_a_failure(connect: Connect, driver: Driver) -> None:
    may_answer = threading.Event()

    def acknowledge_late(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        assert may_answer.wait(5)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload={"text": "late"}))

    connect().socket_mode_request_listeners.append(acknowledge_late)
    assert not driver.user("ada").run_command("/bailiff report").acknowledged
    may_answer.set()
    driver.wait_for(lambda: driver.failures("late_ack"))
    assert [message.text for message in driver.user("ada").visible_messages() if message.text == "late"] == []


def test_an_acknowledgement_of_an_unknown_envelope_is_a_failure(connect: Connect, driver: Driver) -> None:
    connect().send_socket_mode_response(SocketModeResponse(envelope_id="unheard-of"))
    driver.wait_for(lambda: driver.failures("bad_ack"))


@SHORT_ACK_TIMEOUT
def test_an_unacknowledged_event_is_sent_again(connect: Connect, driver: Driver) -> None:
    requests: list[SocketModeRequest] = []

    def acknowledge_third(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        requests.append(request)
        if len(requests) == 3:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    connect().socket_mode_request_listeners.append(acknowledge_third)
    assert not driver.user("ada").open_home().acknowledged
    driver.wait_for(lambda: len(requests) == 3)
    assert [(request.retry_attempt, request.retry_reason) for request in requests] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
    ]
    assert len({request.payload["event_id"] for request in requests}) == 1
    assert len({request.envelope_id for request in requests}) == 3


def test_an_event_without_a_connection_fails_and_does_not_delay_the_shutdown(driver: Driver) -> None:
    assert driver.user("ada").open_home().error == "dispatch_failed"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_disconnect_frame_makes_the_client_open_another_connection(
    reason: str,
    connect: Connect,
    driver: Driver,
) -> None:
    requests = acknowledge_all(connect())
    assert driver.inject_socket_fault("disconnect", reason=reason) == 1
    driver.wait_for(lambda: [state.number for state in driver.connections()] == [2])
    assert driver.user("ada").run_command("/bailiff help").acknowledged
    assert len(requests) == 1


@SHORT_ACK_TIMEOUT
def test_a_retiring_connection_gets_no_payload_while_there_is_another(slack: SlackSandbox, driver: Driver) -> None:
    with open_raw_connection(slack) as first, open_raw_connection(slack) as second:
        driver.wait_for(lambda: len(driver.connections()) == 2)
        driver.inject_socket_fault("disconnect", 1, reason="warning")
        read_until(first, b'"warning"')
        for _ in range(2):
            driver.user("ada").run_command("/bailiff help")
        assert [(c.health, c.delivered) for c in driver.connections()] == [("retiring", 0), ("live", 2)]
        read_until(second, b"slash_commands")


def test_a_retiring_connection_that_stays_open_is_ended(
    slack: SlackSandbox,
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "RETIRING_SECONDS", 0.05)
    with open_raw_connection(slack) as raw_socket:
        read_until(raw_socket, b"connection_info")
        driver.inject_socket_fault("disconnect")
        read_until(raw_socket, b"refresh_requested")
        driver.wait_for(lambda: driver.connections() == [])


def test_a_reset_is_a_tcp_reset_for_the_client(slack: SlackSandbox, driver: Driver) -> None:
    with open_raw_connection(slack) as raw_socket:
        read_until(raw_socket, b"hello")
        driver.inject_socket_fault("reset")
        with pytest.raises(ConnectionResetError):
            raw_socket.recv(1)
    driver.wait_for(lambda: driver.connections() == [])


def test_an_ended_connection_has_no_close_frame(slack: SlackSandbox, driver: Driver) -> None:
    with open_raw_connection(slack) as raw_socket:
        read_until(raw_socket, b"connection_info")
        driver.inject_socket_fault("end")
        rest = b"".join(iter(lambda: raw_socket.recv(4096), b""))
    assert b"\x88" not in rest  # the first byte of a WebSocket close frame
    driver.wait_for(lambda: driver.connections() == [])


@SHORT_ACK_TIMEOUT
def test_a_frozen_connection_stays_open_and_answers_nothing(slack: SlackSandbox, driver: Driver) -> None:
    ping = b"\x89\x80\x00\x00\x00\x00"
    with open_raw_connection(slack) as raw_socket:
        read_until(raw_socket, b"connection_info")
        raw_socket.sendall(ping)
        read_until(raw_socket, b"\x8a\x00")  # a pong
        driver.inject_socket_fault("freeze")
        raw_socket.sendall(ping)
        assert driver.user("ada").run_command("/bailiff help").error == "operation_timeout"
        raw_socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            raw_socket.recv(1)
        assert [state.health for state in driver.connections()] == ["frozen"]
    driver.wait_for(lambda: driver.connections() == [])


def test_connections_open_is_refused_until_the_fault_is_cleared(slack: SlackSandbox, driver: Driver) -> None:
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    driver.inject_fault("refuse", "apps.connections.open", times=None, error="internal_error")
    for _ in range(2):
        with pytest.raises(SlackApiError, match="internal_error"):
            web.apps_connections_open(app_token=slack.app_token)
    driver.clear_faults()
    assert web.apps_connections_open(app_token=slack.app_token)["ok"]


def test_stopping_ends_every_connection() -> None:
    with SlackSandbox() as slack:
        raw_socket = open_raw_connection(slack)
        read_until(raw_socket, b"connection_info")
        started = time.monotonic()
    with raw_socket:
        while raw_socket.recv(4096):
            pass
    assert time.monotonic() - started < 2
