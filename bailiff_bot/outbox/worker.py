"""Carries dispatches out, from the first message to the word on who was told, and goes on with what was left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bailiff_bot.domain.delivery import DIGESTS, SETTLED, Delivery, Dispatch, Part, State
from bailiff_bot.errors import BailiffError, NotNow, Refused, SlackError, StoreError
from bailiff_bot.outbox.attempt import TOO_LATE
from bailiff_bot.outbox.sender import Courier

PATIENCE = timedelta(minutes=3)
"""How long one who sends waits for what is uncertain to clear up; then whoever tends to it next goes on."""

LastWord = Callable[[Mapping[str, Any], tuple[Delivery, ...]], Mapping[str, Any] | None]
"""Draws what the word on who is told says once that is known; None where it says so already."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Carried:
    """A dispatch as far as it came."""

    deliveries: tuple[Delivery, ...]
    """The parent first."""
    unsaid: tuple[str, ...] = ()
    """Why the thread does not say who was told, in a line, if it does not."""

    @property
    def waiting(self) -> int:
        """How many deliveries are not settled yet."""
        return sum(one.state not in SETTLED for one in self.deliveries)

    @property
    def told(self) -> int:
        """How many owners were told."""
        return sum(one.part is Part.NUDGE and one.state is State.SENT for one in self.deliveries)

    @property
    def faults(self) -> tuple[str, ...]:
        """What did not arrive and who was not told, with the reason, a line each."""
        return (*(_fault(one) for one in self.deliveries if one.state is not State.SENT), *self.unsaid)

    def check(self) -> None:
        """Raise SlackError when what everything hangs on did not arrive, or is not known to have."""
        parent = self.deliveries[0]
        match parent.state:
            case State.REFUSED | State.EXPIRED:
                raise SlackError(f"It was not sent: {parent.reason}")
            case State.UNKNOWN:
                raise SlackError(f"It may or may not have been sent: {parent.reason}")
            case State.PENDING | State.SENDING:
                raise SlackError("It is not certain yet that it was sent, and the running bot sees to it.")


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Carries out."""

    courier: Courier
    last_word: LastWord
    check: Callable[[str], object]
    """Raises SlackError when no digest may be posted in a channel any more."""
    telling: bool
    """Whether owners are told; what was planned before that was switched off is not sent any more."""
    under_way: set[str] = field(default_factory=set)
    """The ids of the dispatches that a thread of this process carries out."""

    def now(self) -> datetime:
        """Return the instant."""
        return self.courier.clock()

    def carry(self, dispatch: Dispatch) -> Carried:
        """Send what is not settled of a dispatch, and end it when everything is."""
        self.under_way.add(dispatch.id)
        try:
            carried = Carried(self.courier.deliver(dispatch, self.now() + PATIENCE))
            return carried if carried.waiting else self._ended(dispatch, carried)
        finally:
            self.under_way.discard(dispatch.id)

    def expire(self) -> None:
        """Let expire what was not sent in time, though nobody has gone on with it: it counts as told no more."""
        for dispatch in self.courier.ledger.unfinished():
            if self._is_late(dispatch):
                self.courier.ledger.drop(dispatch.id, TOO_LATE)

    def complete(self) -> None:
        """Go on with whatever is planned and unfinished, whoever began it."""
        for dispatch in self.courier.ledger.unfinished():
            if dispatch.id in self.under_way:
                continue  # another thread is at it
            try:
                self._complete(dispatch)
            except StoreError:
                raise
            except BailiffError as error:
                log.error("what was begun cannot be gone on with now", slot=dispatch.slot, reason=str(error))
            except Exception:
                log.exception("what was begun cannot be gone on with, for a reason unforeseen", slot=dispatch.slot)
                self._give_up(dispatch)

    def _complete(self, dispatch: Dispatch) -> None:
        if not self._is_late(dispatch):
            self._check(dispatch)
        if not self.telling:
            self._hush(dispatch)
        carried = self.carry(dispatch)
        log.info("went on with what was unfinished", slot=dispatch.slot, left=carried.waiting)
        if not carried.waiting:
            for fault in carried.faults:
                log.error("it is incomplete", slot=dispatch.slot, reason=fault)

    def _check(self, dispatch: Dispatch) -> None:
        """Raise SlackError where another company joined the channel since, or Bailiff was put out of it."""
        if dispatch.occasion in DIGESTS:
            self.check(dispatch.recipient)

    def _hush(self, dispatch: Dispatch) -> None:
        for one in self.courier.ledger.deliveries(dispatch.id):
            if one.part is Part.NUDGE and one.state not in SETTLED:
                self.courier.ledger.skip(one.key, "BAILIFF_NUDGES was switched off")

    def _is_late(self, dispatch: Dispatch) -> bool:
        return self.now() >= dispatch.expires

    def _give_up(self, dispatch: Dispatch) -> None:
        """End what fails again and again, once nobody wants it any more, lest it is begun at every tick."""
        if self._is_late(dispatch):
            self.courier.ledger.drop(dispatch.id, TOO_LATE)
            self.courier.ledger.finish(dispatch.id, self.now())

    def _ended(self, dispatch: Dispatch, carried: Carried) -> Carried:
        """Say who was told, and be done; done twice it does no harm."""
        deliveries = carried.deliveries
        roll = next((one for one in deliveries if one.part is Part.ROLL and one.state is State.SENT), None)
        word = self.last_word(dispatch.context, deliveries) if roll else None
        if roll and word:
            try:
                self._check(dispatch)
                self.courier.carrier.edit(roll.channel, roll.ts, word)
            except SlackError as error:
                carried = Carried(deliveries, (f"the digest's thread does not say who was told: {error}",))
                if _is_worth_trying(error) and not self._is_late(dispatch):
                    return carried  # whoever tends to it next tries again
        self.courier.ledger.finish(dispatch.id, self.now())
        return carried


def _is_worth_trying(error: SlackError) -> bool:
    return isinstance(error, NotNow) or not isinstance(error, Refused)


def _fault(delivery: Delivery) -> str:
    """Return in one line what did not arrive, and why."""
    what, reason = delivery.label, delivery.reason
    direct = delivery.part is Part.NUDGE
    match delivery.state:
        case State.UNKNOWN:
            return f"{what} may or may not have been told: {reason}" if direct else f"perhaps lost: {what} ({reason})"
        case State.PENDING | State.SENDING:
            return f"not certain yet, and the running bot sees to it: {what}"
        case _:
            return f"{what} could not be told: {reason}" if direct else f"lost: {what} ({reason})"
