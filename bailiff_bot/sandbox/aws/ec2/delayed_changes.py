"""Changes that EC2 begins now and ends later: an instance stops, an image becomes available."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class DelayedChange:
    """A change that has begun."""

    key: str
    """The id of what changes."""
    end: Callable[[], None]
    """Ends it."""
    due: datetime | None
    """When it ends; None: when a test says so."""


class DelayedChanges:
    """The changes that have begun, oldest first. Whoever calls it holds the lock of EC2.

    Arguments: the clock that ends them.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._begun: list[DelayedChange] = []
        self.duration: timedelta | None = timedelta(0)
        """How long a change takes; zero: no time at all; None: until a test says so."""

    def begin(self, key: str, end: Callable[[], None]) -> None:
        """Begin a change, in place of an earlier one of the same thing. It ends at once if it takes no time."""
        self.discard(key)
        due = None if self.duration is None else self._clock() + self.duration
        self._begun.append(DelayedChange(key, end, due))
        self.end_due()

    def end_due(self) -> None:
        """End the changes whose time is over."""
        now = self._clock()
        self._end([change for change in self._begun if change.due is not None and change.due <= now])

    def end_all(self) -> None:
        """End every change now."""
        self._end(list(self._begun))

    def discard(self, key: str) -> None:
        """Forget the change of a thing, which stays as it is."""
        self._begun = [change for change in self._begun if change.key != key]

    def keys(self) -> tuple[str, ...]:
        """Return the ids of what is changing."""
        return tuple(change.key for change in self._begun)

    def _end(self, changes: list[DelayedChange]) -> None:
        for change in changes:
            self._begun.remove(change)
            change.end()
