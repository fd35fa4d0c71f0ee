"""Writes the owner that triage assigned into the tag `bailiff:owner`, for everybody who reads the AWS console."""

from dataclasses import dataclass, replace
from functools import partial

from bailiff_bot.domain.action import Action, Brake
from bailiff_bot.domain.action_result import Outcome
from bailiff_bot.domain.aws_step import Actor, StepResult
from bailiff_bot.domain.owner_tag import BAILIFF_OWNER_TAG
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.acting import Acting, new_action_id
from bailiff_bot.usecases.asked import Asked
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ec2 import Ec2Actions


@dataclass(frozen=True, slots=True)
class OwnerTagging:
    """Writes the tag, where *Rename* is allowed. The assignment counts without it as well."""

    decisions: Decisions
    acting: Acting
    ec2: Ec2Actions

    def write(self, asked: Asked, address: str) -> None:
        """Write the tag of an instance that was assigned, unless that is not allowed. Raises StoreError."""
        if not self._is_allowed(asked):
            return
        tagging = replace(asked, request=replace(asked.request, action=Action.TAG))
        result = tagging.result(new_action_id(), reason=address, outcome=Outcome.PENDING)
        before = {"tag": asked.row.instance.tags.get(BAILIFF_OWNER_TAG, "")}
        if self.acting.begin(tagging, result, before=before, after={"tag": BAILIFF_OWNER_TAG}) is None:
            self.acting.call(tagging, result, partial(self._tag, asked.offer.subject, address))

    def _tag(self, subject: Subject, address: str, actor: Actor) -> StepResult:
        return self.ec2.tag(actor, subject.target, subject.id, BAILIFF_OWNER_TAG, address)

    def _is_allowed(self, asked: Asked) -> bool:
        facts, request = self.decisions.facts, asked.request
        is_enabled = Action.RENAME in self.decisions.enabled
        if not is_enabled or asked.row.controller is not None or not asked.asker.is_confirmed:
            return False
        has_role = facts.has_role(Action.RENAME, asked.offer.subject.target.account)
        return has_role and facts.brake(asked.asker.user_id, Action.TAG, request.at) is Brake.NONE
