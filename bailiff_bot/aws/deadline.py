"""An end to all that a client waits for, whatever the other side does.

A read timeout ends silence, but not an answer that comes drop by drop: each byte begins it anew. So at the deadline the
client's connections are shut, whoever waits for them fails at once, and nothing is asked again.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.inventory import UnreadReason


@contextmanager
def deadline(client: Any, seconds: float) -> Iterator[None]:
    """Let a client work for so many seconds, then fail as `Unreadable` whatever it does."""
    deadline = _OpenSockets()
    _track_connections(client, deadline)
    late = Unreadable(UnreadReason.TIMED_OUT, f"not answered in full within {seconds:g} s")

    def stop_retrying(**_: Any) -> None:
        if deadline.is_past_deadline:
            raise late

    client.meta.events.register_first("needs-retry", stop_retrying)
    timer = threading.Timer(seconds, deadline.shut_down)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Unreadable as error:
        if deadline.is_past_deadline:
            raise late from error
        raise
    finally:
        timer.cancel()


class _OpenSockets:
    """Whether the time is up, and the sockets that end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.is_past_deadline = False

    def add(self, sock: socket.socket) -> None:
        """Let a socket end with the others, at once if the time is already up."""
        with self._lock:
            self._sockets.append(sock)
        if self.is_past_deadline:
            self.shut_down()

    def shut_down(self) -> None:
        """Say that the time is up, and wake whoever waits for an answer."""
        self.is_past_deadline = True
        with self._lock:
            for sock in self._sockets:
                # not the method of an SSLSocket, which takes the encryption away from under who reads
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _track_connections(client: Any, sockets: _OpenSockets) -> None:
    """Let the client's connections tell the deadline of their sockets.

    botocore has no place of its own to say which connections a client makes; its pools are urllib3's, where
    `ConnectionCls` is that place.
    """
    pools = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - see above
    for scheme, pool in pools.items():
        pools[scheme] = type(
            pool.__name__, (pool,), {"ConnectionCls": _tracked_connection(pool.ConnectionCls, sockets)}
        )


def _tracked_connection(connection_class: Any, sockets: _OpenSockets) -> type:
    def connect(connection: Any) -> None:
        connection_class.connect(connection)
        sockets.add(connection.sock)

    return type(connection_class.__name__, (connection_class,), {"connect": connect})
