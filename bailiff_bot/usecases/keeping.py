"""The use case that keeps an instance for a while: decided at the click, and done once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from secrets import token_urlsafe
from typing import Protocol

from bailiff_bot.domain.action import Action, ActionInput, Membership, Request, UnreadInstance
from bailiff_bot.domain.action import Person as ActionPerson
from bailiff_bot.domain.action_limits import MAX_ADMIN_EXEMPTION_DAYS, is_acceptable
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, State
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.grants import Grant, extension_number
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.forms import Forms

_LATER = datetime.max.replace(tzinfo=UTC)
"""Later than any exemption ends."""
DEFAULT_DAYS = 14
"""For so long an instance is kept unless another day is chosen."""


class ResultStore(Protocol):
    """Stores what came of clicks, each once. Raises StoreError."""

    def keep(self, result: ActionResult, grant: Grant, record: AuditRecord) -> ActionResult:
        """Save an exemption, its result and its record in one transaction. Returns the earlier result if it has one."""
        ...


class ExemptionStore(Protocol):
    """Stores exemptions. Raises StoreError."""

    def of(self, subject: Subject) -> tuple[Grant, ...]:
        """Return every stored exemption of a subject."""
        ...


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
    extension: int
    """Which extension a later day is."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps instances for a while."""

    decisions: Decisions
    forms: Forms
    results: ResultStore
    exemptions: ExemptionStore

    def form(self, asker: Asker, click: Click) -> KeepForm | NotDone:
        """Return what to ask somebody who clicked *Keep*, after AWS and the directory were asked. Raises StoreError."""
        offer = self.decisions.offers.get(click.offer)
        if offer is None:
            return self.decisions.unknown(asker, Action.KEEP)
        initial = self.initial_day(asker.user_id)
        asked = self.decisions.ask(asker, offer, Action.KEEP)
        if refused := self.decisions.refused(asked):
            return refused
        self.forms.save(click)
        live = _live(self.exemptions.of(offer.subject), asked.request.at)
        last = self.last_day(asker.user_id)
        return KeepForm(click, offer, initial, last, _longest(live), extension_number(live, _LATER))

    def wrong_input(self, user_id: str, until: date | None, reason: str) -> frozenset[str]:
        """Return which of `until` and `reason` is not acceptable, without asking anybody."""
        today = self._today()
        tried = {
            "until": ActionInput(until, "a reason"),
            "reason": ActionInput(today + timedelta(days=1), reason),
        }
        person = ActionPerson(Membership.FULL, is_admin=user_id in self.decisions.admins)
        requests = {
            name: Request(Action.KEEP, person, UnreadInstance.UNREAD, self.decisions.clock(), input=typed)
            for name, typed in tried.items()
        }
        limits = self.decisions.limits
        return frozenset(name for name, request in requests.items() if not is_acceptable(request, limits))

    def keep(self, asker: Asker, offer_key: str, until: date, reason: str) -> ActionResult | NotDone:
        """Keep an instance until the end of a day, unless it is refused. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        if offer is None:
            return self.decisions.unknown(asker, Action.KEEP)
        asked = self.decisions.ask(asker, offer, Action.KEEP, ActionInput(until, reason.strip()))
        if refused := self.decisions.refused(asked):
            return refused
        grant = self._grant(asked, until)
        result = asked.result(grant.id, grant.until, grant.reason)
        before: State = {"until": _text(_longest(_live(self.exemptions.of(offer.subject), asked.request.at)))}
        after: State = {"until": _text(grant.until), "rules": tuple(sorted(grant.rules)), "exemption": grant.id}
        return self.results.keep(result, grant, asked.record(before=before, after=after))

    def _grant(self, asked: Asked, until: date) -> Grant:
        row, request = asked.row, asked.request
        live = _live(self.exemptions.of(subject_of(row)), request.at)
        return Grant(
            id=token_urlsafe(12),
            subject=subject_of(row),
            rules=frozenset(finding.rule for finding in (*row.findings, *row.kept)),
            until=self._end_of(until),
            reason=request.input.reason,
            granted_by=asked.asker.user_id,
            granter=asked.asker.name,
            granted_at=request.at,
            extensions=extension_number(live, self._end_of(until)),
        )

    def initial_day(self, user_id: str) -> date:
        """Return the day that is filled in."""
        return min(self.last_day(user_id), self._today() + timedelta(days=DEFAULT_DAYS))

    def last_day(self, user_id: str) -> date:
        """Return the latest day until which a user may keep an instance."""
        is_admin = user_id in self.decisions.admins
        most = MAX_ADMIN_EXEMPTION_DAYS if is_admin else self.decisions.limits.max_exemption_days
        return self._today() + timedelta(days=most)

    def _today(self) -> date:
        return self.decisions.clock().astimezone(self.decisions.limits.zone).date()

    def _end_of(self, day: date) -> datetime:
        """Return the first instant after a day of the team's calendar, in UTC."""
        return datetime.combine(day + timedelta(days=1), time(), self.decisions.limits.zone).astimezone(UTC)


def _live(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    return [grant for grant in grants if grant.granted_at <= now < grant.until]


def _longest(live: Iterable[Grant]) -> datetime | None:
    return max((one.until for one in live), default=None)


def _text(until: datetime | None) -> str | None:
    return until.isoformat() if until else None
