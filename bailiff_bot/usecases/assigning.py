"""The use case with which triage remembers an owner: decided at the click, and done once."""

from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Protocol

from bailiff_bot.domain.action import Action, Membership, Refusal
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Assignment, Disclaimer, OwnershipClaims, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.triage import TriageState, triage_item
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.owner_tagging import OwnerTagging


class ResultStore(Protocol):
    """Stores what came of clicks, each once. Raises StoreError."""

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        """Return what was done in a message, in the order of time."""
        ...

    def assign(
        self, result: ActionResult, assignment: Assignment, since: datetime, record: AuditRecord
    ) -> ActionResult | None:
        """Save an owner, the result and its record in one transaction. Returns the earlier result if it has one.

        Returns None, and saves nothing, if another owner was assigned from `since` on.
        """
        ...


class OwnershipStore(Protocol):
    """Stores what was said of who owns instances. Raises StoreError."""

    def of(self, subject: Subject) -> OwnershipClaims:
        """Return all that was said of a subject, also what is over."""
        ...


@dataclass(frozen=True, slots=True)
class AssignForm:
    """What is asked before an owner is assigned."""

    click: Click
    offer: Offer
    disclaimers: tuple[Disclaimer, ...]
    """Who said that it is not theirs."""
    wrong: Asker | None = None
    """Who was chosen, and can own nothing: no full member, or without an e-mail address."""


@dataclass(frozen=True, slots=True)
class Assigning:
    """Assigns owners."""

    decisions: Decisions
    forms: Forms
    results: ResultStore
    ownership: OwnershipStore
    policy: Policy
    tagging: OwnerTagging

    def form(self, asker: Asker, click: Click) -> AssignForm | NotDone:
        """Return what to ask somebody who clicked *Assign to...*, after AWS was asked. Raises StoreError."""
        allowed = self._allowed(asker, click)
        if isinstance(allowed, NotDone):
            return allowed
        self.forms.save(click)
        _, form = allowed
        return form

    def assign(self, asker: Asker, click: Click, owner: Asker) -> ActionResult | AssignForm | NotDone:
        """Remember an owner. Returns the form again if this person can own nothing. Raises StoreError."""
        allowed = self._allowed(asker, click)
        if isinstance(allowed, NotDone):
            return allowed
        asked, form = allowed
        if not can_own(owner):
            self._refuse(asked, "no-full-member-with-an-address")
            return replace(form, wrong=owner)
        assignment = self._assignment(asked, owner)
        result = asked.result(assignment.id, reason=owner.name)
        since = max(disclaimer.said_at for disclaimer in form.disclaimers)
        saved = self.results.assign(result, assignment, since, _record(asked, form, assignment))
        if saved == result:  # else another click was first
            self.tagging.write(asked, assignment.address)
        return saved or self._decided(asked)

    def _allowed(self, asker: Asker, click: Click) -> tuple[Asked, AssignForm] | NotDone:
        offer = self.decisions.offers.get(click.offer)
        if offer is None:
            return self.decisions.unknown(asker, Action.ASSIGN)
        asked = self.decisions.ask(asker, offer, Action.ASSIGN)
        if refused := self.decisions.refused(asked):
            return refused
        undecided = self._undecided(asked)
        return (asked, AssignForm(click, offer, undecided)) if undecided else self._decided(asked)

    def _undecided(self, asked: Asked) -> tuple[Disclaimer, ...]:
        claims, now = self.ownership.of(asked.offer.subject), asked.request.at
        items = (triage_item(one, claims.assignments, asked.row, self.policy, now) for one in claims.disclaimers)
        return tuple(item.disclaimer for item in items if item.state is TriageState.OPEN)

    def _decided(self, asked: Asked) -> NotDone:
        """Return that it was decided before, with what came of it in the same message."""
        self._refuse(asked, str(Refusal.DONE_ALREADY))
        earlier = [
            one
            for one in self.results.of_message(asked.offer.message)
            if one.action is Action.ASSIGN and one.offer.subject == asked.offer.subject
        ]
        return NotDone(Action.ASSIGN, Refusal.DONE_ALREADY, asked.offer, earlier=earlier[-1] if earlier else None)

    def _refuse(self, asked: Asked, reason: str) -> None:
        self.decisions.audit.append(replace(asked.record(AuditResult.REFUSED), reason=reason))

    def _assignment(self, asked: Asked, owner: Asker) -> Assignment:
        return Assignment(
            id=token_urlsafe(12),
            subject=asked.offer.subject,
            user_id=owner.user_id,
            name=owner.name,
            address=owner.address,
            assigned_by=asked.asker.user_id,
            assigner=asked.asker.name,
            assigned_at=asked.request.at,
            fingerprint=ownership_fingerprint(asked.row.instance, self.policy),
        )


def can_own(person: Asker) -> bool:
    """Return True if somebody can be an owner: a full member with an e-mail address."""
    return person.membership is Membership.FULL and bool(person.address)


def _record(asked: Asked, form: AssignForm, assignment: Assignment) -> AuditRecord:
    said_by = tuple(Person(one.user_id, one.name, one.address) for one in form.disclaimers)
    owner = Person(assignment.user_id, assignment.name, assignment.address)
    before: State = {"not theirs": said_by}
    return asked.record(before=before, after={"owner": owner, "assignment": assignment.id})
