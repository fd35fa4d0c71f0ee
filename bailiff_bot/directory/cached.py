"""A directory that remembers: an hour what was complete, a minute what was not."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from bailiff_bot.directory.interface import Directory
from bailiff_bot.domain.identity import People


class CachedDirectory:
    """Answers from memory while that is fresh; those who ask at the same time share one question.

    What the directory answered last is what is told, gaps and all: an older, complete answer in the place of a newer
    one with gaps would hide that the directory is down.

    Arguments: the directory to ask, a monotonic clock in seconds, how long to keep a complete answer, how long one with
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
        self._stale_at = 0.0

    def people(self) -> People:
        """Return the people, asking the directory where what is remembered is too old."""
        with self._lock:
            if self._cached is None or self._clock() >= self._stale_at:
                self._cached = self._directory.people()
                fresh_for = self._complete_for if self._cached.complete else self._incomplete_for
                self._stale_at = self._clock() + fresh_for.total_seconds()
            return self._cached
