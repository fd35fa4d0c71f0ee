"""The handlers of the buttons that end a delegation: on the message about it, and in a list."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.messages.buttons import END_DELEGATION, END_LISTED_DELEGATION
from bailiff_bot.messages.document import Document, sentence
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.delegating import Delegating
from bailiff_bot.usecases.home import Home


def register(app: App, background: Background, responder: Responder, home: Home, delegating: Delegating) -> None:
    """Register the handlers."""

    @app.action(END_DELEGATION)
    def ended(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(end, request, lambda _, text: sentence(text)))

    @app.action(END_LISTED_DELEGATION)
    def ended_in_list(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(end, request, delegating.list_of))

    def end(request: SlackRequest, instead: Callable[[str, str], Document]) -> None:
        """End a delegation. `instead` makes what the message says then, for a user and with what came of it."""
        asker = responder.users.asker(request.user_id)
        outcome = delegating.end(asker, request.value)
        if outcome.is_over and request.response_url:
            responder.update(request, instead(request.user_id, outcome.text))
            return
        responder.answer(request, sentence(outcome.text))
        if outcome.is_over:  # it was clicked on the Home tab
            responder.publish_home(request, home.sections(request.user_id, asker.address))
