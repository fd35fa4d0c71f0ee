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
from bailiff_bot.domain.inventory import Reason


@contextmanager
def ending(client: Any, seconds: float) -> Iterator[None]:
    """Let a client work for so many seconds, then fail as `Unreadable` whatever it does."""
    deadline = _Deadline()
    _watch(client, deadline)
    late = Unreadable(Reason.TIMED_OUT, f"not answered in full within {seconds:g} s")

    def stop_retrying(**_: Any) -> None:
        if deadline.passed:
            raise late

    client.meta.events.register_first("needs-retry", stop_retrying)
    timer = threading.Timer(seconds, deadline.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Unreadable as error:
        if deadline.passed:
            raise late from error
        raise
    finally:
        timer.cancel()


class _Deadline:
    """Whether the time is up, and the sockets that end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.passed = False

    def include(self, sock: socket.socket) -> None:
        """Let a socket end with the others, at once if the time is already up."""
        with self._lock:
            self._sockets.append(sock)
        if self.passed:
            self.end()

    def end(self) -> None:
        """Say that the time is up, and wake whoever waits for an answer."""
        self.passed = True
        with self._lock:
            for sock in self._sockets:
                # not the method of an SSLSocket, which takes the encryption away from under who reads
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _watch(client: Any, deadline: _Deadline) -> None:
    """Let the client's connections tell the deadline of their sockets.

    botocore has no place of its own to say which connections a client makes; its pools are urllib3's, where
    `ConnectionCls` is that place.
    """
    pools = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - see above
    for scheme, pool in pools.items():
        pools[scheme] = type(pool.__name__, (pool,), {"ConnectionCls": _watched(pool.ConnectionCls, deadline)})


def _watched(kind: Any, deadline: _Deadline) -> type:
    def connect(connection: Any) -> None:
        kind.connect(connection)
        deadline.include(connection.sock)

    return type(kind.__name__, (kind,), {"connect": connect})
