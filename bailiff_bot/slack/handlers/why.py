"""The handler of *Why?*: a modal that explains an instance to whoever clicks."""

from dataclasses import dataclass
from typing import Any, Protocol

from slack_bolt import Ack, App

from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.messages.answers import refusal
from bailiff_bot.messages.buttons import WHY
from bailiff_bot.messages.document import Document, sentence
from bailiff_bot.messages.modal import Modal, checking
from bailiff_bot.messages.refusals import UNKNOWN_BUTTON
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.explain import Explain

_TITLE = "Why?"


class OfferReader(Protocol):
    """Finds offers. Raises StoreError."""

    def get(self, key: str) -> Offer | None:
        """Return the offer with this key; None if there is none."""
        ...


def register(app: App, clicks: Clicks, explain: Explain, offers: OfferReader) -> None:
    """Register the handler."""
    handler = _WhyHandler(clicks, explain, offers)

    @app.action(WHY)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(_TITLE), handler.fill)


@dataclass(frozen=True, slots=True)
class _WhyHandler:
    clicks: Clicks
    explain: Explain
    offers: OfferReader

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show why the instance is judged as it is. If the modal was closed, nobody waits for it."""
        self.clicks.update(modal, Modal(_TITLE, self._document(request)))

    def _document(self, request: SlackRequest) -> Document:
        caller = self.clicks.responder.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            return refusal(caller)
        offer = self.offers.get(request.value)
        return self.explain.of_subject(offer.subject, caller.user_id) if offer else sentence(UNKNOWN_BUTTON)
