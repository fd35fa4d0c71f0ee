"""What a person can do about their own instances, where it is shown to them alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action_limits import UNDO_TIME
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.owner_messages import Actions
from bailiff_bot.usecases.offers import MAX_OFFERS, Offers, done_actions, key_by_subject


class OfferStore(Protocol):
    """Stores offers. Raises StoreError."""

    def save(self, made: Sequence[Offer]) -> None:
        """Save what a rendering of a message offers."""
        ...


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def of_user(self, user_id: str, since: datetime) -> tuple[ActionResult, ...]:
        """Return what a user did from `since` on, in the order of time."""
        ...


@dataclass(frozen=True, slots=True)
class OwnActions:
    """Makes what an answer or a Home tab offers, and stores it."""

    offers: Offers
    offer_store: OfferStore
    results: ResultStore
    clock: Clock

    def of(self, rows: Iterable[Row], user_id: str, message: str, max_done: int = MAX_OFFERS) -> Actions | None:
        """Return what a user can do about rows, and the last `max_done` things that this user just did.

        Returns None if there is neither. `message` becomes `Offer.message`. Raises StoreError.
        """
        made = self.offers.make(rows, user_id, message)
        results = self.results.of_user(user_id, self.clock() - UNDO_TIME)[-max_done:]
        undo = self.offers.undo(results, user_id, message)
        if not made and not results:
            return None
        self.offer_store.save((*made, *undo))
        return Actions(key_by_subject(made), self.offers.enabled, done=done_actions(results, undo))
