"""The handlers of *Keep* and of its modal."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from secrets import token_urlsafe
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.clock import Clock
from bailiff_bot.messages.buttons import KEEP
from bailiff_bot.messages.keep_modal import (
    CHOICE,
    KEEP_FORM,
    TITLE,
    UNTIL,
    WORDS,
    WRONG_WORDS,
    checking,
    keep_form,
    saving,
    wrong_day,
)
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.decisions import NotDone
from bailiff_bot.usecases.keeping import Keeping


def register(app: App, clicks: Clicks, keeping: Keeping, clock: Clock) -> None:
    """Register the handlers."""
    handler = _KeepHandler(clicks, keeping, clock)

    @app.action(KEEP)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(), handler.fill)

    @app.view(KEEP_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)


@dataclass(frozen=True, slots=True)
class _KeepHandler:
    clicks: Clicks
    keeping: Keeping
    clock: Clock

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show what is asked, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = Click(token_urlsafe(16), request.value, request.user_id, request.response_url, self.clock())
        form = self.keeping.form(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
            return
        zone = self.clicks.answers.zone
        self.clicks.update(modal, keep_form(click.id, form.offer.title, form.initial, form.last, form.kept_until, zone))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer what is quick to check, and do the rest in the background."""
        view, user = body["view"], body["user"]["id"]
        values = view["state"]["values"]
        until, reason = _day(submitted(values, UNTIL)), submitted(values, WORDS).strip() or submitted(values, CHOICE)
        if (wrong := self.keeping.wrong_input(user, until, reason)) or until is None:
            ack(response_action="errors", errors=self._errors(user, wrong))
            return
        ack(response_action="update", view=modal_view(saving()))
        request, modal = SlackRequest(user), OpenModal(view["id"], TITLE)
        self.clicks.run(request, modal, partial(self._keep, request, modal, view["private_metadata"], until, reason))

    def _errors(self, user: str, wrong: frozenset[str]) -> dict[str, str]:
        """Return the sentence for each field that is wrong."""
        until = {UNTIL: wrong_day(self.keeping.last_day(user))} if "until" in wrong else {}
        return until | ({WORDS: WRONG_WORDS} if "reason" in wrong else {})

    def _keep(self, request: SlackRequest, modal: OpenModal, click_id: str, until: date, reason: str) -> None:
        asker = self.clicks.responder.users.asker(request.user_id)
        click = self.keeping.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, self.keeping.decisions.unknown(asker, Action.KEEP))
            return
        request = SlackRequest(request.user_id, response_url=click.response_url)
        self.clicks.done(request, modal, self.keeping.keep(asker, click, until, reason), asker.address)


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
