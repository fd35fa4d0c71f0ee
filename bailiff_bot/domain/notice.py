"""Direct messages that tell people what others did to what is theirs, as values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult

NOTICE = "notice"
"""The kind of the batch."""
ENDINGS = frozenset({Action.UNDO, Action.END, Action.CANCEL})
"""The actions after which what was done does not count any more."""


_AT_ONCE = frozenset({Action.ASSIGN, Action.DELETE, Action.CANCEL})


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that Slack has."""

    recipient: str
    """The id of the Slack user."""
    channel: str
    ts: str
    """With `channel`, the address of the message in Slack."""
    results: tuple[ActionResult, ...]
    """What it tells, in the order of time."""


def due_results(waiting: Iterable[ActionResult], now: datetime, collect: timedelta) -> tuple[ActionResult, ...]:
    """Return which results are told now: all, once the first has waited for `collect`; some at once."""
    results = tuple(waiting)
    others = [one for one in results if one.action not in _AT_ONCE]
    if any(now - (one.settled_at or one.at) >= collect for one in others):
        return results
    return tuple(one for one in results if one.action in _AT_ONCE)
