"""The handler of the command `/bailiff`."""

from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.messages.answers import usage
from bailiff_bot.messages.document import Document
from bailiff_bot.slack.client.users import Caller
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.command_text import HelpCommand, MineCommand, ReportCommand, UnknownCommand, parse
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers

COMMAND = "/bailiff"


def register(app: App, background: Background, responder: Responder, answers: Answers) -> None:
    """Register the handler of the command."""
    handler = _CommandHandler(background, responder, answers)

    @app.command(COMMAND)
    def command(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(handler.answer, request))


@dataclass(frozen=True, slots=True)
class _CommandHandler:
    background: Background
    responder: Responder
    answers: Answers

    def answer(self, request: SlackRequest) -> None:
        if caller := self.responder.member(request):
            self.responder.answer(request, self._document(request, caller))

    def _document(self, request: SlackRequest, caller: Caller) -> Document:
        match parse(request.text):
            case HelpCommand():
                return usage()
            case UnknownCommand(words):
                return usage(words)
            case command:
                return self.answers.when_ready(partial(self._answer_after, request)) or self._report(
                    command, request, caller
                )

    def _answer_after(self, request: SlackRequest, scan: Future[Any]) -> None:
        self.background.run_after(scan, request, partial(self.answer, request))

    def _report(self, command: ReportCommand | MineCommand, request: SlackRequest, caller: Caller) -> Document:
        match command:
            case ReportCommand():
                return self.answers.report(shareable=self.responder.can_share(request))
            case MineCommand(str(identifier)):
                return self.answers.of_identifier(identifier)
            case MineCommand():
                return self.answers.mine(caller.address)
