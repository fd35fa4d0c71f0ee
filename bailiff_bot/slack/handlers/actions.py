"""The handlers of the buttons on messages and in views."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from slack_bolt import Ack, App

from bailiff_bot.domain.report_filter import View
from bailiff_bot.errors import Refused, SlackError
from bailiff_bot.leases import Leases
from bailiff_bot.messages.answers import (
    FULL_REPORT_COMING,
    NOT_SHAREABLE,
    OLD_BUTTON,
    SHARED,
    SHARING,
    full_report_sent,
)
from bailiff_bot.messages.buttons import FULL_REPORT, SHARE
from bailiff_bot.messages.document import Button, Buttons
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.command_text import query_of_value
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers, ReportAnswer
from bailiff_bot.usecases.full_report import FullReports
from bailiff_bot.usecases.shared_report import SharedReports

_IGNORED_FOR = timedelta(hours=1)
"""How long a second click of the same button is ignored. Slack accepts answers to a click for half an hour."""

T = TypeVar("T")

log = structlog.get_logger()


def register(  # noqa: PLR0913, PLR0917 - the use cases that the buttons need
    app: App,
    background: Background,
    responder: Responder,
    answers: Answers,
    leases: Leases,
    full_reports: FullReports,
    shared_reports: SharedReports,
) -> None:
    """Register the handlers of the buttons."""
    buttons = _ReportButtons(background, responder, answers, full_reports, shared_reports)
    _on_click(app, SHARE, background, leases, buttons.share)
    _on_click(app, FULL_REPORT, background, leases, buttons.send_full_report)


def _on_click(
    app: App, key: str, background: Background, leases: Leases, handle: Callable[[SlackRequest], None]
) -> None:
    """Call `handle` for the first of several clicks on the same button of the same message."""

    @app.action(key)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(_handle_once, leases, request, handle))


def _handle_once(leases: Leases, request: SlackRequest, handle: Callable[[SlackRequest], None]) -> None:
    """Handle a click, unless it is being handled or was handled within the hour. After an error it can be repeated."""
    with leases.once_within(f"click {request.click}", _IGNORED_FOR) as first:
        if first:
            handle(request)


@dataclass(frozen=True, slots=True)
class _ReportButtons:
    background: Background
    responder: Responder
    answers: Answers
    full_reports: FullReports
    shared_reports: SharedReports

    def share(self, request: SlackRequest) -> None:
        if caller := self.responder.member(request):
            if not self.responder.can_share(request):
                raise Refused(NOT_SHAREABLE)
            answer = self._requested(request)
            sending = self.shared_reports.send(request.channel_id, answer.part, caller.name)
            self._remove_buttons(request, answer, SHARING)
            self._when_settled(sending, request, partial(self._shared, answer))

    def _shared(self, answer: ReportAnswer, request: SlackRequest, sending: Future[None]) -> None:
        if error := sending.exception():
            if isinstance(error, Refused):
                buttons = _again(request, answer.share_button, answer.full_report_button)
                self.responder.update(request, answer.document("", buttons))
            raise error
        self.responder.update(request, answer.document(SHARED, Buttons((answer.full_report_button,))))

    def send_full_report(self, request: SlackRequest) -> None:
        if self.responder.member(request):
            answer = self._requested(request)
            sending = self.full_reports.send(request.user_id, answer.part)
            self._remove_buttons(request, answer, FULL_REPORT_COMING)
            self._when_settled(sending, request, partial(self._full_report_sent, answer))

    def _full_report_sent(self, answer: ReportAnswer, request: SlackRequest, sending: Future[tuple[str, ...]]) -> None:
        if error := sending.exception():
            if isinstance(error, Refused):
                self.responder.update(request, answer.document("", _again(request, answer.full_report_button)))
            raise error
        self.responder.update(request, answer.document(full_report_sent(sending.result()), None))

    def _requested(self, request: SlackRequest) -> ReportAnswer:
        query = query_of_value(request.value)
        if query.view is View.EXEMPTIONS:
            raise Refused(OLD_BUTTON)  # no button of a report asks for it
        return self.answers.requested(query)

    def _when_settled(
        self, sending: Future[T], request: SlackRequest, settled: Callable[[SlackRequest, Future[T]], None]
    ) -> None:
        sending.add_done_callback(lambda done: self.background.follow_up(request, partial(settled, request, done)))

    def _remove_buttons(self, request: SlackRequest, answer: ReportAnswer, note: str) -> None:
        """Remove the buttons of the clicked message. An error is only logged, because the click is done."""
        try:
            self.responder.update(request, answer.document(note, None))
        except SlackError as error:
            log.error("button.removal_failed", reason=str(error))


def _again(request: SlackRequest, *buttons: Button) -> Buttons:
    """Return the buttons of a message whose click certainly sent nothing, now or later.

    Their new block makes the next click another one.
    """
    return Buttons(buttons, f"{request.block_id} again")
