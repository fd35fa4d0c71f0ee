"""The use case that stops an instance: decided at the click, and again when the form is sent."""

from dataclasses import dataclass
from functools import partial

from bailiff_bot.domain.action import Action, ActionWarning
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.aws_step import Actor, StepOutcome, StepResult
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.offer import Offer
from bailiff_bot.usecases.acting import Acting, new_action_id
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ec2 import Ec2Actions
from bailiff_bot.usecases.forms import Forms


@dataclass(frozen=True, slots=True)
class StopForm:
    """What is asked before an instance is stopped."""

    click: Click
    offer: Offer
    warnings: frozenset[ActionWarning]


@dataclass(frozen=True, slots=True)
class Stopping:
    """Stops instances. What came of it is known once the instance is stopped: `Recovery` looks."""

    decisions: Decisions
    forms: Forms
    acting: Acting
    ec2: Ec2Actions

    def form(self, asker: Asker, click: Click) -> StopForm | NotDone:
        """Return what to ask somebody who clicked *Stop*, unless it is refused. Raises StoreError."""
        asked = self.ask(asker, self.decisions.offers.get(click.offer))
        if isinstance(asked, NotDone):
            return asked
        self.forms.save(click)
        return StopForm(click, asked.offer, self.decisions.decide(asked).warnings)

    def ask(self, asker: Asker, offer: Offer | None) -> Asked | NotDone:
        """Return what somebody asks for, or why it is refused. Raises StoreError."""
        if offer is None:
            return self.decisions.unknown(asker, Action.STOP)
        asked = self.decisions.ask(asker, offer, Action.STOP)
        return self.decisions.refused(asked) or asked

    def stop(self, asker: Asker, offer_key: str) -> ActionResult | NotDone:
        """Stop an instance, unless it is refused. The result is pending as long as it stops. Raises StoreError."""
        asked = self.ask(asker, self.decisions.offers.get(offer_key))
        return asked if isinstance(asked, NotDone) else self.carry_out(asked)

    def carry_out(self, asked: Asked) -> ActionResult | NotDone:
        """Stop an instance that may be stopped. Raises StoreError."""
        result = asked.result(new_action_id(), outcome=Outcome.PENDING)
        refused = self.acting.begin(asked, result, before={"state": "running"}, after={"state": "stopped"})
        return refused or self.acting.call(asked, result, partial(self._stop, asked.offer))

    def _stop(self, offer: Offer, actor: Actor) -> StepResult:
        """Stop an instance. AWS only begins it, so that what came of it is not known yet."""
        subject = offer.subject
        answer = self.ec2.stop(actor, subject.target, subject.id)
        is_begun = answer.outcome is StepOutcome.DONE and not answer.is_dry_run
        return StepResult(StepOutcome.UNKNOWN, request_id=answer.request_id) if is_begun else answer
