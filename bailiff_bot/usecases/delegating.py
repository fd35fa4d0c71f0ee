"""The use cases by which an owner lets somebody act for them, and by which either of the two ends that."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Protocol

from bailiff_bot.domain.action import Action, Membership, Refusal
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delegation import DEFAULT_TIME, Delegation, identifiers_of
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.messages.delegations import (
    NO_ADDRESS,
    NOT_ONESELF,
    begun,
    delegation_list,
    ended_text,
    not_a_member,
    not_your_delegation,
    not_your_identifier,
    nothing_to_end,
    notice_of_begin,
    notice_of_end,
)
from bailiff_bot.messages.document import Document, sentence
from bailiff_bot.messages.refusals import UNKNOWN_BUTTON, refusal_sentence
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.stores import AuditLog

DELEGATION_NOTICE = "delegation"
"""The kind of the batch."""
DELEGATE, END_DELEGATION = "delegate", "end-delegation"
"""The actions in the audit log."""
_NOTICE_EXPIRES_AFTER = timedelta(days=1)


class DelegationStore(Protocol):
    """Stores delegations. Each method is one transaction and raises StoreError."""

    def begin(self, delegation: Delegation, notice: BatchPlan, record: AuditRecord) -> None:
        """Save a delegation instead of those to the same person, the plan of the notice, and the audit record."""
        ...

    def end(self, delegation_id: str, at: datetime, notice: BatchPlan, record: AuditRecord) -> bool:
        """End a delegation, and save the plan and the record. Returns False if it is over by then, or unknown."""
        ...

    def get(self, delegation_id: str) -> Delegation | None:
        """Return the delegation with this id; None if there is none."""
        ...

    def of_owner(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those that a user gave and that are not over."""
        ...

    def of_delegate(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those by which a user acts for somebody now."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an owner asks for."""

    delegate_id: str
    delegate: Owner | NoOwner
    """Who should act, or why this user cannot."""
    name: str
    """What the user is called if `delegate` is no name."""
    time: timedelta | None = None
    """For how long; None if the owner did not say."""
    identifier: str = ""
    """Upper case; empty: all of the owner's instances."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a click on *End*."""

    text: str
    is_over: bool
    """False if the delegation goes on, or is unknown."""


@dataclass(frozen=True, slots=True)
class Delegating:
    """Begins and ends delegations, and tells the other person in a direct message."""

    store: DelegationStore
    audit: AuditLog
    reports: Reports
    planner: Planner
    outbox: Outbox
    messages: ReportMessages
    clock: Clock

    def begin(self, owner: Person, wanted: Wanted) -> Document:
        """Let somebody act for an owner, and return the answer. Raises StoreError."""
        delegate = wanted.delegate
        if isinstance(delegate, NoOwner):
            return self._refuse(owner, wanted, "not-a-member", not_a_member(wanted.name, delegate.reason))
        if refused := self._why_not(owner, wanted):
            return self._refuse(owner, wanted, *refused)
        delegation = self._delegation(owner, delegate, wanted)
        replaced = self._of(owner.user_id, delegate.user_id)
        zone = self.messages.zone
        notice = self._notice(delegation, delegate.user_id, notice_of_begin(delegation, replaced, zone), "begins")
        before = _state(replaced) if replaced else {}
        record = AuditRecord(
            delegation.since, owner, DELEGATE, AuditResult.DONE, before=before, after=_state(delegation)
        )
        self.store.begin(delegation, notice, record)
        self.outbox.submit(notice.batch)
        return begun(delegation, replaced, zone)

    def _why_not(self, owner: Person, wanted: Wanted) -> tuple[str, str] | None:
        """Return why somebody does not become a delegate: for the audit log, and for the owner."""
        if wanted.delegate_id == owner.user_id:
            return "oneself", NOT_ONESELF
        if not owner.address:
            return "no-address", NO_ADDRESS
        if not wanted.identifier:
            return None
        people = self.reports.people()
        own = identifiers_of(owner.address, people, self.reports.current())
        if wanted.identifier in own:
            return None
        return "not-their-identifier", not_your_identifier(wanted.identifier, own, bool(people.gaps))

    def _delegation(self, owner: Person, delegate: Owner, wanted: Wanted) -> Delegation:
        now = self.clock()
        return Delegation(
            id=token_urlsafe(16),
            owner_id=owner.user_id,
            owner_name=owner.name,
            owner_address=owner.address,
            delegate_id=delegate.user_id,
            delegate_name=delegate.name,
            identifier=wanted.identifier,
            since=now,
            until=now + (wanted.time or DEFAULT_TIME),
        )

    def end_of(self, owner: Person, delegate_id: str, name: str) -> Document:
        """End what an owner gave to somebody, whom they call `name`, and return the answer. Raises StoreError."""
        delegation = self._of(owner.user_id, delegate_id)
        return sentence(self._end(delegation, owner).text) if delegation else nothing_to_end(name)

    def end(self, asker: Asker, delegation_id: str) -> Ended:
        """End a delegation for its owner or its delegate, unless that is refused. Raises StoreError."""
        person = Person(asker.user_id, asker.name, asker.address)
        delegation = self.store.get(delegation_id)
        if delegation is None:
            return self._refuse_end(person, "unknown-button", UNKNOWN_BUTTON)
        refusal = _REFUSALS.get(asker.membership, Refusal.NOT_A_MEMBER)
        if refusal:
            return self._refuse_end(person, str(refusal), refusal_sentence(Action.END, refusal, ""), delegation)
        if not delegation.is_of(asker.user_id):
            return self._refuse_end(person, str(Refusal.NOT_YOURS), not_your_delegation(), delegation)
        return self._end(delegation, person)

    def _end(self, delegation: Delegation, by: Person) -> Ended:
        """End a delegation, or say that it was over before."""
        now, zone = self.clock(), self.messages.zone
        other = delegation.delegate_id if by.user_id == delegation.owner_id else delegation.owner_id
        told = notice_of_end(delegation, by.name or by.user_id, other, zone, now)
        notice = self._notice(delegation, other, told, "ends")
        after: State = {"until": now.isoformat()}
        record = AuditRecord(now, by, END_DELEGATION, AuditResult.DONE, before=_state(delegation), after=after)
        if self.store.end(delegation.id, now, notice, record):
            self.outbox.submit(notice.batch)
            return Ended(ended_text(delegation, by.user_id, now, zone), is_over=True)
        over = self.store.get(delegation.id) or delegation
        refused = self._refuse_end(by, str(Refusal.DONE_ALREADY), "", over)
        return replace(refused, text=ended_text(over, by.user_id, over.until, zone), is_over=True)

    def list_of(self, user_id: str, note: str = "") -> Document:
        """Return who acts for a user, and for whom the user acts, with buttons to end it. Raises StoreError."""
        now = self.clock()
        given, received = self.store.of_owner(user_id, now), self.store.of_delegate(user_id, now)
        return delegation_list(given, received, self.messages.zone, note)

    def _of(self, owner_id: str, delegate_id: str) -> Delegation | None:
        given = self.store.of_owner(owner_id, self.clock())
        return next((one for one in given if one.delegate_id == delegate_id), None)

    def _notice(self, delegation: Delegation, recipient: str, document: Document, what: str) -> BatchPlan:
        slot, expires_at = f"delegation {what} {delegation.id}", self.clock() + _NOTICE_EXPIRES_AFTER
        batch = self.planner.scheduled_batch(DELEGATION_NOTICE, slot, recipient, expires_at)
        return BatchPlan(batch, (self.messages.parent(recipient, document),))

    def _refuse(self, owner: Person, wanted: Wanted, reason: str, text: str) -> Document:
        after: State = {"delegate": Person(wanted.delegate_id, wanted.name)}
        self.audit.append(AuditRecord(self.clock(), owner, DELEGATE, AuditResult.REFUSED, reason=reason, after=after))
        return sentence(text)

    def _refuse_end(self, person: Person, reason: str, text: str, delegation: Delegation | None = None) -> Ended:
        before = _state(delegation) if delegation else {}
        self.audit.append(
            AuditRecord(self.clock(), person, END_DELEGATION, AuditResult.REFUSED, reason=reason, before=before)
        )
        return Ended(text, is_over=False)


_REFUSALS = {Membership.FULL: None, Membership.UNASKED: Refusal.CANNOT_CHECK_YOU}


def _state(delegation: Delegation) -> State:
    return {
        "owner": Person(delegation.owner_id, delegation.owner_name, delegation.owner_address),
        "delegate": Person(delegation.delegate_id, delegation.delegate_name),
        "identifier": delegation.identifier,
        "until": delegation.until.isoformat(),
        "delegation": delegation.id,
    }
