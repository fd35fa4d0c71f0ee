"""The handlers of *Keep* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import KEEP
from bailiff_bot.messages.keep_modal import KEEP_FORM, TITLE, keep_form
from bailiff_bot.messages.modal import checking
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.keep_input import KeepInput, keep_input
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.keeping import Keeping


def register(app: App, clicks: Clicks, keeping: Keeping) -> None:
    """Register the handlers."""
    handler = _KeepHandler(clicks, keeping)

    @app.action(KEEP)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(KEEP_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        if typed := keep_input(ack, body, clicks, keeping):
            request = SlackRequest(typed.user_id)
            clicks.run(request, typed.modal, partial(handler.keep, request, typed))


@dataclass(frozen=True, slots=True)
class _KeepHandler:
    clicks: Clicks
    keeping: Keeping

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show what is asked, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = request.opening_click(self.keeping.decisions.clock())
        form = self.keeping.form(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        title, zone = form.offer.title, self.clicks.answers.zone
        filled = keep_form(click.id, title, form.initial, form.last, form.kept_until, form.extension, zone)
        self.clicks.update(modal, filled)

    def keep(self, request: SlackRequest, typed: KeepInput) -> None:
        """Keep the instance, and say what came of it."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = self.keeping.forms.clicked(typed.click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, typed.modal, self.keeping.decisions.unknown(asker, Action.KEEP))
            return
        request = SlackRequest.from_form(click)
        outcome = self.keeping.keep(asker, click.offer, typed.until, typed.reason)
        self.clicks.done(request, typed.modal, outcome, asker.address)
