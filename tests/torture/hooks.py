"""Points at which a bot kills or stops itself.

A hook is written as `method:when:subject:number:signal`: `deliveries.settle:after:/nudge/:3:KILL` kills the bot right
after the third nudge is settled. Several hooks are separated by `;`. `subject` is a part of the delivery's key, of the
lease's name, or of the call's first argument; an empty subject matches every call.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from itertools import count
from typing import Any, Self

from botocore.client import BaseClient

from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.store import action_results, deletions, notices
from bailiff_bot.store.action_results import SqlActionResultStore
from bailiff_bot.store.clicks import SqlClickStore
from bailiff_bot.store.deletions import SqlDeletionStore
from bailiff_bot.store.delivery_store import SqlDeliveryStore
from bailiff_bot.store.leases import SqlLeaseStore
from bailiff_bot.store.notices import SqlNoticeStore
from bailiff_bot.store.schedules import SqlScheduleStore
from bailiff_bot.store.slack_users import SqlUserCache
from bailiff_bot.store.snapshots import SqlSnapshotStore
from bailiff_bot.store.store import Store
from bailiff_bot.store.triage import SqlTriageStore

VARIABLE = "TORTURE_HOOKS"
_HOOKED: dict[str, Any] = {
    "action": action_results,  # a module: its functions are the steps of the transaction that saves an action
    "aws": BaseClient,  # `_make_api_call` makes each call to AWS; its first argument is the operation
    "clicks": SqlClickStore,
    "deletion": deletions,  # a module too
    "deletions": SqlDeletionStore,
    "deliveries": SqlDeliveryStore,
    "leases": SqlLeaseStore,
    "notice": notices,  # a module too
    "notices": SqlNoticeStore,
    "results": SqlActionResultStore,
    "store": Store,
    "schedules": SqlScheduleStore,
    "snapshots": SqlSnapshotStore,
    "transport": SlackTransport,
    "triage": SqlTriageStore,
    "users": SqlUserCache,
}


@dataclass(frozen=True, slots=True)
class Hook:
    """A call of a method, and the signal that the process sends to itself before or after it."""

    method: str
    """The method, such as `deliveries.save_plan`. `transport.send` is the function that `prepare` returns."""
    when: str
    """`before` or `after`."""
    subject_part: str = ""
    number: int = 1
    signal: str = "KILL"
    _matches: "count[int]" = field(default_factory=lambda: count(1), compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        method, when, subject_part, number, name = text.split(":")
        return cls(method, when, subject_part, int(number), name)

    def __str__(self) -> str:
        return f"{self.method}:{self.when}:{self.subject_part}:{self.number}:{self.signal}"

    def fire_if_reached(self, when: str, subject: str) -> None:
        """Send the signal if this call is the one that the hook describes."""
        if when == self.when and self.subject_part in subject and next(self._matches) == self.number:
            os.kill(os.getpid(), signal.Signals[f"SIG{self.signal}"])


def exists(method: str) -> bool:
    """Return whether the bot has a method, such as `deliveries.save_plan`."""
    owner, name = method.split(".")
    return hasattr(_HOOKED[owner], "prepare" if name == "send" else name)


def install(text: str) -> None:
    """Install the hooks that the variable's text describes."""
    for part in filter(None, text.split(";")):
        hook = Hook.parse(part)
        owner, method = hook.method.split(".")
        cls = _HOOKED[owner]
        if method == "send":
            setattr(cls, "prepare", _hooked_prepare(cls.prepare, hook))  # noqa: B010
        else:
            setattr(cls, method, _hooked(getattr(cls, method), hook))


def _hooked(method: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
    @wraps(method)
    def called(self: Any, *arguments: Any, **keywords: Any) -> Any:
        subject = _subject(arguments)
        hook.fire_if_reached("before", subject)
        result = method(self, *arguments, **keywords)
        hook.fire_if_reached("after", subject)
        return result

    return called


def _hooked_prepare(prepare: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
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
