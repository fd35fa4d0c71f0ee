"""The handlers of *Not mine* and of its modal."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.buttons import NOT_MINE
from bailiff_bot.messages.modal import checking, saving
from bailiff_bot.messages.not_mine_modal import (
    HINT,
    NOT_MINE_FORM,
    TITLE,
    WRONG_HINT,
    not_mine_form,
)
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.decisions import NotDone
from bailiff_bot.usecases.not_mine import NotMine


def register(app: App, clicks: Clicks, not_mine: NotMine, triage: str) -> None:
    """Register the handlers. `triage` is the channel that is told, for readers."""
    handler = _NotMineHandler(clicks, not_mine, triage)

    @app.action(NOT_MINE)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(NOT_MINE_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)


@dataclass(frozen=True, slots=True)
class _NotMineHandler:
    clicks: Clicks
    not_mine: NotMine
    triage: str

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show what happens, and ask whose it is; or say why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = request.opening_click(self.not_mine.decisions.clock())
        form = self.not_mine.form(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        zone = self.clicks.answers.zone
        self.clicks.update(modal, not_mine_form(click.id, form.offer.title, self.triage, form.until, zone))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer what is quick to check, and do the rest in the background."""
        view = body["view"]
        hint = submitted(view["state"]["values"], HINT)
        if not self.not_mine.is_acceptable(hint):
            ack(response_action="errors", errors={HINT: WRONG_HINT})
            self.clicks.record_wrong_input(body, self.not_mine.forms, Action.NOT_MINE)
            return
        ack(response_action="update", view=modal_view(saving(TITLE)))
        request, modal = SlackRequest(body["user"]["id"]), OpenModal(view["id"], TITLE)
        self.clicks.run(request, modal, partial(self._disclaim, request, modal, view["private_metadata"], hint))

    def _disclaim(self, request: SlackRequest, modal: OpenModal, click_id: str, hint: str) -> None:
        asker = self.clicks.responder.users.asker(request.user_id)
        click = self.not_mine.forms.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, self.not_mine.decisions.unknown(asker, Action.NOT_MINE))
            return
        request = SlackRequest.from_form(click)
        self.clicks.done(request, modal, self.not_mine.disclaim(asker, click, hint), asker.address)
