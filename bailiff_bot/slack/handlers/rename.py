"""The handlers of *Rename* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import RENAME
from bailiff_bot.messages.modal import checking, saving
from bailiff_bot.messages.rename_modal import NAME, RENAME_FORM, TITLE, WRONG_NAME, rename_form
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.decisions import NotDone
from bailiff_bot.usecases.renaming import Renaming


def register(app: App, clicks: Clicks, renaming: Renaming) -> None:
    """Register the handlers."""
    handler = _RenameHandler(clicks, renaming)

    @app.action(RENAME)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(RENAME_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)


@dataclass(frozen=True, slots=True)
class _RenameHandler:
    clicks: Clicks
    renaming: Renaming

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Ask for the name, or say why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        form = self.renaming.form(asker, request.opening_click(self.renaming.decisions.clock()))
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        filled = rename_form(form.click.id, form.offer.title, form.initial, form.identifiers)
        self.clicks.update(modal, filled)

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer what is quick to check, and do the rest in the background."""
        view = body["view"]
        name = submitted(view["state"]["values"], NAME)
        if self.renaming.is_wrong(name):
            ack(response_action="errors", errors={NAME: WRONG_NAME})
            self.clicks.record_wrong_input(body, self.renaming.forms, Action.RENAME)
            return
        ack(response_action="update", view=modal_view(saving(TITLE)))
        request, modal = SlackRequest(body["user"]["id"]), OpenModal(view["id"], TITLE)
        self.clicks.run(request, modal, partial(self._rename, request, modal, view["private_metadata"], name))

    def _rename(self, request: SlackRequest, modal: OpenModal, click_id: str, name: str) -> None:
        asker = self.clicks.responder.users.asker(request.user_id)
        click = self.renaming.forms.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, self.renaming.decisions.unknown(asker, Action.RENAME))
            return
        outcome = self.renaming.rename(asker, click.offer, name)
        self.clicks.done(SlackRequest.from_form(click), modal, outcome, asker.address)
