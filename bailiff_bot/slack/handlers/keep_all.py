"""The handlers of *Keep all* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import KEEP_ALL
from bailiff_bot.messages.keep_modal import KEEP_ALL_FORM, TITLE, keep_all_form
from bailiff_bot.messages.modal import checking
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.keep_input import KeepInput, keep_input
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.several import error_text, show_outcomes
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.keeping_all import KeepingAll


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
        shown = SlackRequest.from_form(click)
        show_outcomes(self.clicks, shown, typed.modal, asker, outcomes, "kept", error_text)
