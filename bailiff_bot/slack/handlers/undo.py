"""The handler of *Undo*."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.messages.buttons import UNDO
from bailiff_bot.slack.handlers.clicks import NO_MODAL, Clicks
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.undoing import Undoing


def register(app: App, clicks: Clicks, undoing: Undoing) -> None:
    """Register the handler."""
    handler = _UndoHandler(clicks, undoing)

    @app.action(UNDO)
    def undone(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        clicks.run(request, NO_MODAL, partial(handler.undo, request))


@dataclass(frozen=True, slots=True)
class _UndoHandler:
    clicks: Clicks
    undoing: Undoing

    def undo(self, request: SlackRequest) -> None:
        """Undo what was just done."""
        asker = self.clicks.responder.users.asker(request.user_id)
        self.clicks.done(request, NO_MODAL, self.undoing.undo(asker, request.value), asker.address)
