"""Keeps calls below a limit of AWS, which has a bucket for each: some calls at once, then so many a second."""

from collections.abc import Callable
from time import monotonic

Pause = Callable[[float], bool]
"""Waits for a number of seconds. Returns True if the process is stopping."""


class CallRate:
    """Lets `burst` calls through at once, and then `a_second`. Not thread-safe.

    `pause` waits; `clock` returns seconds.
    """

    def __init__(self, burst: float, a_second: float, pause: Pause, clock: Callable[[], float] = monotonic) -> None:
        self._burst = self._left = burst
        self._a_second = a_second
        self._pause = pause
        self._clock = clock
        self._at = clock()

    def wait(self) -> bool:
        """Wait until a call is allowed, and count it. Returns False if the process is stopping."""
        self._refill()
        if self._left < 1 and self._pause((1 - self._left) / self._a_second):
            return False
        self._refill()
        self._left -= 1
        return True

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second)
        self._at = now
