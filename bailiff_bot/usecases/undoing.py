"""The use case that undoes what was just done."""

from dataclasses import dataclass, replace
from typing import Protocol

from bailiff_bot.domain.action import Action, Undone
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, State
from bailiff_bot.domain.grants import Grant
from bailiff_bot.usecases.decisions import Decisions, NotDone


class ResultStore(Protocol):
    """Stores what came of clicks, each once. Raises StoreError."""

    def end(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        """End an exemption, save the result and its record. Returns the earlier result if it has one."""
        ...


class ExemptionReader(Protocol):
    """Finds exemptions. Raises StoreError."""

    def get(self, exemption_id: str) -> Grant | None:
        """Return the exemption with this id; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Undoing:
    """Undoes what was just done."""

    decisions: Decisions
    results: ResultStore
    exemptions: ExemptionReader

    def undo(self, asker: Asker, offer_key: str) -> ActionResult | NotDone:
        """End an exemption that was just granted, unless that is refused. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        grant = self.exemptions.get(offer.made_id) if offer else None
        if offer is None or grant is None:
            return self.decisions.unknown(asker, Action.UNDO)
        undone = Undone(Action.KEEP, grant.granted_at, by_self=grant.granted_by == asker.user_id)
        asked = self.decisions.ask(asker, offer, Action.UNDO, undone=undone)
        if refused := self.decisions.refused(asked):
            return refused
        at = asked.request.at
        before: State = {"until": grant.until.isoformat(), "exemption": grant.id}
        record = replace(asked.record(), before=before, after={"until": at.isoformat()})
        result = ActionResult(offer, Action.UNDO, asker.user_id, asker.name, at, made_id=grant.id, owners=asked.owners)
        return self.results.end(result, record)
