"""The handlers of *Stop all* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import STOP_ALL
from bailiff_bot.messages.modal import checking, saving, with_note
from bailiff_bot.messages.stop_modal import STOP_ALL_FORM, TITLE, left_out, stop_all_form
from bailiff_bot.slack.blocks.modals import modal_view
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.several import Outcome, error_text, show_outcomes
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.stopping_all import LeftOut, StoppingAll


def register(app: App, clicks: Clicks, stopping_all: StoppingAll, note: str) -> None:
    """Register the handlers. `note` is what the form ends with."""
    handler = _StopAllHandler(clicks, stopping_all, note)

    @app.action(STOP_ALL)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(STOP_ALL_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        ack(response_action="update", view=modal_view(saving(TITLE)))
        request, modal = SlackRequest(body["user"]["id"]), OpenModal(body["view"]["id"], TITLE)
        clicks.run(request, modal, partial(handler.stop, request, modal, body["view"]["private_metadata"]))


@dataclass(frozen=True, slots=True)
class _StopAllHandler:
    clicks: Clicks
    stopping_all: StoppingAll
    note: str

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Say which are stopped, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = request.opening_click(self.stopping_all.stopping.decisions.clock())
        form = self.stopping_all.form(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        filled = stop_all_form(click.id, [offer.title for offer in form.offers])
        self.clicks.update(modal, with_note(filled, self.note))

    def stop(self, request: SlackRequest, modal: OpenModal, click_id: str) -> None:
        """Stop the instances, and say what came of each."""
        asker, stopping = self.clicks.responder.users.asker(request.user_id), self.stopping_all.stopping
        click = stopping.forms.clicked(click_id, request.user_id)
        outcomes = tuple(self.stopping_all.stop(asker, click)) if click else ()
        if click is None or not outcomes:  # forged, or too old by now
            self.clicks.refused(request, modal, stopping.decisions.unknown(asker, Action.STOP))
            return
        show_outcomes(self.clicks, SlackRequest.from_form(click), modal, asker, outcomes, "being stopped", _other)


def _other(outcome: Outcome) -> str:
    match outcome.result:
        case LeftOut(warnings):
            return left_out(outcome.offer.title, warnings)
    return error_text(outcome)
