"""The handlers of the buttons that act at once, without a form: *Undo* and *End*."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.slack.handlers.clicks import NO_MODAL, Clicks
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.asked import NotDone

Act = Callable[[Asker, str], ActionResult | NotDone]
"""Does what a button with the key of an offer asks for, unless it is refused. Raises StoreError."""


def register(app: App, clicks: Clicks, actions: Mapping[str, Act]) -> None:
    """Register a handler for each button, by its key."""
    for button, act in actions.items():
        _register(app, clicks, button, act)


def _register(app: App, clicks: Clicks, button: str, act: Act) -> None:
    def do(request: SlackRequest) -> None:
        asker = clicks.responder.users.asker(request.user_id)
        clicks.done(request, NO_MODAL, act(asker, request.value), asker.address)

    @app.action(button)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        clicks.run(request, NO_MODAL, partial(do, request))
