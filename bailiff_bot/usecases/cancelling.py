"""The use case that cancels a deletion that waits."""

from dataclasses import dataclass, replace
from typing import Protocol

from bailiff_bot.domain.action import Action, Done, Membership, Refusal, Undone
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.deletion import CANCELLABLE, Deletion, DeletionStage
from bailiff_bot.domain.offer import Offer
from bailiff_bot.usecases.acting import audit_record
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.decisions import Decisions


class DeletionStore(Protocol):
    """Stores deletions. Raises StoreError."""

    def get(self, deletion_id: str) -> Deletion | None:
        """Return the deletion with this id; None if there is none."""
        ...

    def cancel(self, cancelled: ActionResult, record: AuditRecord) -> bool:
        """Save that somebody cancelled a deletion. Returns False if it is too late."""
        ...


class EndedReader(Protocol):
    """Finds how something was ended. Raises StoreError."""

    def ended(self, made_id: str) -> ActionResult | None:
        """Return how something was ended; None if nobody did that."""
        ...


@dataclass(frozen=True, slots=True)
class Cancelling:
    """Cancels deletions: for an owner, a delegate, an administrator, and for who asked for it."""

    decisions: Decisions
    store: DeletionStore
    results: EndedReader

    def cancel(self, asker: Asker, offer_key: str) -> ActionResult | NotDone:
        """Cancel a deletion, unless that is refused or it is over. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        deletion = self.store.get(offer.made_id) if offer else None
        if offer is None or deletion is None:
            return self.decisions.unknown(asker, Action.CANCEL)
        is_too_late = deletion.stage not in CANCELLABLE
        if self._was_told(asker, deletion) and not is_too_late:
            cancelled = self._cancelled(asker, offer, deletion)
            return self._save(deletion, cancelled, audit_record(cancelled, AuditResult.DONE, cancelled.at))
        by_self = deletion.result.user_id == asker.user_id
        undone = Undone(Action.DELETE, deletion.result.at, by_self=by_self)
        asked = self.decisions.ask(asker, offer, Action.CANCEL, undone=undone)
        if is_too_late:
            asked = replace(asked, request=replace(asked.request, done=Done.YES))
        if refused := self.decisions.refused(asked):
            is_over = refused.reason is Refusal.DONE_ALREADY
            return replace(refused, earlier=self._how(deletion)) if is_over else refused
        return self._save(deletion, asked.result(deletion.id), asked.record(after={"action": deletion.id}))

    def _was_told(self, asker: Asker, deletion: Deletion) -> bool:
        """Return True for a full member who asked for it, who owned the instance then, or who is an administrator.

        They cancel without asking AWS or the directory, which may not answer: to cancel harms nobody.
        """
        is_owner = bool(asker.address) and asker.address in deletion.result.owners
        is_admin = asker.user_id in self.decisions.admins
        is_concerned = is_owner or is_admin or asker.user_id == deletion.result.user_id
        return asker.membership is Membership.FULL and is_concerned

    def _cancelled(self, asker: Asker, offer: Offer, deletion: Deletion) -> ActionResult:
        at, owners = self.decisions.clock(), deletion.result.owners
        return ActionResult(offer, Action.CANCEL, asker.user_id, asker.name, at, deletion.id, owners=owners)

    def _save(self, deletion: Deletion, cancelled: ActionResult, record: AuditRecord) -> ActionResult | NotDone:
        """Save that it is cancelled, unless it is too late."""
        if self.store.cancel(cancelled, record):
            return cancelled
        refused = replace(record, result=AuditResult.REFUSED, reason=str(Refusal.DONE_ALREADY), after={})
        self.decisions.audit.append(refused)
        earlier = self._how(self.store.get(deletion.id))
        return NotDone(Action.CANCEL, Refusal.DONE_ALREADY, cancelled.offer, earlier=earlier)

    def _how(self, deletion: Deletion | None) -> ActionResult | None:
        """Return how a deletion ended; None if it is being carried out just now."""
        if deletion is None or deletion.stage is not DeletionStage.OVER:
            return None
        return self.results.ended(deletion.id) or deletion.result
