"""Limits the total time of a botocore client, whatever the server does.

A read timeout does not end a slow answer, because each byte restarts it. So at the deadline all connections of the
client are shut down: every pending read fails at once, and botocore does not retry.
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
    """Limit a client to `seconds` during the block.

    After that, its calls fail. Raises Unreadable with the reason `TIMED_OUT`.
    """
    sockets = _OpenSockets()
    _track_connections(client, sockets)
    timed_out = Unreadable(UnreadReason.TIMED_OUT, f"not answered in full within {seconds:g} s")

    def stop_retrying(**_: Any) -> None:
        if sockets.is_past_deadline:
            raise timed_out

    client.meta.events.register_first("needs-retry", stop_retrying)
    timer = threading.Timer(seconds, sockets.shut_down)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Unreadable as error:
        if sockets.is_past_deadline:
            raise timed_out from error
        raise
    finally:
        timer.cancel()


class _OpenSockets:
    """The sockets of a client, and whether the deadline has passed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.is_past_deadline = False

    def add(self, sock: socket.socket) -> None:
        """Add a socket. It is shut down at the deadline, or at once if the deadline has passed."""
        with self._lock:
            self._sockets.append(sock)
        if self.is_past_deadline:
            self.shut_down()

    def shut_down(self) -> None:
        """Mark the deadline as passed and shut all sockets down, so that pending reads fail."""
        self.is_past_deadline = True
        with self._lock:
            for sock in self._sockets:
                # SSLSocket.shutdown would also remove the encryption while another thread reads from the socket
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _track_connections(client: Any, sockets: _OpenSockets) -> None:
    """Make the client add the socket of each new connection to `sockets`.

    botocore has no setting for the class of its connections. Its connection pools are urllib3's, and there
    `ConnectionCls` is that class.
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
