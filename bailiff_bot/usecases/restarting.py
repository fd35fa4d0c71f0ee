"""The use case that undoes a stop: starts the instance again, within ten minutes from when it was stopped."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bailiff_bot.domain.action import Action, Done, Refusal, Undone
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.aws_step import Actor, StepResult
from bailiff_bot.domain.offer import Offer
from bailiff_bot.usecases.acting import Acting
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ec2 import Ec2Actions


class StopReader(Protocol):
    """Finds stops, and how they were undone. Raises StoreError."""

    def made(self, made_id: str, action: Action) -> ActionResult | None:
        """Return the action with this id; None if there is none."""
        ...

    def ended(self, made_id: str) -> ActionResult | None:
        """Return how it was undone; None if nobody did that."""
        ...


@dataclass(frozen=True, slots=True)
class Restarting:
    """Starts again what was just stopped."""

    decisions: Decisions
    acting: Acting
    ec2: Ec2Actions
    results: StopReader

    def stopped(self, made_id: str) -> ActionResult | None:
        """Return the stop with this id; None if it is no stop. Raises StoreError."""
        return self.results.made(made_id, Action.STOP)

    def undo(self, asker: Asker, offer: Offer, stopped: ActionResult) -> ActionResult | NotDone:
        """Start an instance again, unless that is refused. Raises StoreError."""
        by_self = stopped.user_id == asker.user_id
        undone = Undone(Action.STOP, stopped.settled_at or stopped.at, by_self=by_self)
        asked = self.decisions.ask(asker, offer, Action.UNDO, undone=undone)
        if earlier := self.results.ended(stopped.made_id):
            asked = replace(asked, request=replace(asked.request, done=Done.YES))
        if refused := self.decisions.refused(asked):
            return replace(refused, earlier=earlier) if refused.reason is Refusal.DONE_ALREADY else refused
        result = asked.result(stopped.made_id, reason=str(Action.STOP), outcome=Outcome.PENDING)
        refused = self.acting.begin(asked, result, before={"state": "stopped"}, after={"state": "running"})
        if refused:
            is_over = refused.reason is Refusal.DONE_ALREADY
            return replace(refused, earlier=self.results.ended(stopped.made_id)) if is_over else refused
        return self.acting.call(asked, result, partial(self._start, offer))

    def _start(self, offer: Offer, actor: Actor) -> StepResult:
        return self.ec2.start(actor, offer.subject.target, offer.subject.id)
