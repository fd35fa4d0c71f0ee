"""Clicks that count once, however often the button is pressed before it is gone."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

_REMEMBERED = 1_000


class Once:
    """Remembers the latest keys that were taken."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: OrderedDict[Hashable, None] = OrderedDict()

    def take(self, key: Hashable) -> bool:
        """Return whether this is the first time that a key is taken."""
        with self._lock:
            if key in self._taken:
                return False
            self._taken[key] = None
            if len(self._taken) > _REMEMBERED:
                self._taken.popitem(last=False)
            return True

    def give_back(self, key: Hashable) -> None:
        """Let a key be taken again, because what it stood for failed."""
        with self._lock:
            self._taken.pop(key, None)
