"""The handlers of *Keep*, of its modal, and of *Undo*.

A click opens its modal at once, in the thread that acknowledges: Slack accepts it for three seconds only. Then a worker
asks AWS, Slack and the directory, and updates the modal.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from secrets import token_urlsafe
from typing import Any

import structlog
from slack_bolt import Ack, App

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.offer import ANSWER, HOME, Offer
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.errors import BailiffError, Refused, SlackError
from bailiff_bot.messages.action_results import result_text
from bailiff_bot.messages.answers import crashed, failed
from bailiff_bot.messages.buttons import KEEP, UNDO
from bailiff_bot.messages.document import sentence
from bailiff_bot.messages.keep_modal import (
    CHOICE,
    KEEP_FORM,
    UNTIL,
    WORDS,
    WRONG_WORDS,
    answered,
    checking,
    keep_form,
    saving,
    wrong_day,
)
from bailiff_bot.messages.modal import Modal
from bailiff_bot.messages.refusals import UNKNOWN_BUTTON, refusal_sentence
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.client.web import call
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.keeping import Keeping, NotDone

log = structlog.get_logger()

RefreshMessage = Callable[[str, str], None]
"""Renders the direct message with this key, to this recipient, again."""


def register(  # noqa: PLR0913, PLR0917 - the use cases that the buttons need
    app: App,
    background: Background,
    responder: Responder,
    answers: Answers,
    keeping: Keeping,
    refresh: RefreshMessage,
    clock: Clock,
) -> None:
    """Register the handlers."""
    handler = _KeepHandler(background, responder, answers, keeping, refresh, clock)

    @app.action(KEEP)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        handler.open(body)

    @app.view(KEEP_FORM)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)

    @app.action(UNDO)
    def undone(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(handler.undo, request))


@dataclass(frozen=True, slots=True)
class _KeepHandler:
    background: Background
    responder: Responder
    answers: Answers
    keeping: Keeping
    refresh: RefreshMessage
    clock: Clock

    def open(self, body: Mapping[str, Any]) -> None:
        """Open the modal, and fill it in as soon as it is known what it asks."""
        request = SlackRequest.from_payload(body)
        client = self.responder.client
        try:
            opened = call(client, "views_open", trigger_id=body["trigger_id"], view=modal_view(checking()))
        except SlackError as error:
            log.error("modal.not_opened", user=request.user_id, reason=str(error))
            self.responder.report_error(request, sentence("Slack did not open the form: click again."))
            return
        self.background.run(request, partial(self._fill, request, opened["view"]["id"]))

    def _fill(self, request: SlackRequest, view_id: str) -> None:
        asker = self.responder.users.asker(request.user_id)
        click = Click(token_urlsafe(16), request.value, request.user_id, request.response_url, self.clock())
        with self._reporting(request, view_id):
            form = self.keeping.form(asker, click)
            if isinstance(form, NotDone):
                self._tell(request, view_id, self._why(form))
                return
            title, zone = form.offer.title, self.answers.zone
            modal = keep_form(click.id, title, form.initial, form.last, form.kept_until, zone)
            self._update(view_id, modal)

    def submit(self, ack: Ack, body: Mapping[str, Any]) -> None:
        """Answer what is quick to check, and do the rest in the background."""
        view, user = body["view"], body["user"]["id"]
        values = view["state"]["values"]
        until, reason = _day(submitted(values, UNTIL)), submitted(values, WORDS).strip() or submitted(values, CHOICE)
        if (wrong := self.keeping.wrong_input(user, until, reason)) or until is None:
            last = self.keeping.last_day(user)
            texts = {"until": {UNTIL: wrong_day(last)}, "reason": {WORDS: WRONG_WORDS}}
            ack(response_action="errors", errors={k: v for name in wrong for k, v in texts[name].items()})
            return
        ack(response_action="update", view=modal_view(saving()))
        click_id, request = view["private_metadata"], SlackRequest(user)
        self.background.run(request, partial(self._keep, request, view["id"], click_id, until, reason))

    def _keep(self, request: SlackRequest, view_id: str, click_id: str, until: date, reason: str) -> None:
        with self._reporting(request, view_id):
            click = self.keeping.clicked(click_id, request.user_id)
            if click is None:
                self._tell(request, view_id, UNKNOWN_BUTTON)
                return
            request = SlackRequest(request.user_id, response_url=click.response_url)
            asker = self.responder.users.asker(request.user_id)
            self._done(request, view_id, self.keeping.keep(asker, click, until, reason), asker.address)

    def undo(self, request: SlackRequest) -> None:
        """End an exemption that was just granted."""
        asker = self.responder.users.asker(request.user_id)
        self._done(request, "", self.keeping.undo(asker, request.value), asker.address)

    def _done(self, request: SlackRequest, view_id: str, outcome: ActionResult | NotDone, address: str) -> None:
        """Say what came of it, and show it where it was clicked."""
        if isinstance(outcome, NotDone):
            self._tell(request, view_id, self._why(outcome))
            if outcome.earlier is None:
                return
            outcome = outcome.earlier
        elif view_id:
            self._tell(request, view_id, result_text(outcome, self.answers.zone))
        try:
            self._show(request, outcome.offer, address)
        except BailiffError as error:  # it is done all the same
            log.error("message.not_updated", user=request.user_id, reason=str(error))

    def _show(self, request: SlackRequest, offer: Offer, address: str) -> None:
        if offer.message == HOME:
            self.responder.publish_home(request, self.answers.home(request.user_id, address))
        elif offer.message == ANSWER:
            query = ReportQuery(View.MINE, ReportFilter(owners=(address,)))
            self.responder.update(request, self.answers.mine(query, request.user_id))
        else:
            self.refresh(offer.message, offer.recipient)

    def _why(self, refused: NotDone) -> str:
        if refused.earlier:
            return f"This was done before. {result_text(refused.earlier, self.answers.zone)}"
        text = refusal_sentence(refused.reason, refused.owners)
        return f"{refused.offer.title}: {text}" if refused.offer else text

    def _tell(self, request: SlackRequest, view_id: str, text: str) -> None:
        """Say something in the modal, or privately if it was closed or there is none."""
        if not view_id or not self._update(view_id, answered(text)):
            self.responder.answer(request, sentence(text))

    def _update(self, view_id: str, modal: Modal) -> bool:
        """Replace the content of the modal. Returns False if it was closed."""
        try:
            call(self.responder.client, "views_update", view_id=view_id, view=modal_view(modal))
        except Refused as error:
            if error.code not in _CLOSED:
                raise
            return False
        return True

    @contextmanager
    def _reporting(self, request: SlackRequest, view_id: str) -> Iterator[None]:
        """Say in the modal why something failed: else it would say "Checking ..." for ever."""
        try:
            yield
        except BailiffError as error:
            log.error("request.failed", user=request.user_id, reason=str(error))
            self._tell(request, view_id, failed(str(error)).summary)
        except Exception:
            log.exception("request.crashed", user=request.user_id)
            self._tell(request, view_id, crashed().summary)


_CLOSED = frozenset({"not_found", "view_not_found"})
"""What Slack answers about a modal that was closed."""


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
