"""The use case that ends an exemption before its time."""

from dataclasses import dataclass, replace

from bailiff_bot.domain.action import Action, Refusal, Undone
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditResult, State
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.offer import Offer
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.stores import EndingStore, ExemptionReader


@dataclass(frozen=True, slots=True)
class Ending:
    """Ends exemptions: for who granted it, an owner or an administrator."""

    decisions: Decisions
    results: EndingStore
    exemptions: ExemptionReader

    def end(self, asker: Asker, offer_key: str) -> ActionResult | NotDone:
        """End an exemption, unless that is refused or it is over. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        grant = self.exemptions.get(offer.made_id) if offer else None
        if offer is None or grant is None:
            return self.decisions.unknown(asker, Action.END)
        undone = Undone(Action.KEEP, grant.granted_at, by_self=grant.granted_by == asker.user_id)
        asked = self.decisions.ask(asker, offer, Action.END, undone=undone)
        if refused := self.decisions.refused(asked):
            return refused
        if grant.until <= asked.request.at:
            return self._is_over(asked, grant)
        before: State = {"until": grant.until.isoformat(), "exemption": grant.id}
        record = asked.record(before=before, after={"until": asked.request.at.isoformat()})
        done = self.results.end(asked.result(offer.made_id), record)
        return done if done.offer.key == offer.key else _ended_before(offer, done)

    def _is_over(self, asked: Asked, grant: Grant) -> NotDone:
        record = replace(asked.record(AuditResult.REFUSED), reason=str(Refusal.DONE_ALREADY))
        self.decisions.audit.append(record)
        return _ended_before(asked.offer, self.results.ended(grant.id))


def _ended_before(offer: Offer, earlier: ActionResult | None) -> NotDone:
    return NotDone(Action.END, Refusal.DONE_ALREADY, offer, earlier=earlier)
