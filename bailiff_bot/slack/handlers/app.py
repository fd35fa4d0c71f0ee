"""The Bolt app, before the handlers are registered."""

import re
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient

from bailiff_bot.messages.buttons import LINK
from bailiff_bot.messages.document import sentence
from bailiff_bot.messages.refusals import UNKNOWN_BUTTON
from bailiff_bot.slack.blocks.menus import as_button_click
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder


def build_app(client: WebClient, listeners: Executor) -> App:
    """Return the app. The threads of `listeners` only acknowledge what Slack sends."""
    app = App(
        client=client,
        listener_executor=listeners,
        token_verification_enabled=False,
        user_facing_authorize_error_message="Slack is not answering Bailiff: try again in a minute.",
    )
    app.use(_choices_as_clicks)
    return app


def _choices_as_clicks(body: dict[str, Any], next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002
    """Let a choice in a menu reach the handler of the button that it stands for. Bolt gives `next` by its name."""
    if isinstance(actions := body.get("actions"), list):
        body["actions"] = [as_button_click(action) or action for action in actions]
    return next()


def register_catch_all(app: App, background: Background, responder: Responder) -> None:
    """Acknowledge every other click, and answer it unless it opens a link: it is of another version, or forged.

    Bolt calls the first listener that matches, so this one is registered last.
    """

    @app.action(re.compile(".*"))
    def any_other_click(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        if body["actions"][0]["action_id"] != LINK:
            request = SlackRequest.from_payload(body)
            background.run(request, partial(responder.answer, request, sentence(UNKNOWN_BUTTON)))
