"""Rendered documents as the arguments of Slack's methods."""

from typing import Any

from bailiff_bot.messages.document import Payload
from bailiff_bot.slack.blocks.elements import as_json, monospace, without_defaults


def post_arguments(payload: Payload) -> dict[str, Any]:
    """Return the arguments of chat.postMessage for a rendered document, which an earlier version may have stored."""
    blocks = [without_defaults(block) for block in payload["blocks"]]
    return {"text": escape(payload["text"]), **({"blocks": blocks} if blocks else {})}


def fallback(payload: Payload) -> Payload:
    """Return the same message without tables and charts, as monospace text."""
    return {**payload, "blocks": as_json([monospace(payload["plain"])])}


def escape(text: str) -> str:
    """Return text that Slack does not parse for mentions and links (docs.slack.dev, "Formatting message text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
