"""The handlers of the Home tab: it is opened, or somebody turns its pages."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.messages.answers import refusal
from bailiff_bot.messages.buttons import HOME_NEXT, HOME_PREVIOUS
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.home import Home

_MAX_DIGITS = 6
"""No list has more pages than that."""


def register(app: App, background: Background, responder: Responder, answers: Answers, home: Home) -> None:
    """Register the handlers."""
    handler = _HomeHandler(background, responder, answers, home)

    @app.event("app_home_opened")
    def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            request = SlackRequest.from_payload(body)
            background.run(request, partial(handler.publish, request))

    def turned(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(handler.publish, request, page_number(request.value)))

    for key in (HOME_PREVIOUS, HOME_NEXT):
        app.action(key)(turned)


@dataclass(frozen=True, slots=True)
class _HomeHandler:
    background: Background
    responder: Responder
    answers: Answers
    home: Home

    def publish(self, request: SlackRequest, page: int = 1) -> None:
        """Show a page of the Home tab, or why there is none. Raises SlackError and StoreError."""
        caller = self.responder.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            self.responder.publish_home(request, (refusal(caller),))
            return
        again = partial(self.publish, request, page)
        notice = self.answers.when_ready(lambda scan: self.background.run_after(scan, request, again))
        sections = (notice,) if notice else self.home.sections(caller.user_id, caller.address, page)
        self.responder.publish_home(request, sections)


def page_number(value: str) -> int:
    """Return the number in a button's value: 1 if it holds none, as a forged one may."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS else 1
