"""Posts that arrive: as blocks, as monospace text where Slack refuses these, and looked up where no answer came."""

from typing import Any
from uuid import uuid4

import structlog
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bailiff_bot.errors import Ambiguous, Refused, SlackError
from bailiff_bot.slack.message import Message
from bailiff_bot.slack.web import TIMEOUT, Patient, call, failure, goes_direct

log = structlog.get_logger()

_BLOCKS_REFUSED = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_EVENT = "bailiff_post"
_RECENT = 50


def post(client: WebClient, channel: str, message: Message, thread_ts: str | None = None) -> str:
    """Post a message once and return its timestamp.

    Raises Refused when Slack does not take it, Ambiguous when that cannot be known.
    """
    try:
        return _posted(client, channel, message, thread_ts)
    except Refused as error:
        return _posted(client, channel, _fallback(message, error), thread_ts)


def _posted(client: WebClient, channel: str, message: Message, thread_ts: str | None) -> str:
    key = uuid4().hex
    arguments = {
        "channel": channel,
        "metadata": {"event_type": _EVENT, "event_payload": {"key": key}},
        "unfurl_links": False,
        "unfurl_media": False,
        **({"thread_ts": thread_ts} if thread_ts else {}),
    }
    try:
        return str(call(client, "chat_postMessage", **message.payload(), **arguments)["ts"])
    except Ambiguous:
        if found := _looked_up(client, channel, thread_ts, key):
            return found
        raise


def _fallback(message: Message, error: Refused) -> Message:
    """Return the message to send in the place of one that was refused; raises the refusal when that is no cure."""
    if not message.blocks or error.code not in _BLOCKS_REFUSED:
        raise error
    answer = getattr(error.__cause__, "response", None)
    reasons = answer.get("response_metadata", {}).get("messages", []) if answer is not None else []
    log.warning("Slack refused a message's blocks; sending it as text", code=error.code, reasons=reasons)
    return message.fallback()


def update(client: WebClient, channel: str, ts: str, message: Message) -> None:
    """Put a message in the place of an earlier one of the bot's own."""
    try:
        call(client, "chat_update", channel=channel, ts=ts, **message.payload())
    except Refused as error:
        call(client, "chat_update", channel=channel, ts=ts, **_fallback(message, error).payload())


def upload(client: WebClient, channel: str, thread_ts: str, name: str, content: str) -> None:
    """Put a file into a thread."""
    call(client, "files_upload_v2", channel=channel, thread_ts=thread_ts, filename=name, title=name, content=content)


def reply(response_url: str, message: Message, *, replace: bool = False, in_channel: bool = False) -> None:
    """Answer a command or a click; `replace` works for a click's address alone, and each takes five answers."""
    webhook = WebhookClient(response_url, timeout=TIMEOUT, retry_handlers=[Patient(max_retry_count=1)])
    if goes_direct(response_url):
        webhook.proxy = None
    to = {"response_type": "in_channel" if in_channel else "ephemeral", "replace_original": replace}
    try:
        _send(webhook, {**message.payload(), **to})
    except Refused as error:
        _send(webhook, {**_fallback(message, error).payload(), **to})


def _send(webhook: WebhookClient, body: dict[str, Any]) -> None:
    try:
        answer = webhook.send_dict(body)
    except Exception as error:  # urllib raises a dozen kinds of them, and all mean the same
        raise failure("an answer", error, webhook.url) from error
    if answer.status_code >= 400:  # noqa: PLR2004 - HTTP's errors
        code = next((code for code in _BLOCKS_REFUSED if code in answer.body), answer.body[:80])
        raise Refused(f"Slack refused an answer: {code}", code)


def _looked_up(client: WebClient, channel: str, thread_ts: str | None, key: str) -> str | None:
    """Return the timestamp of the recent message that carries a key, None when there is none to be seen."""
    where = {"channel": channel, "limit": _RECENT, "include_all_metadata": True}
    try:
        if thread_ts:
            answer = call(client, "conversations_replies", ts=thread_ts, **where)
        else:
            answer = call(client, "conversations_history", **where)
    except SlackError:
        return None
    for message in answer["messages"]:
        if message.get("metadata", {}).get("event_payload", {}).get("key") == key:
            return str(message["ts"])
    return None
