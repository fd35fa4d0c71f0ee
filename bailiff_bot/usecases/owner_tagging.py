"""Writes the owner that triage assigned into the tag `bailiff:owner`, for everybody who reads the AWS console."""

from dataclasses import dataclass, replace

import structlog

from bailiff_bot.domain.action import Action, Brake
from bailiff_bot.domain.audit import AuditResult, State
from bailiff_bot.domain.aws_step import StepOutcome
from bailiff_bot.domain.owner_tag import BAILIFF_OWNER_TAG
from bailiff_bot.usecases.acting_facts import actor_of
from bailiff_bot.usecases.asked import Asked
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ec2 import Ec2Actions

_AUDIT_RESULTS = {
    StepOutcome.DONE: AuditResult.DONE,
    StepOutcome.REFUSED: AuditResult.FAILED,
    StepOutcome.UNKNOWN: AuditResult.UNKNOWN,
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OwnerTagging:
    """Writes the tag, where *Rename* is allowed. The assignment counts without it as well."""

    decisions: Decisions
    ec2: Ec2Actions

    def write(self, asked: Asked, address: str) -> None:
        """Write the tag of an instance that was assigned, unless that is not allowed. Raises StoreError."""
        if not self._is_allowed(asked):
            return
        subject, after = asked.offer.subject, {"tag": f"{BAILIFF_OWNER_TAG}"}
        self._record(asked, AuditResult.BEGUN, after)
        answer = self.ec2.tag(actor_of(asked.asker), subject.target, subject.id, BAILIFF_OWNER_TAG, address)
        log.info("action.called", action="tag", instance=subject.id, outcome=str(answer.outcome), code=answer.code)
        reason = "dry run" if answer.is_dry_run else answer.reason
        self._record(asked, _AUDIT_RESULTS[answer.outcome], after, reason)

    def _is_allowed(self, asked: Asked) -> bool:
        facts, request = self.decisions.facts, asked.request
        is_enabled = Action.RENAME in self.decisions.enabled
        if not is_enabled or asked.row.controller is not None or not asked.asker.is_confirmed:
            return False
        has_role = facts.has_role(Action.RENAME, asked.offer.subject.target.account)
        return has_role and facts.brake(asked.asker.user_id, Action.RENAME, request.at) is Brake.NONE

    def _record(self, asked: Asked, came_of_it: AuditResult, after: State, reason: str = "") -> None:
        record = replace(asked.record(came_of_it), action="tag", after=after, reason=reason)
        self.decisions.audit.append(record)
