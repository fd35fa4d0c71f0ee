"""The use case that keeps all instances of a rendering: each is decided by itself, and done in its own transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bailiff_bot.domain.action import Action, Membership
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.offer import Offer
from bailiff_bot.errors import BailiffError
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.keeping import Keeping


class OfferReader(Protocol):
    """Finds offers. Raises StoreError."""

    def same_rendering(self, offer: Offer) -> tuple[Offer, ...]:
        """Return the offers of one rendering of a message."""
        ...


@dataclass(frozen=True, slots=True)
class KeepAllForm:
    """What is asked before several instances are kept."""

    click: Click
    offers: tuple[Offer, ...]
    initial: date
    """The last day that is filled in."""
    last: date
    """The latest day that may be chosen."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one of several instances."""

    offer: Offer
    result: ActionResult | NotDone | BailiffError
    """An error: it was not possible to say whether it is done."""


@dataclass(frozen=True, slots=True)
class KeepingAll:
    """Keeps several instances for a while."""

    keeping: Keeping
    offers: OfferReader

    def form(self, asker: Asker, click: Click) -> KeepAllForm | NotDone:
        """Return what to ask somebody who clicked *Keep all*. The instances are read when it is sent.

        Raises StoreError.
        """
        decisions, user = self.keeping.decisions, asker.user_id
        offer = decisions.offers.get(click.offer)
        if offer is None:
            return decisions.unknown(asker, Action.KEEP)
        if asker.membership is not Membership.FULL:
            refused = decisions.refused(decisions.ask(asker, offer, Action.KEEP))
            if refused:
                return refused
        self.keeping.forms.save(click)
        return KeepAllForm(click, self._all(offer), self.keeping.initial_day(user), self.keeping.last_day(user))

    def keep(self, asker: Asker, click: Click, until: date, reason: str) -> Iterator[Outcome]:
        """Keep each instance that is not refused, and yield what came of it. Raises StoreError before the first."""
        offer = self.keeping.decisions.offers.get(click.offer)
        for one in self._all(offer) if offer else ():
            yield Outcome(one, self._keep(asker, one, until, reason))

    def _keep(self, asker: Asker, offer: Offer, until: date, reason: str) -> ActionResult | NotDone | BailiffError:
        try:
            return self.keeping.keep(asker, offer.key, until, reason)
        except BailiffError as error:  # the others are kept all the same
            return error

    def _all(self, offer: Offer) -> tuple[Offer, ...]:
        return tuple(sorted(self.offers.same_rendering(offer), key=lambda one: (one.title, one.key)))
