"""What came of an action in AWS that was begun: decided from the instance as it is now."""

from dataclasses import replace
from datetime import datetime, timedelta

from bailiff_bot.domain.action import Action, UnreadInstance
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.owner_tag import BAILIFF_OWNER_TAG

CALL_TIME = timedelta(minutes=2)
"""By then a call to AWS was answered, or never will be: after a click, two calls of 20 seconds and waits for locks."""
START_TIME = CALL_TIME / 4
"""AWS is called only within this time after the click was decided, so that the call ends within `CALL_TIME`."""
GIVE_UP_AFTER = timedelta(hours=1)
"""Then what cannot be known is told as unknown. EC2 stops a large instance within minutes."""

_STARTED = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


def progress(result: ActionResult, found: Instance | UnreadInstance, now: datetime) -> ActionResult | None:
    """Return what came of a stop, a start, a renaming or a tag; None if it is not known yet."""
    if found is UnreadInstance.GONE:
        return _settled(result, Outcome.UNKNOWN, now, "it does not exist any more")
    settled = _of_instance(result, found, now) if isinstance(found, Instance) else None
    if settled is None and now - result.at >= GIVE_UP_AFTER:
        return _settled(result, Outcome.UNKNOWN, now, "AWS did not say it for an hour")
    return settled


def _of_instance(result: ActionResult, instance: Instance, now: datetime) -> ActionResult | None:
    if result.action is Action.RENAME:
        is_done, is_open = instance.name == result.reason, True
    elif result.action is Action.TAG:
        is_done, is_open = instance.tags.get(BAILIFF_OWNER_TAG) == result.reason, True
    elif result.action is Action.UNDO:
        is_done, is_open = instance.state in _STARTED, instance.state is InstanceState.STOPPED
    else:
        return _of_stop(result, instance, now)
    if is_done:
        return _settled(result, Outcome.DONE, now)
    return _not_done(result, now) if is_open else None


def _of_stop(result: ActionResult, instance: Instance, now: datetime) -> ActionResult | None:
    if instance.state is InstanceState.STOPPED:
        # EC2 dates when it was asked to stop it, which may be minutes before it is stopped.
        return _settled(result, Outcome.DONE, now)
    if instance.state not in _STARTED:
        return None
    # LaunchTime has whole seconds, so a start in the second of the click is not told from one before it.
    if instance.launched_at > result.at:
        return _settled(result, Outcome.UNKNOWN, now, "somebody started it since, so it runs")
    return _not_done(result, now)


def _not_done(result: ActionResult, now: datetime) -> ActionResult | None:
    """Return that it was not done, once no call can do it any more: Bailiff was interrupted, or AWS ignored it."""
    if now - result.at < CALL_TIME:
        return None
    return _settled(result, Outcome.FAILED, now, "AWS was not reached, so nothing was changed: try again")


def _settled(result: ActionResult, outcome: Outcome, at: datetime, detail: str = "") -> ActionResult:
    return replace(result, outcome=outcome, settled_at=at, detail=detail)
