"""Answers to commands and clicks, and the fallback for blocks that Slack refuses."""

from typing import Any

import structlog
from slack_sdk.webhook import WebhookClient

from bailiff_bot.errors import Refused
from bailiff_bot.slack.blocks.message import Message
from bailiff_bot.slack.client.web import TIMEOUT, BoundedRateLimitRetryHandler, bypasses_proxy, slack_error

log = structlog.get_logger()

_BLOCKS_REFUSED = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)


def fallback(message: Message, error: Refused) -> Message:
    """Return the fallback for a refused message. Raises `error` itself if the blocks are not the cause."""
    if not message.blocks or error.code not in _BLOCKS_REFUSED:
        raise error
    response = getattr(error.__cause__, "response", None)
    reasons = response.get("response_metadata", {}).get("messages", []) if response is not None else []
    log.warning("blocks.refused", code=error.code, reasons=reasons)
    return message.fallback()


def reply(response_url: str, message: Message, *, replace: bool = False, in_channel: bool = False) -> None:
    """Answer a command or a click.

    `replace` replaces the message of the clicked button; it works for a click's `response_url` only. Slack accepts up
    to five answers per `response_url`. Raises SlackError.
    """
    webhook = WebhookClient(
        response_url, timeout=TIMEOUT, retry_handlers=[BoundedRateLimitRetryHandler(max_retry_count=1)]
    )
    if bypasses_proxy(response_url):
        webhook.proxy = None
    options = {"response_type": "in_channel" if in_channel else "ephemeral", "replace_original": replace}
    try:
        _send(webhook, {**message.payload(), **options})
    except Refused as error:
        _send(webhook, {**fallback(message, error).payload(), **options})


def _send(webhook: WebhookClient, body: dict[str, Any]) -> None:
    try:
        response = webhook.send_dict(body)
    except Exception as error:  # urllib raises many types, and all mean that no answer came
        raise slack_error("an answer", error, webhook.url) from error
    if response.status_code >= 400:  # noqa: PLR2004 - HTTP's errors
        code = next((code for code in _BLOCKS_REFUSED if code in response.body), response.body[:80])
        raise Refused(f"Slack refused an answer: {code}", code)
