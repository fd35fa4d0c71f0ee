"""The use case in which an owner says that an instance is not theirs: decided at the click, and done once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Protocol

from bailiff_bot.domain.action import Action, ActionInput
from bailiff_bot.domain.action_limits import MAX_REASON_LENGTH
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Disclaimer, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.forms import Forms


class ResultStore(Protocol):
    """Stores what came of clicks, each once. Raises StoreError."""

    def disclaim(self, result: ActionResult, disclaimer: Disclaimer, record: AuditRecord) -> ActionResult:
        """Save a disclaimer, its result and its record in one transaction. Returns the earlier result if it has one."""
        ...


@dataclass(frozen=True, slots=True)
class NotMineForm:
    """What is asked before somebody is no owner any more."""

    click: Click
    offer: Offer
    until: datetime
    """When that ends."""


@dataclass(frozen=True, slots=True)
class NotMine:
    """Lets owners say that an instance is not theirs."""

    decisions: Decisions
    forms: Forms
    results: ResultStore
    policy: Policy
    """Names the owner tags: when one of them changes, it ends."""
    lasts: timedelta
    """After this time it ends."""

    def form(self, asker: Asker, click: Click) -> NotMineForm | NotDone:
        """Return what to ask somebody who clicked *Not mine*, unless it is refused. Raises StoreError."""
        asked = self._ask(asker, click, "")
        if isinstance(asked, NotDone):
            return asked
        self.forms.save(click)
        return NotMineForm(click, asked.offer, asked.request.at + self.lasts)

    @staticmethod
    def is_acceptable(hint: str) -> bool:
        """Return True if what was typed is not too long."""
        return len(hint) <= MAX_REASON_LENGTH

    def disclaim(self, asker: Asker, click: Click, hint: str) -> ActionResult | NotDone:
        """Remember that an instance is not theirs, unless it is refused. `hint` says whose it is. Raises StoreError."""
        asked = self._ask(asker, click, hint.strip())
        if isinstance(asked, NotDone):
            return asked
        said = self._disclaimer(asked)
        result = asked.result(said.id, said.until, hint.strip())
        record = asked.record(after={"disclaimer": said.id, "until": said.until.isoformat()})
        return self.results.disclaim(result, said, record)

    def _ask(self, asker: Asker, click: Click, hint: str) -> Asked | NotDone:
        """Return what somebody asks for, or why it is refused."""
        offer = self.decisions.offers.get(click.offer)
        if offer is None:
            return self.decisions.unknown(asker, Action.NOT_MINE)
        asked = self.decisions.ask(asker, offer, Action.NOT_MINE, ActionInput(reason=hint))
        return self.decisions.refused(asked) or asked

    def _disclaimer(self, asked: Asked) -> Disclaimer:
        owner, at = asked.owner, asked.request.at  # a delegate says it of the owner
        return Disclaimer(
            id=token_urlsafe(12),
            subject=subject_of(asked.row),
            title=asked.offer.title,
            user_id=owner.user_id,
            name=owner.name,
            address=owner.address,
            said_at=at,
            until=at + self.lasts,
            fingerprint=ownership_fingerprint(asked.row.instance, self.policy),
        )
