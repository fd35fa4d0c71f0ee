"""The handlers of *Stop* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import STOP
from bailiff_bot.messages.modal import checking, saving
from bailiff_bot.messages.stop_modal import STOP_FORM, TITLE, stop_form
from bailiff_bot.slack.blocks.modals import modal_view
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.decisions import NotDone
from bailiff_bot.usecases.stopping import Stopping


def register(app: App, clicks: Clicks, stopping: Stopping) -> None:
    """Register the handlers."""
    handler = _StopHandler(clicks, stopping)

    @app.action(STOP)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(STOP_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        ack(response_action="update", view=modal_view(saving(TITLE)))
        request, modal = SlackRequest(body["user"]["id"]), OpenModal(body["view"]["id"], TITLE)
        clicks.run(request, modal, partial(handler.stop, request, modal, body["view"]["private_metadata"]))


@dataclass(frozen=True, slots=True)
class _StopHandler:
    clicks: Clicks
    stopping: Stopping

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Say what happens and warn, or say why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        form = self.stopping.form(asker, request.opening_click(self.stopping.decisions.clock()))
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        self.clicks.update(modal, stop_form(form.click.id, form.offer.title, form.warnings))

    def stop(self, request: SlackRequest, modal: OpenModal, click_id: str) -> None:
        """Stop the instance, and say what came of it so far."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = self.stopping.forms.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, self.stopping.decisions.unknown(asker, Action.STOP))
            return
        outcome = self.stopping.stop(asker, click.offer)
        self.clicks.done(SlackRequest.from_form(click), modal, outcome, asker.address)
