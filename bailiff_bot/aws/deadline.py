"""Limits the total time of a block that uses a shared botocore client, whatever the server does.

A read timeout does not end a slow answer, because each byte restarts it. So at the deadline the connection that the
block uses is shut down: its pending read fails at once, and botocore does not retry. Connections are shared, so a
connection belongs to the deadline of the block that sent the last request over it.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.inventory import UnreadReason


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit the calls that this thread makes during the block to `seconds`, with clients of `obey_deadlines`.

    After that, they fail. A block within another ends with the outer one at the latest.

    Raises Unreadable with the reason `TIMED_OUT`.
    """
    outer = _CURRENT.get(None)
    seconds = seconds if outer is None else max(0.0, min(seconds, outer.ends_at - time.monotonic()))
    current = _Deadline(seconds)
    token = _CURRENT.set(current)
    timer = threading.Timer(seconds, current.expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Unreadable:
        current.check()
        raise
    finally:
        timer.cancel()
        _CURRENT.reset(token)


def obey_deadlines(client: Any) -> None:
    """Make a client end each call at the deadline of the block that makes it.

    botocore has no setting for the class of its connections. Its connection pools are urllib3's, and there
    `ConnectionCls` is that class.
    """
    client.meta.events.register_first("needs-retry", _stop_retrying)
    pools = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - see above
    for scheme, pool in pools.items():
        pools[scheme] = _pool_with_deadlines(pool)


class _Deadline:
    """Whether the deadline has passed, and the connection in use, if any."""

    _owners = threading.Lock()
    """Held while a connection gets another owner, or is shut down by its owner."""

    def __init__(self, seconds: float) -> None:
        self.error = Unreadable(UnreadReason.TIMED_OUT, f"not answered in full within {seconds:.3g} s")
        self.ends_at = time.monotonic() + seconds
        self.is_past = seconds <= 0
        self._connection: Any = None
        self._socket: socket.socket | None = None

    def check(self) -> None:
        """Raise the error if the deadline has passed."""
        if self.is_past:
            raise self.error

    def own(self, connection: Any) -> "_Deadline | None":
        """Become the owner of a connection, and return the owner before. After the deadline, shut it down."""
        with self._owners:
            before: _Deadline | None = connection.deadline
            connection.deadline = self
            self._connection, self._socket = connection, connection.sock
        if self.is_past:
            self.expire()
        return before

    def expire(self) -> None:
        """Mark the deadline as passed, and shut the connection down unless another block uses it."""
        self.is_past = True
        with self._owners:
            if self._socket and self._connection.deadline is self:
                # SSLSocket.shutdown would also remove the encryption while another thread reads from the socket
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


_CURRENT: ContextVar[_Deadline] = ContextVar("deadline")
"""The deadline of the block that this thread is in."""


def _stop_retrying(**_: Any) -> None:
    _CURRENT.get().check()


@cache
def _pool_with_deadlines(pool: Any) -> type:
    return type(pool.__name__, (pool,), {"ConnectionCls": _connection_with_deadlines(pool.ConnectionCls)})


def _connection_with_deadlines(connection_class: Any) -> type:
    def connect(connection: Any) -> None:
        connection_class.connect(connection)
        _CURRENT.get().own(connection)

    def request(connection: Any, *arguments: Any, **options: Any) -> None:
        _CURRENT.get().check()
        before = _CURRENT.get().own(connection)
        if before and before.is_past:
            connection.close()  # that deadline may just have shut it down; urllib3 connects again
        connection_class.request(connection, *arguments, **options)

    methods = {"deadline": None, "connect": connect, "request": request}
    return type(connection_class.__name__, (connection_class,), methods)
