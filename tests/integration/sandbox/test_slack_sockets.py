"""Socket Mode as slack_sdk meets it: envelopes, acknowledgements, several connections, and connections that go bad."""

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

Connect = Callable[[], SocketModeClient]


def acknowledges(client: SocketModeClient) -> list[SocketModeRequest]:
    """Let the client acknowledge all it gets; what it got."""
    got: list[SocketModeRequest] = []

    def listener(at: BaseSocketModeClient, request: SocketModeRequest) -> None:
        got.append(request)
        at.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(listener)
    return got


def hears(client: SocketModeClient) -> list[dict[str, object]]:
    """Let the client keep every frame it gets."""
    heard: list[dict[str, object]] = []
    client.message_listeners.append(lambda _, message, __: heard.append(message))
    return heard


def handshake(slack: SlackSandbox) -> socket.socket:
    """Open a WebSocket by hand, without anything behind it that would answer."""
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = urlparse(str(web.apps_connections_open(app_token=slack.app_token)["url"]))
    raw = socket.create_connection((str(url.hostname), url.port or 80), timeout=5)
    raw.sendall(
        f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    return raw


def read_until(raw: socket.socket, wanted: bytes) -> bytes:
    data = b""
    while wanted not in data:
        more = raw.recv(4096)
        assert more, f"the connection ended before {wanted!r} came, after {data!r}"
        data += more
    return data


def test_hello_counts_the_connections(slack: SlackSandbox, driver: Driver) -> None:
    first, second = handshake(slack), handshake(slack)
    with first, second:
        read_until(first, b'"num_connections": 1')
        read_until(second, b'"num_connections": 2')
    driver.wait_for(lambda: driver.connections() == [])


def test_a_ticket_lets_one_connection_in(slack: SlackSandbox) -> None:
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = urlparse(str(web.apps_connections_open(app_token=slack.app_token)["url"]))
    for status in (b"101", b"403"):
        with socket.create_connection((str(url.hostname), url.port or 80), timeout=5) as raw:
            raw.sendall(
                f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
            )
            assert raw.recv(12).endswith(status)


def test_the_eleventh_connection_is_sent_away(slack: SlackSandbox, driver: Driver) -> None:
    ten = [handshake(slack) for _ in range(10)]
    driver.wait_for(lambda: len(driver.connections()) == 10)
    with handshake(slack) as eleventh:
        read_until(eleventh, b'"too_many_websockets"')
    for raw in ten:
        raw.close()


def test_payloads_go_round_among_the_connections(connect: Connect, driver: Driver) -> None:
    shares = [acknowledges(connect()) for _ in range(3)]
    for _ in range(6):
        assert driver.user("ada").run_command("/bailiff help").acknowledged
    assert [len(share) for share in shares] == [2, 2, 2]
    assert [state.delivered for state in driver.connections()] == [2, 2, 2]


def test_pings_are_answered(connect: Connect, driver: Driver) -> None:
    session = connect().current_session
    assert session is not None
    driver.wait_for(lambda: session.last_ping_pong_time)


def test_without_a_connection_a_command_fails_at_once(driver: Driver) -> None:
    ada = driver.user("ada")
    outcome = ada.run_command("/bailiff report", "cloud-costs")
    assert (outcome.acknowledged, outcome.error) == (False, "dispatch_failed")
    (notice,) = ada.visible_messages("cloud-costs")
    assert notice.is_ephemeral
    assert notice.text == "/bailiff failed with the error \u201cdispatch_failed\u201d"
    assert [failure.kind for failure in driver.failures()] == ["no_socket"]


def test_a_command_that_nobody_acknowledges_fails_and_is_not_sent_again(connect: Connect, driver: Driver) -> None:
    heard = hears(connect())
    ada = driver.user("ada")
    assert ada.run_command("/bailiff report", "cloud-costs").error == "operation_timeout"
    assert "operation_timeout" in ada.visible_messages("cloud-costs")[-1].text
    assert [failure.kind for failure in driver.failures()] == ["no_ack"]
    assert ada.run_command("/bailiff help", "cloud-costs").error == "operation_timeout"
    assert [message["payload"]["text"] for message in heard if "payload" in message] == ["report", "help"]  # type: ignore[index]


def test_an_acknowledgement_that_comes_late_is_a_failure(connect: Connect, driver: Driver) -> None:
    may_answer = threading.Event()

    def late(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        assert may_answer.wait(5)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload={"text": "late"}))

    connect().socket_mode_request_listeners.append(late)
    assert not driver.user("ada").run_command("/bailiff report").acknowledged
    may_answer.set()
    driver.wait_for(lambda: driver.failures("late_ack"))
    assert [seen.text for seen in driver.user("ada").visible_messages() if seen.text == "late"] == []


def test_an_acknowledgement_of_nothing_is_a_failure(connect: Connect, driver: Driver) -> None:
    connect().send_socket_mode_response(SocketModeResponse(envelope_id="unheard-of"))
    driver.wait_for(lambda: driver.failures("bad_ack"))


def test_an_event_that_is_not_acknowledged_comes_again(connect: Connect, driver: Driver) -> None:
    got: list[SocketModeRequest] = []

    def third_time_lucky(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        got.append(request)
        if len(got) == 3:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    connect().socket_mode_request_listeners.append(third_time_lucky)
    assert not driver.user("ada").open_home().acknowledged
    driver.wait_for(lambda: len(got) == 3)
    assert [(request.retry_attempt, request.retry_reason) for request in got] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
    ]
    assert len({request.payload["event_id"] for request in got}) == 1
    assert len({request.envelope_id for request in got}) == 3


def test_an_event_with_nobody_to_take_it_is_given_up_when_the_sandbox_stops(driver: Driver) -> None:
    assert driver.user("ada").open_home().error == "dispatch_failed"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_disconnect_frame_makes_the_client_open_another_connection(
    reason: str,
    connect: Connect,
    driver: Driver,
) -> None:
    got = acknowledges(connect())
    assert driver.inject_socket_fault("disconnect", reason=reason) == 1
    driver.wait_for(lambda: [state.number for state in driver.connections()] == [2])
    assert driver.user("ada").run_command("/bailiff help").acknowledged
    assert len(got) == 1


def test_a_connection_that_was_told_to_leave_is_spared_while_there_is_another(
    slack: SlackSandbox, driver: Driver
) -> None:
    with handshake(slack) as first, handshake(slack) as second:
        driver.wait_for(lambda: len(driver.connections()) == 2)
        driver.inject_socket_fault("disconnect", 1, reason="warning")
        read_until(first, b'"warning"')
        for _ in range(2):
            driver.user("ada").run_command("/bailiff help")
        assert [(c.health, c.delivered) for c in driver.connections()] == [("retiring", 0), ("live", 2)]
        read_until(second, b"slash_commands")


def test_a_connection_that_does_not_leave_when_told_to_is_ended(
    slack: SlackSandbox,
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "RETIRING_SECONDS", 0.05)
    with handshake(slack) as raw:
        read_until(raw, b"connection_info")
        driver.inject_socket_fault("disconnect")
        read_until(raw, b"refresh_requested")
        driver.wait_for(lambda: driver.connections() == [])


def test_a_reset_reaches_the_client_as_a_reset(slack: SlackSandbox, driver: Driver) -> None:
    with handshake(slack) as raw:
        read_until(raw, b"hello")
        driver.inject_socket_fault("reset")
        with pytest.raises(ConnectionResetError):
            raw.recv(1)
    driver.wait_for(lambda: driver.connections() == [])


def test_an_end_comes_without_a_close_frame(slack: SlackSandbox, driver: Driver) -> None:
    with handshake(slack) as raw:
        read_until(raw, b"connection_info")
        driver.inject_socket_fault("end")
        rest = b"".join(iter(lambda: raw.recv(4096), b""))
    assert b"\x88" not in rest  # the first byte of a WebSocket close frame
    driver.wait_for(lambda: driver.connections() == [])


def test_a_frozen_connection_stays_open_and_answers_nothing(slack: SlackSandbox, driver: Driver) -> None:
    ping = b"\x89\x80\x00\x00\x00\x00"
    with handshake(slack) as raw:
        read_until(raw, b"connection_info")
        raw.sendall(ping)
        read_until(raw, b"\x8a\x00")  # a pong
        driver.inject_socket_fault("freeze")
        raw.sendall(ping)
        assert driver.user("ada").run_command("/bailiff help").error == "operation_timeout"
        raw.settimeout(0.1)
        with pytest.raises(TimeoutError):
            raw.recv(1)
        assert [state.health for state in driver.connections()] == ["frozen"]
    driver.wait_for(lambda: driver.connections() == [])


def test_connections_open_can_be_refused_until_all_is_well(slack: SlackSandbox, driver: Driver) -> None:
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    driver.inject_fault("refuse", "apps.connections.open", times=None, error="internal_error")
    for _ in range(2):
        with pytest.raises(SlackApiError, match="internal_error"):
            web.apps_connections_open(app_token=slack.app_token)
    driver.clear_faults()
    assert web.apps_connections_open(app_token=slack.app_token)["ok"]


def test_stopping_ends_every_connection() -> None:
    with SlackSandbox() as other:
        raw = handshake(other)
        read_until(raw, b"connection_info")
        began = time.monotonic()
    with raw:
        while raw.recv(4096):
            pass
    assert time.monotonic() - began < 2
