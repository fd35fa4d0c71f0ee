"""Shows what came of an action on several instances: a line for each."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.action_result import Outcome as ResultOutcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.offer import Offer
from bailiff_bot.messages.action_results import result_text, several_results
from bailiff_bot.messages.answers import failed
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.asked import NotDone


class Outcome(Protocol):
    """What came of one of several instances."""

    @property
    def offer(self) -> Offer:
        """What was asked for."""
        ...

    @property
    def result(self) -> object:
        """A result, a refusal, an error, or something of the action's own."""
        ...


def show_outcomes(  # noqa: PLR0913, PLR0917 - who asked, where it is shown, and what came of it
    clicks: Clicks,
    request: SlackRequest,
    modal: OpenModal,
    asker: Asker,
    outcomes: Sequence[Outcome],
    what: str,
    other: Callable[[Outcome], str],
) -> None:
    """Say what came of each instance, and show it in the messages. `what` follows the count of those that are done.

    `other` returns the line of an outcome that is neither a result nor a refusal.
    """
    done = tuple(filter(None, map(_done, outcomes)))
    lines = [_line(clicks, outcome) or other(outcome) for outcome in outcomes]
    clicks.say(request, modal, several_results(len(done), lines, what))
    if done:
        clicks.show(done, request, done[0].offer, asker.address)


def _line(clicks: Clicks, outcome: Outcome) -> str:
    match outcome.result:
        case ActionResult() as result:
            return result_text(result, clicks.answers.zone)
        case NotDone() as refused:
            return clicks.why_not(refused)
    return ""


def error_text(outcome: Outcome) -> str:
    """Return the line of an outcome that is an error: it was not possible to say whether it is done."""
    return f"{outcome.offer.title}: {failed(str(outcome.result)).summary}"


def _done(outcome: Outcome) -> ActionResult | None:
    """Return what was done, now or before; None if nothing was."""
    match outcome.result:
        case NotDone(earlier=ActionResult() as earlier):
            result = earlier
        case ActionResult() as result:
            pass
        case _:
            return None
    return result if result.outcome not in {ResultOutcome.FAILED, ResultOutcome.DRY_RUN} else None
