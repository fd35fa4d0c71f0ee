"""The handlers of *Assign to...* and of its modal."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.errors import BailiffError
from bailiff_bot.messages.assign_modal import (
    ASSIGN_FORM,
    NOBODY_CHOSEN,
    OWNER,
    TITLE,
    assign_form,
    wrong_owner,
)
from bailiff_bot.messages.buttons import ASSIGN
from bailiff_bot.messages.modal import checking, saving
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.assigning import AssignForm, Assigning

log = structlog.get_logger()

RefreshTriage = Callable[[], None]
"""Renders the messages of triage again that say something else than what is so now."""


def register(app: App, clicks: Clicks, assigning: Assigning, refresh: RefreshTriage) -> None:
    """Register the handlers."""
    handler = _AssignHandler(clicks, assigning, refresh)

    @app.action(ASSIGN)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(TITLE), handler.fill)

    @app.view(ASSIGN_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)


@dataclass(frozen=True, slots=True)
class _AssignHandler:
    clicks: Clicks
    assigning: Assigning
    refresh: RefreshTriage

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show what is asked, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = request.opening_click(self.assigning.decisions.clock())
        form = self.assigning.form(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
        else:
            self.clicks.update(modal, assign_form(click.id, form.offer.title, form.disclaimers))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer if nobody was chosen, and do the rest in the background."""
        view, user = body["view"], body["user"]["id"]
        owner_id = submitted(view["state"]["values"], OWNER)
        if not owner_id:
            ack(response_action="errors", errors={OWNER: NOBODY_CHOSEN})
            self.clicks.record_wrong_input(body, self.assigning.forms, Action.ASSIGN)
            return
        ack(response_action="update", view=modal_view(saving(TITLE)))
        request, modal = SlackRequest(user), OpenModal(view["id"], TITLE)
        self.clicks.run(request, modal, partial(self._assign, request, modal, view["private_metadata"], owner_id))

    def _assign(self, request: SlackRequest, modal: OpenModal, click_id: str, owner_id: str) -> None:
        users = self.clicks.responder.users
        asker = users.asker(request.user_id)
        click = self.assigning.forms.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, self.assigning.decisions.unknown(asker, Action.ASSIGN))
            return
        request = SlackRequest.from_form(click)
        outcome = self.assigning.assign(asker, click, users.asker(owner_id))
        if isinstance(outcome, AssignForm):
            self._ask_again(request, modal, outcome)
            return
        self.clicks.done(request, modal, outcome, asker.address)
        self._show(request)

    def _ask_again(self, request: SlackRequest, modal: OpenModal, form: AssignForm) -> None:
        """Show the form with what is wrong, or say it if the form was closed."""
        shown = assign_form(form.click.id, form.offer.title, form.disclaimers, form.wrong)
        if form.wrong and not self.clicks.update(modal, shown):
            self.clicks.tell(request, modal, wrong_owner(form.wrong))

    def _show(self, request: SlackRequest) -> None:
        try:
            self.refresh()
        except BailiffError as error:  # it is done all the same, and the next tick shows it
            log.error("message.not_updated", user=request.user_id, reason=str(error))
