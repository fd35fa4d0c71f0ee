"""Makes the keys of the buttons beside instances."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from secrets import token_urlsafe

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_limits import UNDO_TIME
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.notice import ENDINGS
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.offered_actions import ActingAccounts
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages.action_results import DoneAction
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.messages.instance_line import instance_title

UNDOABLE = frozenset({Action.KEEP, Action.NOT_MINE, Action.STOP, Action.DELETE})
"""What can be undone for a while, or cancelled as long as it waits."""
MAX_OFFERS = 24
"""No rendering has more items with buttons: Slack shows 50 blocks of a message, and an item is two."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Makes offers. `enabled` are the actions that the team allows."""

    enabled: frozenset[Action]
    clock: Clock
    accounts: ActingAccounts = field(default_factory=dict)
    """By action in AWS, the accounts in which it is possible."""

    def actions(self, made: Iterable[Offer], home_url: str = "", done: tuple[DoneAction, ...] = ()) -> Actions:
        """Return what a message shows of offers, and of what was done."""
        return Actions(key_by_subject(made), self.enabled, home_url, self.accounts, done)

    def make(self, rows: Iterable[Row], recipient: str, message: str) -> tuple[Offer, ...]:
        """Return an offer for each of the first rows; none if the team allows no action.

        The user `recipient` gets the message. `message` becomes `Offer.message`; empty for a message that is not
        planned yet.
        """
        if not self.enabled:
            return ()
        now = self.clock()
        return tuple(
            Offer(token_urlsafe(16), subject_of(row), instance_title(row), recipient, message, now)
            for row in islice(rows, MAX_OFFERS)
        )

    def again(self, offer: Offer) -> tuple[Offer, ...]:
        """Return a new offer of the same for the next rendering of its message; none if the team allows no action."""
        if Action.KEEP not in self.enabled:
            return ()
        return (replace(offer, key=token_urlsafe(16), at=self.clock(), made_id=""),)

    def undo(self, results: Iterable[ActionResult], recipient: str, message: str) -> tuple[Offer, ...]:
        """Return an offer to undo each of the results of a message for which that is still possible."""
        now, done = self.clock(), list(results)
        return tuple(
            Offer(token_urlsafe(16), one.offer.subject, one.offer.title, recipient, message, now, made_id=one.made_id)
            for one in done
            if _is_undoable(one, now) and one.made_id not in _ended(done)
        )

    def end(self, results: Iterable[ActionResult], recipient: str, message: str) -> tuple[Offer, ...]:
        """Return an offer to end each of the exemptions that results granted, and none of them ended.

        And one to undo each stop, and to cancel each deletion, for which that is still possible.
        """
        now, done = self.clock(), list(results)
        kept = (one for one in done if _is_endable(one, now) and one.made_id not in _ended(done))
        return tuple(
            Offer(token_urlsafe(16), one.offer.subject, one.offer.title, recipient, message, now, made_id=one.made_id)
            for one in islice(kept, MAX_OFFERS)
        )


def _ended(done: Iterable[ActionResult]) -> frozenset[str]:
    """Return the ids of what was undone or ended."""
    return frozenset(one.made_id for one in done if one.action in ENDINGS and one.outcome is not Outcome.FAILED)


def _is_endable(result: ActionResult, now: datetime) -> bool:
    """Return True if another owner can end what a result made."""
    if result.action in {Action.STOP, Action.DELETE}:
        return _is_undoable(result, now)
    return result.action is Action.KEEP


def _is_undoable(result: ActionResult, now: datetime) -> bool:
    if result.action is Action.DELETE:
        return result.outcome is Outcome.PENDING
    is_done = result.action in UNDOABLE and result.outcome is Outcome.DONE
    return is_done and now - (result.settled_at or result.at) < UNDO_TIME


def done_actions(results: Iterable[ActionResult], undo: Iterable[Offer]) -> tuple[DoneAction, ...]:
    """Return results as a message shows them. `undo` are the offers to undo some of them."""
    keys = {offer.made_id: offer.key for offer in undo}
    return tuple(DoneAction(one, keys.get(one.made_id, "") if one.action in UNDOABLE else "") for one in results)


def key_by_subject(offers: Iterable[Offer]) -> Mapping[Subject, str]:
    """Return the key of the offer for each subject."""
    return {offer.subject: offer.key for offer in offers}
