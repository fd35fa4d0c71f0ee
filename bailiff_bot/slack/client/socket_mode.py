"""The Socket Mode client of slack_sdk, cured of going deaf.

Read in slack_sdk 3.47: when its peer ends without a close frame it spins on an empty `recv` for a minute, still
"connected"; closing waits 3 s for a pending `recv`; a peer that falls silent is noticed after four pings, or never if
it never ponged; a timeout inside a frame loses the frame's beginning; a failed handshake replaces a connection that
worked.
"""

import contextlib
import logging
import math
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.interval_runner import IntervalRunner
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web import WebClient

from bailiff_bot.slack.client.web import bypasses_proxy

PING_INTERVAL = 2.0
"""Seconds between two pings. What ended is replaced when the next one is due, and that shall be within 3 s."""
SILENCE_LIMIT = 8.0
"""Seconds without a pong after which a peer counts as frozen. A network may stall for a few; and Slack lets an app open
only so many connections a minute."""
_JOIN_SECONDS = 0.3
"""Seconds that closing waits for a thread; all are daemons, and one may be waiting for Slack to answer."""


class _WakeableSocket:
    """A connected socket whose end is an error, and whose waiting `recv` is woken by `close`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._closing = False
        self.send = sock.sendall
        self.close = sock.close

    def recv(self, size: int) -> bytes:
        """Return the next bytes, however long they take: a timeout in mid-frame would lose the frame's beginning."""
        while True:
            try:
                data = self._sock.recv(size)
            except TimeoutError:
                continue
            if data:
                return data
            if self._closing:
                raise TimeoutError  # to slack_sdk: nothing came, look again whether the connection is still wanted
            raise ConnectionResetError("Slack's end of the connection is gone")

    def shut_down(self) -> None:
        """Wake whoever waits in `recv` or `send`."""
        self._closing = True
        # On the bare socket: TLS's own shutdown takes the session away from under those who wait.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


class _Connection(Connection):
    """A connection that ends at once, and tells how long its peer has been silent."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.state = ConnectionState()  # type: ignore[no-untyped-call] # slack_sdk forgot
        self._opened_at = time.time()
        self._close_lock = threading.Lock()

    def connect(self) -> None:
        """Open it; slack_sdk swallows what goes wrong here."""
        super().connect()
        if self.sock is None:
            raise SlackClientNotConnectedError(f"{urlsplit(self.url).netloc} does not speak WebSocket to us")
        self.sock = cast("Any", _WakeableSocket(self.sock))

    def disconnect(self) -> None:
        """End it, from any thread, any number of times: slack_sdk's own fails when two threads do it at once."""
        self.state.terminated = True
        if isinstance(wire := cast("object", self.sock), _WakeableSocket):
            wire.shut_down()
        with self._close_lock:
            super().disconnect()

    def silence(self) -> float:
        """Return the seconds since the ping that the last pong answered; since the opening as long as none came."""
        return time.time() - (self.last_ping_pong_time or self._opened_at)


class SocketClient(SocketModeClient):
    """Slack's Socket Mode client; `expected` connections of this app are its own and its replicas'.

    `on_strays` is told the number of connections whenever a new one learns that there are more: any payload may go to
    any of them, so a forgotten process takes its share of the commands.
    """

    current_session: _Connection | None

    def __init__(
        self,
        app_token: str,
        web_client: WebClient,
        *,
        expected_connections: int = 1,
        on_unexpected_connections: Callable[[int], None] | None = None,
        silence_limit: float = SILENCE_LIMIT,
    ) -> None:
        # Under slack_sdk's name, so that who keeps that at INFO (DEBUG prints socket tickets) keeps this too.
        logger = logging.getLogger("slack_sdk.socket_mode.bailiff")
        super().__init__(app_token, logger, web_client, ping_interval=PING_INTERVAL)
        self.num_connections = 0
        """As the last `hello` told."""
        self._expected = expected_connections
        self._on_unexpected_connections = on_unexpected_connections
        self._silence_limit = silence_limit
        self._replacing = 0
        self.message_listeners.append(self._on_hello)

    def connect(self) -> None:
        """Open a connection, and only then close the one it replaces.

        Raises SlackApiError where Slack refuses the token, SlackClientNotConnectedError where no WebSocket comes about.
        """
        old = self.current_session
        self._replacing = int(self.is_connected())
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
            proxy=None if bypasses_proxy(url) else self.proxy,  # slack_sdk honours NO_PROXY for HTTP alone
            proxy_headers=self.proxy_headers,
            ping_interval=self.ping_interval,
            on_message_listener=self._on_message,
            on_error_listener=self._on_error,
            on_close_listener=self._on_close,
            ssl_context=self.web_client.ssl,
        )

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - slack_sdk's signature
        """Replace the connection when it is gone, or by force.

        One at a time: slack_sdk's own stops waiting after 5 s, and of two that connect at once one is never read.
        """
        with self.connect_operation_lock:
            if not self.closed and (force or not self.is_connected()):
                self.connect()

    def pong_age(self) -> float:
        """Return the seconds since Slack was last known to listen; infinite before the first connection."""
        return self.current_session.silence() if self.current_session else math.inf

    def close(self) -> None:
        """Take nothing more, let the listeners answer what was taken, and end the connection at once."""
        self.closed = True
        self.message_queue.put(None)  # wakes the processor, which else looks up once a second
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
            elif session.silence() > self._silence_limit:
                self.logger.warning("socket.silent: no answer for %.1f s, reconnecting", session.silence())
                self.connect_to_new_endpoint(force=True)
            else:
                session.check_state()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round tries again
            self.logger.error("socket.connect_failed: %r, retrying", error)

    def _on_hello(self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None = None) -> None:
        if message.get("type") != "hello":
            return
        self.num_connections = int(message.get("num_connections", 1))
        # While one connection replaces another, Slack counts both.
        if self.num_connections > self._expected + self._replacing and self._on_unexpected_connections:
            self._on_unexpected_connections(self.num_connections)


def socket_client(
    app: App,
    app_token: str,
    *,
    expected_connections: int = 1,
    on_unexpected_connections: Callable[[int], None] | None = None,
    silence_limit: float = SILENCE_LIMIT,
) -> SocketClient:
    """Return the client that hands what Slack sends to the Bolt app, by the app's own web client; not yet connected."""

    def batch(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.time()
        send_response(client, request, run_bolt_app(app, request), began)

    client = SocketClient(
        app_token,
        app.client,
        expected_connections=expected_connections,
        on_unexpected_connections=on_unexpected_connections,
        silence_limit=silence_limit,
    )
    client.socket_mode_request_listeners.append(batch)
    return client


def _stop_runner(runner: IntervalRunner) -> None:
    runner.event.set()
    if runner.is_alive():
        runner.thread.join(_JOIN_SECONDS)
