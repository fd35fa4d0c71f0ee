"""Sends answers to the person who asked."""

from dataclasses import dataclass

import structlog
from slack_sdk import WebClient

from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.errors import Refused, SlackError
from bailiff_bot.messages.answers import refusal
from bailiff_bot.messages.document import Document
from bailiff_bot.slack.blocks.payload import post_arguments
from bailiff_bot.slack.blocks.render import render, render_view
from bailiff_bot.slack.client.channels import is_shareable
from bailiff_bot.slack.client.replies import Replies
from bailiff_bot.slack.client.users import Caller, SlackUsers
from bailiff_bot.slack.client.web import call
from bailiff_bot.slack.handlers.request import SlackRequest

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Responder:
    """Answers requests: only to the person who asked, and only to full members of the workspace."""

    client: WebClient
    replies: Replies
    users: SlackUsers

    def member(self, request: SlackRequest) -> Caller | None:
        """Return who asks; None if Bailiff does not answer them, after it has told them why. Raises SlackError."""
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            self.answer(request, refusal(caller))
            return None
        return caller

    def answer(self, request: SlackRequest, document: Document) -> None:
        """Answer where the request was made. Raises SlackError.

        The answer is a direct message if the request was made in a view, or if its address takes no more answers: Slack
        accepts five within half an hour.
        """
        if not self._is_replied(request, document):
            call(self.client, "chat_postMessage", channel=request.user_id, **post_arguments(render(document)))

    def _is_replied(self, request: SlackRequest, document: Document) -> bool:
        try:
            if request.response_url:
                self.replies.send(request.response_url, document)
        except Refused as error:
            log.warning("reply.refused", user=request.user_id, reason=str(error))
            return False
        return bool(request.response_url)

    def update(self, request: SlackRequest, document: Document) -> None:
        """Replace the message whose button was clicked. A view has none: it stays as it is. Raises SlackError."""
        if request.response_url:
            self.replies.send(request.response_url, document, replace=True)

    def publish_home(self, request: SlackRequest, documents: tuple[Document, ...]) -> None:
        """Show documents in the Home tab. Raises SlackError."""
        blocks = render_view(documents)
        call(self.client, "views_publish", user_id=request.user_id, view={"type": "home", "blocks": blocks})

    def can_share(self, request: SlackRequest) -> bool:
        """Return True if a report may be shared in the channel of a request."""
        try:
            return bool(request.channel_id) and is_shareable(self.client, request.channel_id)
        except SlackError:
            return False  # who reads the channel is not known

    def report_error(self, request: SlackRequest, error: Document) -> None:
        """Answer with an error in one line. An error of the answer itself is only logged."""
        try:
            self.answer(request, error)
        except SlackError as failure:
            log.error("error_reply.failed", user=request.user_id, reason=str(failure))
