"""The use case that undoes what was just done."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action import Action, Done, Refusal, Undone
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import State
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Disclaimer
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.restarting import Restarting
from bailiff_bot.usecases.stores import EndingStore, ExemptionReader


class OwnershipReader(Protocol):
    """Finds who said "not mine". Raises StoreError."""

    def disclaimer(self, disclaimer_id: str) -> Disclaimer | None:
        """Return the disclaimer with this id; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class _Made:
    """What is undone."""

    undone: Undone
    until: datetime
    name: str
    """What the audit log calls its id."""
    said_by: str = ""
    """The id of the user who said "not mine", or for whom a delegate said it; empty for an exemption."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """Undoes what was just done."""

    decisions: Decisions
    results: EndingStore
    exemptions: ExemptionReader
    ownership: OwnershipReader
    restarting: Restarting

    def undo(self, asker: Asker, offer_key: str) -> ActionResult | NotDone:
        """Undo a stop, an exemption or a "not mine" that was just made, unless that is refused. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        if offer and (stopped := self.restarting.stopped(offer.made_id)):
            return self.restarting.undo(asker, offer, stopped)
        made = self._made(offer.made_id, asker) if offer else None
        if offer is None or made is None:
            return self.decisions.unknown(asker, Action.UNDO)
        asked = self._ask(asker, offer, made)
        if made.until <= asked.request.at:  # undone with the key of another rendering
            asked = replace(asked, request=replace(asked.request, done=Done.YES))
        if refused := self.decisions.refused(asked):
            is_over = refused.reason is Refusal.DONE_ALREADY
            return replace(refused, earlier=self.results.ended(offer.made_id)) if is_over else refused
        before: State = {"until": made.until.isoformat(), made.name: offer.made_id}
        record = asked.record(before=before, after={"until": asked.request.at.isoformat()})
        return self.results.end(asked.result(offer.made_id), record)

    def _ask(self, asker: Asker, offer: Offer, made: _Made) -> Asked:
        asked = self.decisions.ask(asker, offer, Action.UNDO, undone=made.undone)
        if made.undone.by_self or not made.said_by:
            return asked
        # Who said "not mine" is no owner, so the asker is not found as a delegate of an owner.
        delegation = self.decisions.acting_for(asker, made.said_by, asked.current.row)
        if delegation is None:
            return asked
        undone = replace(made.undone, by_self=True)
        return replace(asked, delegation=delegation, request=replace(asked.request, undone=undone))

    def _made(self, made_id: str, asker: Asker) -> _Made | None:
        if grant := self.exemptions.get(made_id):
            by_self = grant.granted_by == asker.user_id
            return _Made(Undone(Action.KEEP, grant.granted_at, by_self=by_self), grant.until, "exemption")
        if said := self.ownership.disclaimer(made_id):
            by_self = said.user_id == asker.user_id
            undone = Undone(Action.NOT_MINE, said.said_at, by_self=by_self)
            return _Made(undone, said.until, "disclaimer", said.user_id)
        return None
