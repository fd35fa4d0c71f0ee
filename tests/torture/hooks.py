"""Where a bot dies or stops: `deliveries.settle:after:/nudge/:3:KILL` is right after the third settling of a nudge.

`where:when:which:number:signal`, several of them apart by `;`. `which` is a part of the delivery's key, of the lease's
name or of whatever else the call is about, and empty for all.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from itertools import count
from typing import Any, Self

from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.store.deliveries import SqlDeliveryStore
from bailiff_bot.store.digest_history import SqlScheduleStore
from bailiff_bot.store.leases import SqlLeaseStore
from bailiff_bot.store.retention import Retention
from bailiff_bot.store.slack_users import SqlUserCache
from bailiff_bot.store.snapshots import SqlSnapshotStore

VARIABLE = "TORTURE_HOOKS"
_OWNERS: dict[str, type] = {
    "deliveries": SqlDeliveryStore,
    "leases": SqlLeaseStore,
    "retention": Retention,
    "schedules": SqlScheduleStore,
    "snapshots": SqlSnapshotStore,
    "transport": SlackTransport,
    "users": SqlUserCache,
}


@dataclass(frozen=True, slots=True)
class Hook:
    """A moment in a process's life, and the signal that it then sends to itself."""

    where: str
    """A method: `deliveries.save_plan`, `snapshots.save`; `transport.send` is the sending that `prepare` returns."""
    when: str
    """`before` or `after`."""
    subject_part: str = ""
    number: int = 1
    signal: str = "KILL"
    _seen: "count[int]" = field(default_factory=lambda: count(1), compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        where, when, which, number, name = text.split(":")
        return cls(where, when, which, int(number), name)

    def __str__(self) -> str:
        return f"{self.where}:{self.when}:{self.subject_part}:{self.number}:{self.signal}"

    def fire_if_reached(self, when: str, what: str) -> None:
        """Send the signal, if this is the moment."""
        if when == self.when and self.subject_part in what and next(self._seen) == self.number:
            os.kill(os.getpid(), signal.Signals[f"SIG{self.signal}"])


def install(text: str) -> None:
    """Set the hooks that a variable holds."""
    for part in filter(None, text.split(";")):
        hook = Hook.parse(part)
        owner, method = hook.where.split(".")
        cls = _OWNERS[owner]
        if method == "send":
            setattr(cls, "prepare", _sending(cls.prepare, hook))  # type: ignore[attr-defined] # noqa: B010
        else:
            setattr(cls, method, _hooked(getattr(cls, method), hook))


def _hooked(method: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
    @wraps(method)
    def called(self: Any, *arguments: Any, **named: Any) -> Any:
        what = _subject(arguments)
        hook.fire_if_reached("before", what)
        result = method(self, *arguments, **named)
        hook.fire_if_reached("after", what)
        return result

    return called


def _sending(prepare: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
    @wraps(prepare)
    def prepared(self: Any, delivery: Any, parent: Any) -> Callable[[], Any]:
        send = prepare(self, delivery, parent)

        def sent() -> Any:
            hook.fire_if_reached("before", delivery.key)
            result = send()
            hook.fire_if_reached("after", delivery.key)
            return result

        return sent

    return prepared


def _subject(arguments: tuple[Any, ...]) -> str:
    first = arguments[0] if arguments else ""
    return first if isinstance(first, str) else str(getattr(first, "key", ""))
