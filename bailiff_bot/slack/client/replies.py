"""Answers to commands and clicks, and what is said in the place of blocks that Slack refuses."""

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
    """Return the message to send in the place of one that was refused; raises the refusal when that is no cure."""
    if not message.blocks or error.code not in _BLOCKS_REFUSED:
        raise error
    answer = getattr(error.__cause__, "response", None)
    reasons = answer.get("response_metadata", {}).get("messages", []) if answer is not None else []
    log.warning("blocks.refused", code=error.code, reasons=reasons)
    return message.fallback()


def reply(response_url: str, message: Message, *, replace: bool = False, in_channel: bool = False) -> None:
    """Answer a command or a click; `replace` works for a click's address alone, and each takes five answers."""
    webhook = WebhookClient(
        response_url, timeout=TIMEOUT, retry_handlers=[BoundedRateLimitRetryHandler(max_retry_count=1)]
    )
    if bypasses_proxy(response_url):
        webhook.proxy = None
    to = {"response_type": "in_channel" if in_channel else "ephemeral", "replace_original": replace}
    try:
        _send(webhook, {**message.payload(), **to})
    except Refused as error:
        _send(webhook, {**fallback(message, error).payload(), **to})


def _send(webhook: WebhookClient, body: dict[str, Any]) -> None:
    try:
        answer = webhook.send_dict(body)
    except Exception as error:  # urllib raises a dozen kinds of them, and all mean the same
        raise slack_error("an answer", error, webhook.url) from error
    if answer.status_code >= 400:  # noqa: PLR2004 - HTTP's errors
        code = next((code for code in _BLOCKS_REFUSED if code in answer.body), answer.body[:80])
        raise Refused(f"Slack refused an answer: {code}", code)
