"""The Bolt app, before the handlers are registered."""

import re
from concurrent.futures import Executor

from slack_bolt import Ack, App
from slack_sdk import WebClient


def build_app(client: WebClient, listeners: Executor) -> App:
    """Return the app. The threads of `listeners` only acknowledge what Slack sends."""
    return App(
        client=client,
        listener_executor=listeners,
        token_verification_enabled=False,
        user_facing_authorize_error_message="Slack is not answering Bailiff: try again in a minute.",
    )


def register_catch_all(app: App) -> None:
    """Acknowledge every other click, so that Slack shows no warning sign: a link, or a button of another version.

    Bolt calls the first listener that matches, so this one is registered last.
    """

    @app.action(re.compile(".*"))
    def any_other_click(ack: Ack) -> None:
        ack()
