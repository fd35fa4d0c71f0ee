"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class FakeClock:
    """Moves only when a test moves it or somebody waits. Any thread may move it."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)) -> None:
        self.now = now
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, duration: timedelta) -> None:
        with self._lock:
            self.now += duration

    def pause(self, seconds: float) -> bool:
        """Move by the time that somebody waits. Return False: nothing was Bailiff is stopping."""
        self.advance(timedelta(seconds=seconds))
        return False
