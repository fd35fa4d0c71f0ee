"""What is done in AWS between the intent and the result."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_progress import CALL_TIME, START_TIME
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.aws_step import Actor, StepOutcome, StepResult
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.acting import Acting
from tests.builders import NOW

OFFER = Offer("key", Subject(Target("111122223333", "eu-west-1"), "i-1"), "agr-box", "U1", "a message", NOW)
BEGUN = ActionResult(OFFER, Action.STOP, "U1", "Ada", NOW, "action", outcome=Outcome.PENDING)


@dataclass
class Stage:
    """An action that was begun at `NOW`, and a process that asks AWS later."""

    later: timedelta
    called: list[Actor] = field(default_factory=list)
    settled: list[ActionResult] = field(default_factory=list)

    def settle(self, result: ActionResult, _record: object, _ends: object = ()) -> bool:
        self.settled.append(result)
        return True

    def call(self) -> ActionResult:
        def stop(actor: Actor) -> StepResult:
            self.called.append(actor)
            return StepResult(StepOutcome.DONE, request_id="req")

        nobody: Any = None
        store: Any = self
        asked: Any = type("Asked", (), {"asker": type("Asker", (), {"user_id": "U1", "address": "agr@octo.example"})})
        return Acting(nobody, store, lambda: NOW + self.later, lambda _: None).call(asked, BEGUN, stop)


def test_a_process_that_slept_calls_nothing_as_it_may_have_been_told_as_not_done() -> None:
    stage = Stage(later=START_TIME + timedelta(seconds=1))
    assert stage.call().outcome is Outcome.FAILED
    assert stage.called == []
    [told] = stage.settled
    assert told.detail == "Bailiff took too long to ask AWS, so nothing was changed: try again"


def test_a_process_in_time_calls_once() -> None:
    stage = Stage(later=START_TIME)
    assert stage.call().outcome is Outcome.DONE
    assert len(stage.called) == 1
    assert 2 * START_TIME < CALL_TIME
