"""The handlers of *Keep all* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.messages.action_results import result_text, several_results
from bailiff_bot.messages.answers import failed
from bailiff_bot.messages.buttons import KEEP_ALL
from bailiff_bot.messages.keep_modal import KEEP_ALL_FORM, TITLE, keep_all_form
from bailiff_bot.messages.modal import checking
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.keep_input import KeepInput, keep_input
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.decisions import NotDone
from bailiff_bot.usecases.keeping_all import KeepingAll, Outcome


def register(app: App, clicks: Clicks, keeping_all: KeepingAll) -> None:
    """Register the handlers."""
    handler = _KeepAllHandler(clicks, keeping_all)

    @app.action(KEEP_ALL)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(KEEP_ALL_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        if typed := keep_input(ack, body, clicks, keeping_all.keeping):
            request = SlackRequest(typed.user_id)
            clicks.run(request, typed.modal, partial(handler.keep, request, typed))


@dataclass(frozen=True, slots=True)
class _KeepAllHandler:
    clicks: Clicks
    keeping_all: KeepingAll

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show what is asked, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = request.opening_click(self.keeping_all.keeping.decisions.clock())
        form = self.keeping_all.form(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        titles = [offer.title for offer in form.offers]
        self.clicks.update(modal, keep_all_form(click.id, titles, form.initial, form.last))

    def keep(self, request: SlackRequest, typed: KeepInput) -> None:
        """Keep the instances, and say what came of each."""
        asker, keeping = self.clicks.responder.users.asker(request.user_id), self.keeping_all.keeping
        click = keeping.forms.clicked(typed.click_id, request.user_id)
        outcomes = tuple(self.keeping_all.keep(asker, click, typed.until, typed.reason)) if click else ()
        if click is None or not outcomes:  # forged, or too old by now
            self.clicks.refused(request, typed.modal, keeping.decisions.unknown(asker, Action.KEEP))
            return
        request = SlackRequest.from_form(click)
        kept, lines = tuple(filter(None, map(_kept, outcomes))), [self._line(outcome) for outcome in outcomes]
        self.clicks.say(request, typed.modal, several_results(len(kept), lines))
        if kept:
            self.clicks.show(kept, request, kept[0].offer, asker.address)

    def _line(self, outcome: Outcome) -> str:
        match outcome.result:
            case ActionResult() as result:
                return result_text(result, self.clicks.answers.zone)
            case NotDone() as refused:
                return self.clicks.why_not(refused)
            case error:
                return f"{outcome.offer.title}: {failed(str(error)).summary}"


def _kept(outcome: Outcome) -> ActionResult | None:
    """Return what was done, now or before; None if nothing was."""
    match outcome.result:
        case NotDone(earlier=earlier):
            return earlier
        case ActionResult() as result:
            return result
    return None
