"""A cache for a directory: a complete answer is kept for an hour, an incomplete one for a minute."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from bailiff_bot.directory.interface import Directory
from bailiff_bot.domain.identity import People


class CachedDirectory:
    """Caches the answer of a directory. Concurrent callers share one request.

    It always returns the latest answer, even if that has gaps and the one before was complete. Otherwise nobody would
    notice that the directory is down.

    Arguments: the directory, a monotonic clock in seconds, how long to keep a complete answer, and how long one with
    gaps.
    """

    def __init__(
        self,
        directory: Directory,
        clock: Callable[[], float] = time.monotonic,
        complete_for: timedelta = timedelta(hours=1),
        incomplete_for: timedelta = timedelta(minutes=1),
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._complete_for = complete_for
        self._incomplete_for = incomplete_for
        self._lock = threading.Lock()
        self._cached: People | None = None
        self._expires_at = 0.0

    def people(self) -> People:
        """Return the cached people; if they have expired, read the directory first."""
        with self._lock:
            if self._cached is None or self._clock() >= self._expires_at:
                self._cached = self._directory.people()
                keep_for = self._complete_for if self._cached.complete else self._incomplete_for
                self._expires_at = self._clock() + keep_for.total_seconds()
            return self._cached
