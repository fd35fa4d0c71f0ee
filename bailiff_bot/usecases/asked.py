"""What somebody asks for, with all that was read to decide it, and why it was not done."""

from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.action import Action, Refusal, Request
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.instance_details import InstanceDetails
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.aws_refusals import NO_FACTS, RefusalFacts
from bailiff_bot.usecases.current_instances import Current


@dataclass(frozen=True, slots=True)
class NotDone:
    """Nothing was done."""

    action: Action
    reason: Refusal | None
    """None: the button is unknown, or too old."""
    offer: Offer | None = None
    owners: str = ""
    """Who may do it instead, as text for people."""
    earlier: ActionResult | None = None
    """What came of the same click before, if that is the reason."""
    facts: RefusalFacts = NO_FACTS
    """What the sentence says besides the reason."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An action that somebody asks for, with all that was read to decide it."""

    request: Request
    asker: Asker
    offer: Offer
    current: Current
    details: InstanceDetails | None = None
    """What the role sees that does it; None for what changes nothing in AWS, and where an earlier refusal applies."""
    why_unread: str = ""
    """Why that role could not read it, without a full stop; empty if it could, or was not asked."""
    delegation: Delegation | None = None
    """By which the asker acts for an owner; None for who owns the instance, and for who does not own it at all."""

    @property
    def row(self) -> Row:
        """The instance as it is now. Only an action that is not refused has one."""
        if not isinstance(self.current.row, Row):
            raise TypeError("an instance that was not read is refused")
        return self.current.row

    @property
    def known_details(self) -> InstanceDetails:
        """What the role sees that does it. Only an action in AWS that is not refused has them."""
        if self.details is None:
            raise TypeError("an instance that the role did not read is refused")
        return self.details

    @property
    def owner(self) -> Person:
        """The owner in whose name it is asked: the asker, or the one for whom the asker acts."""
        if self.delegation is None:
            return person_of(self.asker)
        return Person(self.delegation.owner_id, self.delegation.owner_name, self.delegation.owner_address)

    @property
    def owners(self) -> tuple[str, ...]:
        """The e-mail addresses of the owners as they are now."""
        return tuple(sorted(self.row.identity.addresses))

    @property
    def acted_for(self) -> str:
        """The name of the owner for whom the asker acts; empty if the asker acts for nobody."""
        return self.delegation.owner_name if self.delegation else ""

    def result(
        self, made_id: str, until: datetime | None = None, reason: str = "", outcome: Outcome = Outcome.DONE
    ) -> ActionResult:
        """Return what came of it. `made_id` is the id of what was made or ended."""
        asker, request = self.asker, self.request
        return ActionResult(
            self.offer,
            request.action,
            asker.user_id,
            asker.name,
            request.at,
            made_id,
            until,
            reason,
            self.acted_for,
            self.owners,
            outcome,
        )

    def record(
        self, result: AuditResult = AuditResult.DONE, before: State | None = None, after: State | None = None
    ) -> AuditRecord:
        """Return the audit record of what came of it. `after` says for whom it was done, too."""
        acted_for: State = {"for": self.owner} if self.delegation else {}
        return AuditRecord(
            self.request.at,
            person_of(self.asker),
            str(self.request.action),
            result,
            self.offer.subject,
            why=self.request.input.reason,
            message=self.offer.message,
            before=before or {},
            after={**(after or {}), **acted_for},
            request_id=self.offer.key,
        )


def person_of(asker: Asker) -> Person:
    """Return who asks, for the audit log."""
    return Person(asker.user_id, asker.name, asker.address)
