"""What came of an action that was begun is read off the instance, and never guessed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.action import Action, UnreadInstance
from bailiff_bot.domain.action_progress import CALL_TIME, GIVE_UP_AFTER, progress
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.subject import instance_subject
from tests.builders import NOW, instance

RUNNING = instance(1, "agr-web", age=40)
STOPPED = replace(RUNNING, state=InstanceState.STOPPED, transitioned_at=NOW + timedelta(seconds=40))
SOON = NOW + timedelta(seconds=30)
LATE = NOW + CALL_TIME
OFFER = Offer("key", instance_subject(RUNNING), "agr-web", "U1", "message", NOW)


def begun(action: Action, reason: str = "") -> ActionResult:
    return ActionResult(OFFER, action, "U1", "Ada", NOW, "id", reason=reason, outcome=Outcome.PENDING)


def outcome(result: ActionResult, found: Instance | UnreadInstance, at: object = SOON) -> Outcome | None:
    settled = progress(result, found, at)  # type: ignore[arg-type]
    return settled.outcome if settled else None


@pytest.mark.parametrize("asked", [STOPPED.transitioned_at, None])
def test_a_stop_is_done_when_the_instance_is_seen_stopped(asked: datetime | None) -> None:
    """EC2 dates when it was asked, if at all. Undo must be possible for ten minutes from when it is stopped."""
    seen = NOW + timedelta(minutes=15)
    settled = progress(begun(Action.STOP), replace(STOPPED, transitioned_at=asked), seen)
    assert settled
    assert (settled.outcome, settled.settled_at) == (Outcome.DONE, seen)


@pytest.mark.parametrize("state", [InstanceState.STOPPING, InstanceState.SHUTTING_DOWN])
def test_nothing_is_said_while_it_is_between_two_states(state: InstanceState) -> None:
    assert outcome(begun(Action.STOP), replace(RUNNING, state=state), LATE) is None


def test_what_still_runs_may_be_stopped_until_the_call_must_have_ended() -> None:
    assert outcome(begun(Action.STOP), RUNNING, SOON) is None
    assert outcome(begun(Action.STOP), RUNNING, LATE) is Outcome.FAILED


def test_a_stop_of_what_was_started_since_is_unknown() -> None:
    started = replace(RUNNING, launched_at=NOW + timedelta(seconds=20))
    assert outcome(begun(Action.STOP), started, LATE) is Outcome.UNKNOWN


def test_a_restart_is_done_when_the_instance_starts() -> None:
    assert outcome(begun(Action.UNDO), replace(RUNNING, state=InstanceState.PENDING)) is Outcome.DONE
    assert outcome(begun(Action.UNDO), STOPPED, SOON) is None
    assert outcome(begun(Action.UNDO), STOPPED, LATE) is Outcome.FAILED


def test_a_renaming_is_done_when_the_name_is_the_one_that_was_asked_for() -> None:
    assert outcome(begun(Action.RENAME, "agr-web"), RUNNING) is Outcome.DONE
    assert outcome(begun(Action.RENAME, "agr-db"), RUNNING, LATE) is Outcome.FAILED


@pytest.mark.parametrize("action", [Action.STOP, Action.UNDO, Action.RENAME])
def test_what_is_gone_is_unknown(action: Action) -> None:
    assert outcome(begun(action), UnreadInstance.GONE) is Outcome.UNKNOWN


def test_what_aws_does_not_show_is_waited_for_and_at_last_unknown() -> None:
    assert outcome(begun(Action.STOP), UnreadInstance.UNREAD, LATE) is None
    assert outcome(begun(Action.STOP), UnreadInstance.UNREAD, NOW + GIVE_UP_AFTER) is Outcome.UNKNOWN
