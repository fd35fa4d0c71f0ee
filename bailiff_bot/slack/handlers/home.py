"""The handler of the Home tab."""

from functools import partial
from typing import Any

from slack_bolt import App

from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.messages.answers import refusal
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers


def register(app: App, background: Background, responder: Responder, answers: Answers) -> None:
    """Register the handler of the Home tab, which is opened or comes to the front."""

    @app.event("app_home_opened")
    def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            request = SlackRequest.from_payload(body)
            background.run(request, partial(publish, request))

    def publish(request: SlackRequest) -> None:
        caller = responder.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            responder.publish_home(request, (refusal(caller),))
            return
        notice = answers.when_ready(lambda scan: background.run_after(scan, request, partial(publish, request)))
        responder.publish_home(request, (notice,) if notice else answers.home(caller.user_id, caller.address))
