"""Answers to commands and clicks, and the fallback for blocks that Slack refuses."""

from typing import Any

import structlog
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.webhook import WebhookClient

from bailiff_bot.errors import Ambiguous, Refused
from bailiff_bot.messages.document import Document, Payload
from bailiff_bot.slack.blocks.payload import fallback, post_arguments
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.slack.client.web import BoundedRateLimitRetryHandler, bypasses_proxy, slack_error

log = structlog.get_logger()

_CLIENT_ERROR, _SERVER_ERROR = 400, 500
"""HTTP statuses."""
_BLOCKS_REFUSED = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)


def fallback_for(payload: Payload, error: Refused) -> Payload:
    """Return the fallback for a refused message. Raises `error` itself if the blocks are not the cause."""
    if not payload["blocks"] or error.code not in _BLOCKS_REFUSED:
        raise error
    response = getattr(error.__cause__, "response", None)
    reasons = response.get("response_metadata", {}).get("messages", []) if response is not None else []
    log.warning("blocks.refused", code=error.code, reasons=reasons)
    return fallback(payload)


class Replies:
    """Answers commands and clicks through their `response_url`. A call takes at most `timeout` seconds."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    def send(self, response_url: str, document: Document, *, replace: bool = False) -> None:
        """Show a message to the user who asked, and to nobody else. Raises SlackError.

        `replace` replaces the message of the clicked button; it works for a click's `response_url` only. Slack accepts
        up to five answers per `response_url`.
        """
        webhook = self._webhook(response_url)
        options = {"response_type": "ephemeral", "replace_original": replace}
        payload = render(document)
        try:
            _send(webhook, {**post_arguments(payload), **options})
        except Refused as error:
            _send(webhook, {**post_arguments(fallback_for(payload, error)), **options})

    def _webhook(self, response_url: str) -> WebhookClient:
        retries: list[RetryHandler] = [BoundedRateLimitRetryHandler(max_retry_count=1)]
        timeout: Any = self._timeout  # annotated as int; urllib takes fractions too
        webhook = WebhookClient(response_url, timeout=timeout, retry_handlers=retries)
        if bypasses_proxy(response_url):
            webhook.proxy = None
        return webhook


def _send(webhook: WebhookClient, body: dict[str, Any]) -> None:
    try:
        response = webhook.send_dict(body)
    except Exception as error:  # urllib raises many types, and all mean that no answer came
        raise slack_error("response_url", error, webhook.url) from error
    if response.status_code >= _SERVER_ERROR:
        raise Ambiguous(f"Slack did not answer response_url (HTTP {response.status_code})")
    if response.status_code >= _CLIENT_ERROR:
        code = next((code for code in _BLOCKS_REFUSED if code in response.body), response.body[:80])
        raise Refused(f"Slack refused an answer: {code}", code)
