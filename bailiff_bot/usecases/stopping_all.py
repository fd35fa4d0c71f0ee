"""The use case that stops all instances of a rendering: each is decided by itself, and stopped with its own call."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bailiff_bot.domain.action import Action, ActionWarning, Membership
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.offer import Offer
from bailiff_bot.errors import BailiffError
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.stopping import Stopping


class OfferReader(Protocol):
    """Finds offers. Raises StoreError."""

    def same_rendering(self, offer: Offer) -> tuple[Offer, ...]:
        """Return the offers of one rendering of a message."""
        ...


@dataclass(frozen=True, slots=True)
class StopAllForm:
    """What is asked before several instances are stopped."""

    click: Click
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An instance that is not stopped together with others, because its modal would warn."""

    warnings: frozenset[ActionWarning]


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """What came of one of several instances."""

    offer: Offer
    result: ActionResult | NotDone | LeftOut | BailiffError
    """An error: it was not possible to say whether it is done."""


@dataclass(frozen=True, slots=True)
class StoppingAll:
    """Stops several instances, one after the other, so that a brake stops the rest."""

    stopping: Stopping
    offers: OfferReader

    def form(self, asker: Asker, click: Click) -> StopAllForm | NotDone:
        """Return what to ask somebody who clicked *Stop all*. The instances are read when it is sent.

        Raises StoreError.
        """
        decisions = self.stopping.decisions
        offer = decisions.offers.get(click.offer)
        if offer is None:
            return decisions.unknown(asker, Action.STOP)
        if asker.membership is not Membership.FULL:
            refused = decisions.refused(decisions.ask(asker, offer, Action.STOP))
            if refused:
                return refused
        self.stopping.forms.save(click)
        return StopAllForm(click, self._all(offer))

    def stop(self, asker: Asker, click: Click) -> Iterator[StopOutcome]:
        """Stop each instance that is not refused, and yield what came of it. Raises StoreError before the first."""
        offer = self.stopping.decisions.offers.get(click.offer)
        for one in self._all(offer) if offer else ():
            yield StopOutcome(one, self._stop(asker, one))

    def _stop(self, asker: Asker, offer: Offer) -> ActionResult | NotDone | LeftOut | BailiffError:
        try:
            asked = self.stopping.ask(asker, offer)
            if isinstance(asked, NotDone):
                return asked
            warnings = self.stopping.decisions.decide(asked).warnings
            return LeftOut(warnings) if warnings else self.stopping.carry_out(asked)
        except BailiffError as error:  # the others are stopped all the same
            return error

    def _all(self, offer: Offer) -> tuple[Offer, ...]:
        return tuple(sorted(self.offers.same_rendering(offer), key=lambda one: (one.title, one.key)))
