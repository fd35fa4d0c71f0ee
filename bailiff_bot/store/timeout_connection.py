"""A psycopg connection that detects a frozen server: one that keeps the connection open but sends nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen

SILENCE_TIMEOUT = 15.0
"""Seconds without traffic until the connection is closed. The address cannot change it.

It is longer than the default `statement_timeout`, because a server that executes a statement is silent as well.
"""


class TimeoutConnection(psycopg.Connection[Any]):
    """A connection that closes if nothing is received or sent for `silence_timeout` seconds.

    psycopg itself waits without limit. The server enforces `statement_timeout`, so it does not help if the server is
    frozen. `tcp_user_timeout` does not help either: the kernel of a frozen server still acknowledges what is sent.
    """

    silence_timeout = SILENCE_TIMEOUT

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as psycopg does. Close the connection and raise OperationalError after `silence_timeout` seconds."""
        return super().wait(self._with_timeout(gen), interval, timeout)

    def _with_timeout(self, gen: PQGen[RV]) -> PQGen[RV]:
        last_traffic = monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    last_traffic = monotonic()
                elif monotonic() - last_traffic > self.silence_timeout:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"it said nothing for {self.silence_timeout:g} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result

    @contextmanager
    def longer_silence(self, seconds: float) -> Iterator[None]:
        """Use this silence timeout, in seconds, during the block."""
        before, self.silence_timeout = self.silence_timeout, seconds
        try:
            yield
        finally:
            self.silence_timeout = before
