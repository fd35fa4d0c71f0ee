"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class FakeClock:
    """Stands until it is moved; any thread may move it."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)) -> None:
        self.now = now
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, duration: timedelta) -> None:
        with self._lock:
            self.now += duration

    def pause(self, seconds: float) -> bool:
        """Let the time pass for which somebody waits; nothing ever stops."""
        self.advance(timedelta(seconds=seconds))
        return False
