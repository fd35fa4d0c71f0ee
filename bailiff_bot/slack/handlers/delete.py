"""The handlers of *Delete* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import DELETE
from bailiff_bot.messages.delete_modal import (
    CONFIRMATION,
    DELETE_FORM,
    TITLE,
    WRONG_CONFIRMATION,
    delete_form,
)
from bailiff_bot.messages.modal import checking, saving
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.decisions import NotDone
from bailiff_bot.usecases.deleting import Deleting


def register(app: App, clicks: Clicks, deleting: Deleting) -> None:
    """Register the handlers."""
    handler = _DeleteHandler(clicks, deleting)

    @app.action(DELETE)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(DELETE_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)


@dataclass(frozen=True, slots=True)
class _DeleteHandler:
    clicks: Clicks
    deleting: Deleting

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Say what becomes of the instance and its volumes, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        form = self.deleting.form(asker, request.opening_click(self.deleting.decisions.clock()))
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        filled = delete_form(
            form.click.id,
            form.offer.title,
            form.instance_id,
            form.details,
            form.warnings,
            form.due_at,
            self.clicks.answers.zone,
            makes_image=form.makes_image,
        )
        self.clicks.update(modal, filled)

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer what is quick to check, and do the rest in the background."""
        view = body["view"]
        typed = submitted(view["state"]["values"], CONFIRMATION)
        if not self.deleting.is_confirmation(view["private_metadata"], body["user"]["id"], typed):
            ack(response_action="errors", errors={CONFIRMATION: WRONG_CONFIRMATION})
            self.clicks.record_wrong_input(body, self.deleting.forms, Action.DELETE)
            return
        ack(response_action="update", view=modal_view(saving(TITLE)))
        request, modal = SlackRequest(body["user"]["id"]), OpenModal(view["id"], TITLE)
        self.clicks.run(request, modal, partial(self._request, request, modal, view["private_metadata"], typed))

    def _request(self, request: SlackRequest, modal: OpenModal, click_id: str, typed: str) -> None:
        asker = self.clicks.responder.users.asker(request.user_id)
        click = self.deleting.forms.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, self.deleting.decisions.unknown(asker, Action.DELETE))
            return
        outcome = self.deleting.request(asker, click.offer, typed)
        self.clicks.done(SlackRequest.from_form(click), modal, outcome, asker.address)
