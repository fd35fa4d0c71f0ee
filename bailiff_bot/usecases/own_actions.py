"""What a person can do about their own instances, where it is shown to them alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_limits import UNDO_TIME
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delegation import covering
from bailiff_bot.domain.offer import ANSWER, Offer
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.report_filter import ReportQuery
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.usecases.offers import MAX_OFFERS, Offers, done_actions
from bailiff_bot.usecases.stores import DelegationReader, ResultsOfUsers


class OfferStore(Protocol):
    """Stores offers. Raises StoreError."""

    def save(self, made: Sequence[Offer]) -> None:
        """Save what a rendering of a message offers."""
        ...


@dataclass(frozen=True, slots=True)
class OwnActions:
    """Makes what an answer or a Home tab offers, and stores it."""

    offers: Offers
    offer_store: OfferStore
    results: ResultsOfUsers
    delegations: DelegationReader
    clock: Clock
    admins: frozenset[str] = frozenset()
    """The ids of Slack users."""

    def of(
        self, rows: Iterable[Row], user_id: str, message: str, query: str = "", max_done: int = MAX_OFFERS
    ) -> Actions | None:
        """Return what a user can do about rows, and the last `max_done` things that this user just did.

        Returns None if there is neither. `message` and `query` become those of the offers. Raises StoreError.
        """
        made = self.offers.make(rows, user_id, message)
        results = self.results.of_user(user_id, self.clock() - UNDO_TIME)[-max_done:]
        undo = self.offers.undo(results, user_id, message)
        if not made and not results:
            return None
        self.offer_store.save([replace(one, query=query) for one in (*made, *undo)])
        return self.offers.actions(made, done=done_actions(results, undo))

    def among(self, rows: Iterable[Row], user_id: str, address: str, query: ReportQuery) -> Actions | None:
        """Return what a user can do about somebody else's rows: as an owner of some, a delegate, or an administrator.

        Returns None if there is nothing. What was done in earlier answers to `query` is in it. Raises StoreError.
        """
        is_admin, delegations = user_id in self.admins, self.delegations.of_delegate(user_id, self.clock())
        theirs = (
            row for row in rows if is_admin or address in row.identity.addresses or covering(delegations, row.identity)
        )
        made = self.offers.make(theirs, user_id, ANSWER)
        done = self.results.of_user(user_id, self.clock() - UNDO_TIME)
        results = [one for one in done if one.offer.query == query.text]
        if not made and not results:
            return None
        undo = self.offers.undo(results, user_id, ANSWER)
        self.offer_store.save([replace(one, query=query.text) for one in (*made, *undo)])
        # An administrator cannot say it for an owner, but assigns another.
        offered = self.offers.enabled - ({Action.NOT_MINE} if is_admin else set())
        return replace(self.offers.actions(made, done=done_actions(results, undo)), offered=offered)
