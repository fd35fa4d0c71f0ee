"""Decides whether an action is done, from what is read at this moment. Every action is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action import (
    AWS_ACTIONS,
    Action,
    ActionInput,
    CurrentInstance,
    Done,
    DueDeletion,
    Keeper,
    Membership,
    Refusal,
    Request,
    Undone,
    UnreadInstance,
)
from bailiff_bot.domain.action import Person as ActionPerson
from bailiff_bot.domain.action_decision import Decision, decide
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delegation import Delegation, covering
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.own_identifiers import own_identifiers
from bailiff_bot.domain.owner import owner_label
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.run_by_others import is_in_stack, is_scheduled
from bailiff_bot.domain.usage import UsageVerdict
from bailiff_bot.messages.aws_refusals import RefusalFacts
from bailiff_bot.messages.instance_line import console_url
from bailiff_bot.usecases.acting_facts import ActingFacts, with_details
from bailiff_bot.usecases.asked import Asked, NotDone, person_of
from bailiff_bot.usecases.current_instances import Current, CurrentInstances
from bailiff_bot.usecases.stores import AuditLog, DelegationReader

_OFFERED_WITH: Mapping[Action, Action] = {Action.ASSIGN: Action.NOT_MINE}
"""Actions that `BAILIFF_ACTIONS` does not name, and the one with which each is offered."""


class OfferReader(Protocol):
    """Finds offers. Raises StoreError."""

    def get(self, key: str) -> Offer | None:
        """Return the offer with this key; None if there is none."""
        ...


class ResultReader(Protocol):
    """Finds what came of clicks. Raises StoreError."""

    def get(self, offer_key: str, action: Action) -> ActionResult | None:
        """Return what came of an offer; None if it was not done."""
        ...


@dataclass(frozen=True, slots=True)
class Decisions:
    """Reads what an action is about again, and decides whether it is done. Methods raise StoreError."""

    enabled: frozenset[Action]
    limits: ActionLimits
    admins: frozenset[str]
    """The ids of Slack users."""
    offers: OfferReader
    results: ResultReader
    delegations: DelegationReader
    audit: AuditLog
    current: CurrentInstances
    clock: Clock
    facts: ActingFacts
    schedule_tags: tuple[str, ...] = ()
    """The keys of the tags of instances that a scheduler starts."""

    def ask(  # noqa: PLR0913, PLR0917 - who asks for what, and what was typed
        self,
        asker: Asker,
        offer: Offer,
        action: Action,
        typed: ActionInput | None = None,
        undone: Undone | None = None,
        due: DueDeletion | None = None,
    ) -> Asked:
        """Return what somebody asks for, after AWS and the directory were asked.

        Without `typed` a form is opened, or there is none. A deletion that is `due` was begun before, and took its
        slot then.
        """
        current = self.current.find(offer.subject)
        delegation = self._delegation(asker, current.row)
        changes_aws, now = action in AWS_ACTIONS or _is_restart(undone), self.clock()
        person = self._person(asker, delegation, current, changes_aws=changes_aws)
        request = Request(
            action,
            person,
            self._current_instance(asker, action, current.row, due),
            now,
            directory_read=person.owns or not current.people.gaps,
            is_enabled=self._is_enabled(action, offer.subject.target.account),
            done=Done.NO if due else _done(self.results.get(offer.key, action)),
            brake=self.facts.brake_of_due() if due else self.facts.brake(asker.user_id, action, now),
            input=typed or ActionInput(),
            is_form=typed is None,
            undone=undone,
            due=due,
        )
        return self._with_details(Asked(request, asker, offer, current, delegation=delegation))

    def decide(self, asked: Asked) -> Decision:
        """Return whether it is done, and what to say before it is confirmed."""
        people = asked.current.people
        known = frozenset(people.addresses) if people.complete else None
        return decide(asked.request, replace(self.limits, known_identifiers=known))

    def _is_enabled(self, action: Action, account: str) -> bool:
        return _OFFERED_WITH.get(action, action) in self.enabled and self.facts.has_role(action, account)

    def _with_details(self, asked: Asked) -> Asked:
        """Return what is asked with what the role sees that does it, unless it is refused without that.

        So nobody else's click makes Bailiff assume a role.
        """
        request = asked.request
        instance = request.instance
        is_refused = isinstance(self.decide(asked).outcome, Refusal)
        if request.action not in AWS_ACTIONS or not isinstance(instance, CurrentInstance) or is_refused:
            return asked
        details = self.facts.details(request.action, asked.asker, asked.offer.subject)
        if isinstance(details, Gap):
            unread = replace(request, instance=UnreadInstance.UNREAD)
            return replace(asked, request=unread, why_unread=_why(details))
        if details is None:
            return replace(asked, request=replace(request, instance=UnreadInstance.GONE))
        return replace(asked, details=details, request=replace(request, instance=with_details(instance, details)))

    def _person(
        self, asker: Asker, delegation: Delegation | None, current: Current, *, changes_aws: bool
    ) -> ActionPerson:
        owns = _is_own(asker, current.row) or delegation is not None
        is_admin = asker.user_id in self.admins
        # AWS logs the address of the person, so it must be theirs.
        is_unknown = changes_aws and asker.membership is Membership.FULL and not asker.is_confirmed
        membership = Membership.UNASKED if is_unknown else asker.membership
        if not changes_aws or not isinstance(current.row, Row) or not owns:
            return ActionPerson(membership, owns, is_admin=is_admin)
        address = delegation.owner_address if delegation else asker.address
        owner_for = self.facts.owner_ages.owned_for(subject_of(current.row), address, self.clock())
        identifiers = own_identifiers(address, current.people, current.row.identity)
        return ActionPerson(membership, owns, owner_for, is_admin, identifiers)

    def _current_instance(
        self, asker: Asker, action: Action, row: Row | UnreadInstance, due: DueDeletion | None
    ) -> CurrentInstance | UnreadInstance:
        if isinstance(row, UnreadInstance):
            return row
        broken = {finding.rule for finding in (*row.findings, *row.kept)}
        # No rule is asked about what a tag exempts, so it is refused for the tag: the state says nothing of it.
        is_tagged = action in AWS_ACTIONS and row.exempted is not None and not row.kept
        return CurrentInstance(
            row.instance.id,
            row.instance.name or "",
            row.instance.state,
            is_compliant=not broken and not is_tagged,
            is_abandoned=RuleId.DELETED_WHEN_ABANDONED in broken or is_tagged,
            is_managed=row.controller is not None,
            kept_by=self._keeper(asker, row, due.asked_at if due else None),
            is_scheduled=is_scheduled(row.instance, self.schedule_tags),
            is_in_stack=is_in_stack(row.instance),
            is_used=row.case.usage.verdict is UsageVerdict.USED,
        )

    def _keeper(self, asker: Asker, row: Row, asked_at: datetime | None) -> Keeper:
        """Return whose exemption an instance has. A tag is everybody's.

        One that was granted after a deletion was asked for, at `asked_at`, counts as another's: it stops the deletion.
        """
        if row.exempted is None:
            return Keeper.NOBODY
        granted = self.current.grants_of(row)
        is_own = bool(granted) and all(_is_own_grant(grant, asker, asked_at) for grant in granted)
        return Keeper.SELF if is_own else Keeper.OTHERS

    def acting_for(self, asker: Asker, owner_id: str, row: Row | UnreadInstance) -> Delegation | None:
        """Return by which delegation somebody acts on this for a user, who may be no owner of it now; else None."""
        if isinstance(row, UnreadInstance):
            return None
        found = self.delegations.of_delegate(asker.user_id, self.clock())
        return next((one for one in found if one.owner_id == owner_id and one.is_about(row.identity.identifier)), None)

    def _delegation(self, asker: Asker, row: Row | UnreadInstance) -> Delegation | None:
        """Return the first delegation by which somebody acts on what is not their own; None if there is none."""
        if isinstance(row, UnreadInstance) or _is_own(asker, row):
            return None
        found = covering(self.delegations.of_delegate(asker.user_id, self.clock()), row.identity)
        return found[0] if found else None

    def refused(self, asked: Asked) -> NotDone | None:
        """Return why it is not done, after that is in the audit log; None if it is to be done."""
        outcome = self.decide(asked).outcome
        if not isinstance(outcome, Refusal):
            return None
        self.audit.append(replace(asked.record(AuditResult.REFUSED), reason=str(outcome), why=""))
        action, row = asked.request.action, asked.current.row
        owners = owner_label(row.identity) if isinstance(row, Row) and row.identity.candidates else ""
        # Who is refused for another reason, such as a guest, is not shown what others did.
        earlier = self.results.get(asked.offer.key, action) if outcome is Refusal.DONE_ALREADY else None
        return NotDone(action, outcome, asked.offer, owners, earlier, self.refusal_facts(asked))

    def refusal_facts(self, asked: Asked) -> RefusalFacts:
        """Return what a refusal says of what was asked for."""
        # An action that is offered, and not enabled all the same, has no role in the account.
        account = asked.offer.subject.target.account if asked.request.action in self.enabled else ""
        row = asked.current.row
        url = console_url(row.instance) if isinstance(row, Row) else ""
        return RefusalFacts(asked.request, self.limits.owner_settled, account, url, asked.why_unread)

    def record_wrong_input(self, asker: Asker, action: Action, offer: Offer | None) -> None:
        """Record that what somebody typed is not acceptable, which was found before anything was read."""
        about = (offer.subject, offer.message, offer.key) if offer else (None, "", "")
        subject, message, request_id = about
        reason = str(Refusal.INPUT)
        self.audit.append(
            AuditRecord(
                self.clock(),
                person_of(asker),
                str(action),
                AuditResult.REFUSED,
                subject,
                reason=reason,
                message=message,
                request_id=request_id,
            )
        )

    def unknown(self, asker: Asker, action: Action) -> NotDone:
        """Return the answer to a button that Bailiff does not know, after that is in the audit log."""
        record = AuditRecord(self.clock(), person_of(asker), str(action), AuditResult.REFUSED, reason="unknown-button")
        self.audit.append(record)
        return NotDone(action, None)


def _is_own(asker: Asker, row: Row | UnreadInstance) -> bool:
    return isinstance(row, Row) and bool(asker.address) and asker.address in row.identity.addresses


def _why(gap: Gap) -> str:
    return "; ".join(filter(None, (gap.reason, gap.remedy)))


def _is_own_grant(grant: Grant, asker: Asker, asked_at: datetime | None) -> bool:
    return grant.granted_by == asker.user_id and (asked_at is None or grant.granted_at <= asked_at)


def _is_restart(undone: Undone | None) -> bool:
    return undone is not None and undone.action is Action.STOP


def _done(earlier: ActionResult | None) -> Done:
    if earlier is None:
        return Done.NO
    return Done.FAILED if earlier.outcome is Outcome.FAILED else Done.YES
