"""The handler of *End*."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.messages.buttons import END
from bailiff_bot.slack.handlers.clicks import NO_MODAL, Clicks
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.ending import Ending


def register(app: App, clicks: Clicks, ending: Ending) -> None:
    """Register the handler."""
    handler = _EndHandler(clicks, ending)

    @app.action(END)
    def ended(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        clicks.run(request, NO_MODAL, partial(handler.end, request))


@dataclass(frozen=True, slots=True)
class _EndHandler:
    clicks: Clicks
    ending: Ending

    def end(self, request: SlackRequest) -> None:
        """End an exemption."""
        asker = self.clicks.responder.users.asker(request.user_id)
        self.clicks.done(request, NO_MODAL, self.ending.end(asker, request.value), asker.address)
