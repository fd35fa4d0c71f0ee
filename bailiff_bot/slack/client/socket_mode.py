"""A Socket Mode client that notices a dead connection within seconds and replaces it.

slack_sdk 3.47 has these faults, as its source shows:

- If the peer ends without a close frame, the client loops on an empty `recv` for a minute and counts as connected.
- `close` waits 3 s for a pending `recv`.
- It notices a silent peer after four pings, or never if the peer has never sent a pong.
- A timeout inside a frame loses the beginning of the frame.
- A failed handshake replaces a connection that worked.
"""

import contextlib
import logging
import math
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.interval_runner import IntervalRunner
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web import WebClient

from bailiff_bot.slack.client.web import bypasses_proxy, slack_error

_JOIN_SECONDS = 0.3
"""Seconds that `close` waits for a thread. All are daemon threads, and one may be waiting for Slack."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SocketTiming:
    """How soon a dead connection is noticed, in seconds."""

    ping_interval: float
    """Time between two pings. At each, a connection that ended is replaced."""
    silence_limit: float
    """Time without a pong after which a connection is replaced."""


class _WakeableSocket:
    """A connected socket. `recv` raises an error at the end of the stream, and `shut_down` wakes a waiting `recv`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._closing = False
        self.send = sock.sendall
        self.close = sock.close

    def recv(self, size: int) -> bytes:
        """Return the next bytes, without a timeout: a timeout inside a frame would lose the beginning of the frame."""
        while True:
            try:
                data = self._sock.recv(size)
            except TimeoutError:
                continue
            if data:
                return data
            if self._closing:
                raise TimeoutError  # slack_sdk then checks if the connection is still wanted
            raise ConnectionResetError("Slack closed the connection")

    def shut_down(self) -> None:
        """End a `recv` or `send` that waits in another thread."""
        self._closing = True
        # On the plain socket: the shutdown of a TLS socket removes the TLS session while other threads still use it.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


class _Connection(Connection):
    """A connection that ends at once on request, and that measures the age of the last pong."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.state = ConnectionState()  # type: ignore[no-untyped-call] # slack_sdk forgot
        self._opened_at = time.time()
        self._close_lock = threading.Lock()

    def connect(self) -> None:
        """Open the connection. Raises SlackClientNotConnectedError if that fails, where slack_sdk only logs it."""
        super().connect()
        if self.sock is None:
            raise SlackClientNotConnectedError(f"{urlsplit(self.url).netloc} did not accept the WebSocket")
        self.sock = cast("Any", _WakeableSocket(self.sock))

    def disconnect(self) -> None:
        """End the connection. Any thread may call it, any number of times; slack_sdk's own fails if two threads do."""
        self.state.terminated = True
        if isinstance(sock := cast("object", self.sock), _WakeableSocket):
            sock.shut_down()
        with self._close_lock:
            super().disconnect()

    def pong_age(self) -> float:
        """Return the seconds since the ping that the last pong answered, or since the opening if no pong came."""
        return time.time() - (self.last_ping_pong_time or self._opened_at)


class SocketClient(SocketModeClient):
    """Slack's Socket Mode client.

    `expected_connections` is the number of connections of this app: this one and those of the replicas. Calls
    `on_unexpected_connections` with the number of connections if a new connection learns that there are more. Slack
    sends each payload to any one of them, so a forgotten process receives some of the commands.
    """

    current_session: _Connection | None

    def __init__(
        self,
        app_token: str,
        web_client: WebClient,
        timing: SocketTiming,
        *,
        expected_connections: int = 1,
        on_unexpected_connections: Callable[[int], None] | None = None,
    ) -> None:
        # A child of slack_sdk's logger: whoever sets that to INFO, because DEBUG prints socket tickets, sets this too.
        logger = logging.getLogger("slack_sdk.socket_mode.bailiff")
        super().__init__(app_token, logger, web_client, ping_interval=timing.ping_interval)
        self.num_connections = 0
        """The number of connections of the app, from the last `hello`."""
        self._expected = expected_connections
        self._on_unexpected_connections = on_unexpected_connections
        self._silence_limit = timing.silence_limit
        self._being_replaced = 0
        """1 while a new connection replaces a live one, which Slack counts too; else 0."""
        self.message_listeners.append(self._on_hello)

    def connect(self) -> None:
        """Open a connection, then close the one that it replaces.

        Raises SlackApiError if Slack refuses the token, SlackClientNotConnectedError if the WebSocket handshake fails.
        """
        old = self.current_session
        self._being_replaced = int(self.is_connected())
        new = self._connection(self.issue_new_wss_url())
        new.connect()
        self.current_session = new
        if old is not None:
            old.close()
        if self.closed:
            new.close()
        elif not self.current_app_monitor_started:
            self.current_app_monitor_started = True
            self.current_app_monitor.start()

    def _connection(self, url: str) -> _Connection:
        return _Connection(
            url=url,
            logger=self.logger,
            proxy=None if bypasses_proxy(url) else self.proxy,  # slack_sdk honours NO_PROXY for HTTP only
            proxy_headers=self.proxy_headers,
            ping_interval=self.ping_interval,
            on_message_listener=self._on_message,
            on_error_listener=self._on_error,
            on_close_listener=self._on_close,
            ssl_context=self.web_client.ssl,
        )

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - slack_sdk's signature
        """Replace the connection if it is gone, or if `force` is set.

        One thread at a time: slack_sdk's own method stops waiting for the other after 5 s, and if two threads connect
        at once, one of the connections is never read.
        """
        with self.connect_operation_lock:
            if not self.closed and (force or not self.is_connected()):
                self.connect()

    def pong_age(self) -> float:
        """Return the age in seconds of the last pong; infinite before the first connection."""
        return self.current_session.pong_age() if self.current_session else math.inf

    def close(self) -> None:
        """Receive nothing more, let the listeners finish what was received, and end the connection."""
        self.closed = True
        self.message_queue.put(None)  # wakes the processor, which otherwise checks once a second
        _stop_runner(self.message_processor)
        self.message_workers.shutdown()
        self.disconnect()
        _stop_runner(self.current_session_runner)
        _stop_runner(self.current_app_monitor)

    def _run_current_session(self) -> None:
        session = self.current_session
        if session is not None and session.is_active():
            session.run_until_completion(session.state)

    def _monitor_current_session(self) -> None:
        session = self.current_session
        try:
            if session is None or not session.is_active():
                self.connect_to_new_endpoint()
            elif session.pong_age() > self._silence_limit:
                log.warning("socket.silent", seconds=round(session.pong_age(), 1))
                self.connect_to_new_endpoint(force=True)
            else:
                session.check_state()
        except Exception as error:  # noqa: BLE001 - the next call tries again after any error
            log.error("socket.connect_failed", reason=repr(error))

    def _on_hello(self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None = None) -> None:
        if message.get("type") != "hello":
            return
        self.num_connections = int(message.get("num_connections", 1))
        if self.num_connections > self._expected + self._being_replaced and self._on_unexpected_connections:
            self._on_unexpected_connections(self.num_connections)


def socket_client(
    app: App,
    app_token: str,
    timing: SocketTiming,
    *,
    expected_connections: int = 1,
    on_unexpected_connections: Callable[[int], None] | None = None,
) -> SocketClient:
    """Return a client that passes what Slack sends to `app`. It uses the app's web client and is not connected yet."""

    def handle_request(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        started_at = time.time()
        send_response(client, request, run_bolt_app(app, request), started_at)

    client = SocketClient(
        app_token,
        app.client,
        timing,
        expected_connections=expected_connections,
        on_unexpected_connections=on_unexpected_connections,
    )
    client.socket_mode_request_listeners.append(handle_request)
    return client


class SocketConnection:
    """The Socket Mode connection of an app. `replicas` processes connect as this app."""

    def __init__(self, app: App, app_token: str, replicas: int, timing: SocketTiming) -> None:
        self._app = app
        self._app_token = app_token
        self._replicas = replicas
        self._timing = timing
        self._client: SocketClient | None = None

    def open(self) -> None:
        """Connect. Raises SlackError with the reason if that fails."""
        client = socket_client(
            self._app,
            self._app_token,
            self._timing,
            expected_connections=self._replicas,
            on_unexpected_connections=_warn_of_unexpected_connections,
        )
        try:
            client.connect()
        except Exception as error:
            client.close()
            raise slack_error("apps_connections_open", error, client.web_client.base_url) from error
        self._client = client

    def close(self) -> None:
        """Disconnect, after the listeners have finished what was received."""
        if self._client:
            self._client.close()


def _warn_of_unexpected_connections(connections: int) -> None:
    log.warning(
        "connections.unexpected",
        reason="other processes are connected as this app and receive some of its commands: stop them",
        connections=connections,
    )


def _stop_runner(runner: IntervalRunner) -> None:
    runner.event.set()
    if runner.is_alive():
        runner.thread.join(_JOIN_SECONDS)
