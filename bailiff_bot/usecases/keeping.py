"""The use cases that keep an instance for a while, and that undo it: decided at the click, and done once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from secrets import token_urlsafe
from typing import Protocol

from bailiff_bot.domain.action import (
    Action,
    ActionInput,
    CurrentInstance,
    Done,
    Membership,
    Refusal,
    Request,
    Undone,
    UnreadInstance,
)
from bailiff_bot.domain.action import Person as ActionPerson
from bailiff_bot.domain.action_decision import decide
from bailiff_bot.domain.action_limits import MAX_ADMIN_EXEMPTION_DAYS, ActionLimits, is_acceptable
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.owner import owner_label
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.current_instances import Current, CurrentInstances

DEFAULT_DAYS = 14
"""For so long an instance is kept unless another day is chosen."""


class OfferReader(Protocol):
    """Finds offers. Raises StoreError."""

    def get(self, key: str) -> Offer | None:
        """Return the offer with this key; None if there is none."""
        ...


class ClickStore(Protocol):
    """Stores clicks. Raises StoreError."""

    def save(self, click: Click) -> None:
        """Save a click."""
        ...

    def get(self, click_id: str) -> Click | None:
        """Return the click with this id; None if there is none."""
        ...


class ResultStore(Protocol):
    """Stores what came of clicks, each once. Raises StoreError."""

    def get(self, offer_key: str, action: Action) -> ActionResult | None:
        """Return what came of an offer; None if it was not done."""
        ...

    def keep(self, result: ActionResult, grant: Grant, record: AuditRecord) -> ActionResult:
        """Save an exemption, its result and its record in one transaction. Returns the earlier result if it has one."""
        ...

    def undo(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        """End an exemption, save the result and its record. Returns the earlier result if it has one."""
        ...


class ExemptionStore(Protocol):
    """Stores exemptions. Raises StoreError."""

    def of(self, subject: Subject) -> tuple[Grant, ...]:
        """Return every stored exemption of a subject."""
        ...

    def get(self, exemption_id: str) -> Grant | None:
        """Return the exemption with this id; None if there is none."""
        ...


class AuditLog(Protocol):
    """The audit log. Raises StoreError."""

    def append(self, record: AuditRecord) -> int:
        """Append a record."""
        ...


@dataclass(frozen=True, slots=True)
class NotDone:
    """Nothing was done."""

    reason: Refusal | None
    """None: the button is unknown, or too old."""
    offer: Offer | None = None
    owners: str = ""
    """Who may do it instead, as text for people."""
    earlier: ActionResult | None = None
    """What came of the same click before."""


@dataclass(frozen=True, slots=True)
class KeepForm:
    """What is asked before an instance is kept."""

    click: Click
    offer: Offer
    initial: date
    """The last day that is filled in."""
    last: date
    """The latest day that may be chosen."""
    kept_until: datetime | None
    """Until when it is kept already; None if it is not."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps instances for a while."""

    enabled: frozenset[Action]
    limits: ActionLimits
    admins: frozenset[str]
    """The ids of Slack users."""
    offers: OfferReader
    clicks: ClickStore
    results: ResultStore
    exemptions: ExemptionStore
    audit: AuditLog
    current: CurrentInstances
    clock: Clock

    def form(self, asker: Asker, click: Click) -> KeepForm | NotDone:
        """Return what to ask somebody who clicked *Keep*, after AWS and the directory were asked. Raises StoreError."""
        offer = self.offers.get(click.offer)
        if offer is None:
            return self._unknown(asker, Action.KEEP)
        last = self.last_day(asker.user_id)
        initial = min(last, self._today() + timedelta(days=DEFAULT_DAYS))
        request, found = self._request(Action.KEEP, asker, offer, ActionInput(initial, "to be typed"))
        if refused := self._refused(request, asker, offer, found):
            return refused
        self.clicks.save(click)
        return KeepForm(click, offer, initial, last, self._kept_until(offer))

    def wrong_input(self, user_id: str, until: date | None, reason: str) -> frozenset[str]:
        """Return which of `until` and `reason` is not acceptable, without asking anybody."""
        today = self._today()
        tried = {
            "until": ActionInput(until, "a reason"),
            "reason": ActionInput(today + timedelta(days=1), reason),
        }
        person = ActionPerson(Membership.FULL, is_admin=user_id in self.admins)
        requests = {
            name: Request(Action.KEEP, person, UnreadInstance.UNREAD, self.clock(), input=typed)
            for name, typed in tried.items()
        }
        return frozenset(name for name, request in requests.items() if not is_acceptable(request, self.limits))

    def clicked(self, click_id: str, user_id: str) -> Click | None:
        """Return the click that opened a user's modal; None if it is unknown, or somebody else's."""
        click = self.clicks.get(click_id)
        return click if click and click.user_id == user_id else None

    def keep(self, asker: Asker, click: Click, until: date, reason: str) -> ActionResult | NotDone:
        """Keep an instance until the end of a day, unless it is refused. Raises StoreError."""
        offer = self.offers.get(click.offer)
        if offer is None:
            return self._unknown(asker, Action.KEEP)
        request, found = self._request(Action.KEEP, asker, offer, ActionInput(until, reason.strip()))
        if refused := self._refused(request, asker, offer, found):
            return refused
        if not isinstance(found.row, Row):
            raise TypeError("an instance that was not read is refused")
        grant = self._grant(request, asker, found.row)
        result = ActionResult(
            offer, Action.KEEP, asker.user_id, asker.name, request.at, grant.id, grant.until, grant.reason
        )
        before: State = {"until": _text(self._kept_until(offer))}
        after: State = {"until": _text(grant.until), "rules": tuple(sorted(grant.rules)), "exemption": grant.id}
        record = _record(request, asker, offer, AuditResult.DONE)
        return self.results.keep(result, grant, replace(record, why=reason.strip(), before=before, after=after))

    def undo(self, asker: Asker, offer_key: str) -> ActionResult | NotDone:
        """End an exemption that was just granted, unless that is refused. Raises StoreError."""
        offer = self.offers.get(offer_key)
        grant = self.exemptions.get(offer.exemption) if offer else None
        if offer is None or grant is None:
            return self._unknown(asker, Action.UNDO)
        request, found = self._request(Action.UNDO, asker, offer, ActionInput())
        undone = Undone(Action.KEEP, grant.granted_at, by_self=grant.granted_by == asker.user_id)
        request = replace(request, undone=undone)
        if refused := self._refused(request, asker, offer, found):
            return refused
        result = ActionResult(offer, Action.UNDO, asker.user_id, asker.name, request.at, grant.id)
        record = _record(request, asker, offer, AuditResult.DONE)
        before: State = {"until": _text(grant.until), "exemption": grant.id}
        return self.results.undo(result, replace(record, before=before, after={"until": _text(request.at)}))

    def _request(self, action: Action, asker: Asker, offer: Offer, typed: ActionInput) -> tuple[Request, Current]:
        found = self.current.find(offer.subject)
        owns = bool(asker.address) and isinstance(found.row, Row) and asker.address in found.row.identity.addresses
        done = Done.YES if self.results.get(offer.key, action) else Done.NO
        request = Request(
            action,
            ActionPerson(asker.membership, owns, is_admin=asker.user_id in self.admins),
            _current_instance(found.row),
            self.clock(),
            directory_read=owns or not found.people.gaps,
            is_enabled=action in self.enabled,
            done=done,
            input=typed,
        )
        return request, found

    def _refused(self, request: Request, asker: Asker, offer: Offer, found: Current) -> NotDone | None:
        outcome = decide(request, self.limits).outcome
        if not isinstance(outcome, Refusal):
            return None
        record = _record(request, asker, offer, AuditResult.REFUSED)
        self.audit.append(replace(record, reason=str(outcome)))
        owners = owner_label(found.row.identity) if isinstance(found.row, Row) else ""
        return NotDone(outcome, offer, owners, self.results.get(offer.key, request.action))

    def _unknown(self, asker: Asker, action: Action) -> NotDone:
        person = Person(asker.user_id, asker.name, asker.address)
        self.audit.append(AuditRecord(self.clock(), person, str(action), AuditResult.REFUSED, reason="unknown-button"))
        return NotDone(None)

    def _grant(self, request: Request, asker: Asker, row: Row) -> Grant:
        rules = frozenset(finding.rule for finding in (*row.findings, *row.kept))
        subject = subject_of(row)
        live = _live(self.exemptions.of(subject), request.at)
        return Grant(
            id=token_urlsafe(12),
            subject=subject,
            rules=rules,
            until=self._end_of(request.input.until or self._today()),
            reason=request.input.reason,
            granted_by=asker.user_id,
            granter=asker.name,
            granted_at=request.at,
            extensions=max((one.extensions + 1 for one in live), default=0),
        )

    def _kept_until(self, offer: Offer) -> datetime | None:
        live = _live(self.exemptions.of(offer.subject), self.clock())
        return max((one.until for one in live), default=None)

    def last_day(self, user_id: str) -> date:
        """Return the latest day until which a user may keep an instance."""
        most = MAX_ADMIN_EXEMPTION_DAYS if user_id in self.admins else self.limits.max_exemption_days
        return self._today() + timedelta(days=most)

    def _today(self) -> date:
        return self.clock().astimezone(self.limits.zone).date()

    def _end_of(self, day: date) -> datetime:
        """Return the first instant after a day of the team's calendar."""
        return datetime.combine(day + timedelta(days=1), time(), self.limits.zone)


def _live(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    return [grant for grant in grants if grant.granted_at <= now < grant.until]


def _current_instance(row: Row | UnreadInstance) -> CurrentInstance | UnreadInstance:
    if isinstance(row, UnreadInstance):
        return row
    return CurrentInstance(
        row.instance.id,
        row.instance.name or "",
        row.instance.state,
        is_compliant=not row.findings and not row.kept,
        is_managed=row.controller is not None,
    )


def _record(request: Request, asker: Asker, offer: Offer, result: AuditResult) -> AuditRecord:
    person = Person(asker.user_id, asker.name, asker.address)
    return AuditRecord(
        request.at, person, str(request.action), result, offer.subject, message=offer.message, request_id=offer.key
    )


def _text(until: datetime | None) -> str | None:
    return until.isoformat() if until else None
