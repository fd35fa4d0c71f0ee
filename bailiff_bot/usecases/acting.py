"""An action in AWS: what is intended is saved, AWS is called, what came of it is saved. Each exactly once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Protocol

import structlog

from bailiff_bot.domain.action import AWS_ACTIONS, Refusal
from bailiff_bot.domain.action_brakes import Brakes
from bailiff_bot.domain.action_progress import START_TIME
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.aws_step import Actor, StepOutcome, StepResult
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.acting_facts import actor_of
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions

Call = Callable[[Actor], StepResult]
"""Calls AWS for a person. Raises nothing."""

_OUTCOMES = {
    StepOutcome.DONE: Outcome.DONE,
    StepOutcome.REFUSED: Outcome.FAILED,
    StepOutcome.UNKNOWN: Outcome.PENDING,  # `Recovery` looks at the instance before it says what came of it
}
_AUDIT_RESULTS = {
    Outcome.DONE: AuditResult.DONE,
    Outcome.DRY_RUN: AuditResult.DONE,
    Outcome.FAILED: AuditResult.FAILED,
    Outcome.UNKNOWN: AuditResult.UNKNOWN,
}

_TOO_LATE = "Bailiff took too long to ask AWS, so nothing was changed: try again"

log = structlog.get_logger()


class ActingStore(Protocol):
    """Stores actions in AWS. Raises StoreError."""

    def begin(self, result: ActionResult, brakes: Brakes | None, record: AuditRecord) -> Refusal | None:
        """Save that an action is about to be tried, with its slot; return why it may not begin, if so."""
        ...

    def note_request(self, result: ActionResult, request_id: str) -> None:
        """Save AWS's id of the request of an action that is still pending, as its `detail`."""
        ...

    def settle(self, result: ActionResult, record: AuditRecord, ends: tuple[str, ...] = ()) -> bool:
        """Save what came of it, and end exemptions. Returns False, and saves nothing, if that was saved before."""
        ...


@dataclass(frozen=True, slots=True)
class Acting:
    """Carries out actions in AWS that were decided."""

    decisions: Decisions
    store: ActingStore
    clock: Clock
    read_again: Callable[[Subject], object]
    """Reads an instance and saves it, so that every view shows it as it is. Raises StoreError."""

    def begin(self, asked: Asked, result: ActionResult, before: State, after: State) -> NotDone | None:
        """Save that it is about to be tried; return why it may not begin, if so. Raises StoreError."""
        is_counted = asked.request.action in AWS_ACTIONS  # undoing takes no slot
        brakes = self.decisions.facts.brakes.read() if is_counted else None
        record = asked.record(AuditResult.BEGUN, before=before, after={**after, "action": result.made_id})
        refusal = self.store.begin(result, brakes, record)
        if refusal is None:
            return None
        is_earlier = refusal is Refusal.DONE_ALREADY
        earlier = self.decisions.results.get(asked.offer.key, asked.request.action) if is_earlier else None
        facts = self.decisions.refusal_facts(asked)
        return NotDone(asked.request.action, refusal, asked.offer, earlier=earlier, facts=facts)

    def call(self, asked: Asked, result: ActionResult, call: Call) -> ActionResult:
        """Call AWS, and save what came of it at once if AWS says it. Raises StoreError.

        A result that is still pending is settled later, by who looks at the instance. Nothing is called after
        `START_TIME`, as when this process slept: by the end of the call, it may have been told as not done.
        """
        if self.clock() - result.at > START_TIME:
            late = replace(result, outcome=Outcome.FAILED, settled_at=self.clock(), detail=_TOO_LATE)
            return self.settle(late)
        answer = call(actor_of(asked.asker))
        log.info(
            "action.called",
            action=str(result.action),
            instance=result.offer.subject.id,
            outcome=str(answer.outcome),
            code=answer.code,
            request_id=answer.request_id,
        )
        outcome = Outcome.DRY_RUN if answer.is_dry_run else _OUTCOMES[answer.outcome]
        if outcome is Outcome.PENDING:
            self.store.note_request(result, answer.request_id)
            return result
        settled = replace(result, outcome=outcome, settled_at=self.clock(), detail=answer.reason)
        saved = self.settle(settled, answer.request_id)
        if saved.outcome is Outcome.DONE:
            self.read_again(saved.offer.subject)
        return saved

    def settle(self, result: ActionResult, request_id: str = "", *, ends: tuple[str, ...] = ()) -> ActionResult:
        """Save what came of an action. Returns what is saved: another process may have been first."""
        record = audit_record(result, _AUDIT_RESULTS[result.outcome], result.settled_at or self.clock(), request_id)
        if self.store.settle(result, record, ends):
            log.info("action.settled", action=str(result.action), outcome=str(result.outcome), reason=result.detail)
            return result
        return self.decisions.results.get(result.offer.key, result.action) or result


def audit_record(result: ActionResult, came_of_it: AuditResult, at: datetime, request_id: str = "") -> AuditRecord:
    """Return the record of a step of an action, or of what came of it. Without AWS's id it has that of the click."""
    offer = result.offer
    return AuditRecord(
        at,
        Person(result.user_id, result.name),
        str(result.action),
        came_of_it,
        offer.subject,
        reason="" if came_of_it is AuditResult.BEGUN else _reason(result),
        message=offer.message,
        after={"action": result.made_id},
        request_id=request_id or offer.key,
    )


def _reason(result: ActionResult) -> str:
    return "dry run" if result.outcome is Outcome.DRY_RUN else result.detail


def new_action_id() -> str:
    """Return an id that nobody can guess. Names of images are made of it, so it has letters, digits, - and _ only."""
    return token_urlsafe(12)
