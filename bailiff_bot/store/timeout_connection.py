"""A PostgreSQL that is there and says nothing, as one that is frozen, is waited for no longer than it may be silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen

SILENCE_TIMEOUT = 15.0
"""Seconds, whatever the address says; longer than a statement may take where it says nothing, since a server that works
at one is silent as well."""


class TimeoutConnection(psycopg.Connection[Any]):
    """A connection that is given up when nothing comes from the server nor goes to it for too long.

    psycopg itself waits for ever: `statement_timeout` is kept by the server, and no `tcp_user_timeout` helps, because
    the kernel of a frozen server still acknowledges what is sent.
    """

    silence_timeout = SILENCE_TIMEOUT

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Do as psycopg does; raises OperationalError, with the connection closed, when it was silent for too long."""
        return super().wait(self._with_timeout(gen), interval, timeout)

    def _with_timeout(self, gen: PQGen[RV]) -> PQGen[RV]:
        heard = monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard = monotonic()
                elif monotonic() - heard > self.silence_timeout:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"it said nothing for {self.silence_timeout:g} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result

    @contextmanager
    def longer_silence(self, seconds: float) -> Iterator[None]:
        """Let the server be silent for longer meanwhile."""
        before, self.silence_timeout = self.silence_timeout, seconds
        try:
            yield
        finally:
            self.silence_timeout = before
