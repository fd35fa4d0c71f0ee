"""An action in AWS that Bailiff did because somebody asked for it, as savings need it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.domain.action import Action

_SAME_STOP = timedelta(minutes=15)
"""EC2 dates a stop by when it was asked for, Bailiff by when it was done."""


@dataclass(frozen=True, slots=True)
class DoneAction:
    """A stop or a deletion that Bailiff did."""

    action: Action
    at: datetime
    """When AWS had done it."""
    name: str
    """Who asked for it, by the name in Slack."""
    has_image: bool = False
    """True if Bailiff made an image before."""


def stop_at(actions: Iterable[DoneAction], at: datetime) -> DoneAction | None:
    """Return Bailiff's stop of an instance that was stopped at a time; None if somebody else stopped it."""
    stops = (one for one in actions if one.action is Action.STOP and abs(one.at - at) <= _SAME_STOP)
    return next(stops, None)


def deletion(actions: Iterable[DoneAction]) -> DoneAction | None:
    """Return Bailiff's deletion of an instance; None if Bailiff did not delete it."""
    return next((one for one in actions if one.action is Action.DELETE), None)
