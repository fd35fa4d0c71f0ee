"""Carries deletions on: makes their images, decides each again when it is due, and only then terminates."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bailiff_bot.domain.action import (
    Action,
    ActionInput,
    Brake,
    DueDeletion,
    ImageState,
    Refusal,
    UnreadInstance,
    Verdict,
)
from bailiff_bot.domain.action_progress import CALL_TIME
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.aws_step import Actor, StepOutcome
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.deletion import IMAGE_TIME, Deletion, DeletionStage, launch_url
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance
from bailiff_bot.errors import BailiffError
from bailiff_bot.usecases.acting import audit_record
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.deleting import Images
from bailiff_bot.usecases.ec2 import Ec2Actions
from bailiff_bot.usecases.instance_updates import InstanceUpdates

_RETRIED = frozenset({Refusal.UNREAD, Refusal.CANNOT_CHECK_YOU})
"""Refusals that may be over in a minute."""
_RETRY_TIME = timedelta(days=1)
"""So long after it was due, a deletion waits for AWS, Slack and the directory to answer."""
DUE_REFUSALS = {
    Refusal.NO_IMAGE: "the image of it failed",
    Refusal.NOT_A_MEMBER: "who asked for it is no full member of the workspace any more",
    Refusal.NOT_YOURS: "it belongs to somebody else, or who asked for it may not do it any more",
    Refusal.OWNER_TOO_NEW: "its owner changed only recently",
    Refusal.COMPLIANT: "it breaks no rule any more",
    Refusal.NOT_ABANDONED: "it has not been stopped for long enough",
    Refusal.WRONG_STATE: "it was started since",
    Refusal.BUSY: "it was started since",
    Refusal.EXEMPT: "somebody keeps it since",
    Refusal.GONE: "it did not exist any more",
    Refusal.PROTECTED: "it was protected since",
    Refusal.NOT_ENABLED: "deleting was switched off since",
    Refusal.MANAGED: "a controller manages it since",
    Refusal.SPOT_REQUEST: "its spot request would start another one",
    Refusal.BRAKE: "the brake is on",
    Refusal.UNREAD: "AWS did not show it for a day",
    Refusal.CANNOT_CHECK_YOU: "Slack or the people directory did not answer for a day",
}
"""Why a deletion is not done in the end, after "it was not deleted: "."""

log = structlog.get_logger()


class DeletionStore(Protocol):
    """Stores deletions. Raises StoreError."""

    def open(self) -> tuple[Deletion, ...]:
        """Return the deletions that are not over."""
        ...

    def begin_terminating(self, deletion: Deletion, at: datetime, record: AuditRecord) -> bool:
        """Save that AWS is about to be asked. Returns False if the brake is on, or another process changed it."""
        ...

    def mark_told(self, deletion: Deletion, at: datetime) -> bool:
        """Save when the owners were told that a deletion was asked for. Returns False if they were not."""
        ...

    def settle(self, deletion: Deletion, result: ActionResult, record: AuditRecord) -> bool:
        """Save what came of a deletion. Returns False if it is not in its stage any more."""
        ...


@dataclass(frozen=True, slots=True)
class DueDeletions:
    """Carries deletions on. Each step is taken by one process, and looks at AWS first."""

    decisions: Decisions
    store: DeletionStore
    images: Images
    ec2: Ec2Actions
    updates: InstanceUpdates
    asker: Callable[[str], Asker]
    """Returns a Slack user, by id, as Slack says now."""
    executor: Executor
    clock: Clock
    refresh: Callable[[Sequence[ActionResult]], None]
    """Renders again the messages that list what results were done to."""

    def run_due(self) -> None:
        """Do the next step of each deletion that has one now. Raises StoreError."""
        for _ in self.executor.map(self._carry_on, self.store.open()):
            pass  # the first error is raised, after all were begun

    def _carry_on(self, deletion: Deletion) -> None:
        steps = {
            DeletionStage.IMAGING: self._find_image,
            DeletionStage.WAITING: self._decide_again,
            DeletionStage.TERMINATING: self._look,
        }
        try:
            steps[deletion.stage](deletion)
        except BailiffError as error:
            log.error("deletion.not_carried_on", instance=deletion.instance_id, reason=str(error))

    def _find_image(self, deletion: Deletion) -> None:
        """Find the image that a process asked for before it was killed, or ask for it again."""
        now = self.clock()
        if now - deletion.changed_at < CALL_TIME:
            return  # a process may be asking for it just now
        if now - deletion.due_at >= _RETRY_TIME:
            self._refuse(deletion, Refusal.NO_IMAGE)
            return
        if self.decisions.facts.brake_of_due() is not Brake.NONE:
            return
        made = self.images.make(deletion, " ".join(deletion.result.owners))
        if made.stage is DeletionStage.OVER:
            self.refresh([made.result])

    def _decide_again(self, deletion: Deletion) -> None:
        now = self.clock()
        if deletion.told_at is None:
            self.store.mark_told(deletion, now)
            return
        if now < deletion.due_at:
            return
        image = self._image_state(deletion)
        if image is None:
            self._give_up(deletion, Refusal.UNREAD, now)
            return
        asker = self.asker(deletion.result.user_id)
        typed = ActionInput(confirmation=deletion.instance_id)
        due = DueDeletion(image, asked_at=deletion.result.at)
        asked = self.decisions.ask(asker, deletion.result.offer, Action.DELETE, typed, due=due)
        outcome = self.decisions.decide(asked).outcome
        if outcome is Verdict.DO:
            self._terminate(deletion, asker)
        elif outcome is Verdict.WAIT:
            self._wait_for_image(deletion, now)
        elif outcome in _RETRIED:
            self._give_up(deletion, Refusal(outcome), now)
        else:
            self._refuse(deletion, Refusal(outcome))

    def _image_state(self, deletion: Deletion) -> ImageState | None:
        """Return what became of the image; None if AWS does not say it now."""
        if not deletion.image_id:
            return ImageState.FAILED if deletion.image_name else ImageState.OFF
        actor = Actor(deletion.result.user_id, deletion.address)
        found = self.ec2.image(actor, deletion.target, image_id=deletion.image_id)
        if isinstance(found, Gap):
            return None
        return found.state if found else ImageState.FAILED

    def _wait_for_image(self, deletion: Deletion, now: datetime) -> None:
        if now - deletion.due_at >= IMAGE_TIME:
            self._refuse(deletion, Refusal.NO_IMAGE)

    def _give_up(self, deletion: Deletion, refusal: Refusal, now: datetime) -> None:
        """End a deletion for which nobody answered for long."""
        if now - deletion.due_at >= _RETRY_TIME:
            self._refuse(deletion, refusal)

    def _terminate(self, deletion: Deletion, asker: Asker) -> None:
        at = self.clock()
        record = audit_record(deletion.result, AuditResult.BEGUN, at)
        if not self.store.begin_terminating(deletion, at, record):
            return  # cancelled, braked, or another process is first
        terminating = replace(deletion, stage=DeletionStage.TERMINATING, changed_at=at)
        answer = self.ec2.terminate(Actor(asker.user_id, asker.address), deletion.target, deletion.instance_id)
        log.info("action.called", action="delete", instance=deletion.instance_id, outcome=str(answer.outcome))
        if answer.outcome is StepOutcome.UNKNOWN:
            return  # `_look` finds out
        is_done = answer.outcome is StepOutcome.DONE
        done = Outcome.DRY_RUN if answer.is_dry_run else Outcome.DONE
        detail = deletion.image_id if done is Outcome.DONE and is_done else answer.reason
        self._settle(terminating, done if is_done else Outcome.FAILED, detail, answer.request_id)

    def _look(self, deletion: Deletion) -> None:
        """Find out whether a process terminated the instance before it was killed. If not, decide again.

        It stays in its stage, so that nobody is told that it is cancelled while a call may still arrive.
        """
        found = self.updates.read(deletion.result.offer.subject)
        if not isinstance(found, Instance):
            if found is UnreadInstance.GONE:
                self._settle(deletion, Outcome.DONE, deletion.image_id)
            elif self.clock() - deletion.due_at >= _RETRY_TIME:
                self._settle(deletion, Outcome.UNKNOWN, "AWS did not show it for a day")
            return
        if self.clock() - deletion.due_at >= _RETRY_TIME:
            self._settle(deletion, Outcome.UNKNOWN, "AWS did not answer for a day")
            return
        if self.clock() - deletion.changed_at >= CALL_TIME:
            self._decide_again(deletion)

    def _refuse(self, deletion: Deletion, refusal: Refusal) -> None:
        reason = f"it was not deleted: {DUE_REFUSALS.get(refusal, str(refusal))}"
        self._settle(deletion, Outcome.FAILED, reason)

    def _settle(self, deletion: Deletion, outcome: Outcome, detail: str, request_id: str = "") -> None:
        at = self.clock()
        result = replace(deletion.result, outcome=outcome, settled_at=at, detail=detail)
        record = audit_record(result, _AUDIT_RESULTS[outcome], at, request_id)
        reason = "" if outcome is Outcome.DONE else record.reason  # its detail is the image
        if self.store.settle(deletion, result, replace(record, reason=reason, after=_after(deletion))):
            if outcome is Outcome.DONE:
                self.updates.read(result.offer.subject)
            self.refresh([result])


_AUDIT_RESULTS = {
    Outcome.DONE: AuditResult.DONE,
    Outcome.DRY_RUN: AuditResult.DONE,
    Outcome.FAILED: AuditResult.FAILED,
    Outcome.UNKNOWN: AuditResult.UNKNOWN,
}


def _after(deletion: Deletion) -> dict[str, str]:
    if not deletion.image_id:
        return {"action": deletion.id}
    url = launch_url(deletion.target, deletion.image_id)
    return {"action": deletion.id, "image": deletion.image_id, "launch": url}
