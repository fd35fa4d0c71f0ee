"""Where the bot may speak: channels it is in, and that no other company is in."""

import re
from typing import Any

from slack_sdk import WebClient

from bailiff_bot.errors import Refused
from bailiff_bot.slack.client.web import call

_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_LIST_ARGUMENTS = {"types": "public_channel,private_channel", "limit": 1_000}


def name_for_readers(channel: str | None) -> str:
    """Return how a message names the digest's channel, which the setting gives by id or name."""
    name = (channel or "").removeprefix("#")
    return f"#{name}" if name and not is_channel_id(name) else "the digest's channel"


def is_channel_id(text: str) -> bool:
    """Return whether a text is a channel's id rather than its name."""
    return _ID.fullmatch(text) is not None


def digest_channel(client: WebClient, wanted: str) -> str:
    """Return the id of a channel given by id or name; raises Refused unless the bot is in it and it is internal."""
    channel = (
        _channel_info(client, wanted) if is_channel_id(wanted) else _channel_by_name(client, wanted.removeprefix("#"))
    )
    called = f"#{channel.get('name', channel['id'])}"
    if channel.get("is_archived"):
        raise Refused(f"{called} is archived: set BAILIFF_CHANNEL to another channel", "is_archived")
    if not channel.get("is_member"):
        raise Refused(f"the bot is not in {called}: invite it there with /invite @Bailiff", "not_in_channel")
    if not _has_no_outsiders(channel):
        raise Refused(
            f"{called} is shared with another company: set BAILIFF_CHANNEL to an internal channel", "shared_channel"
        )
    return str(channel["id"])


def is_internal(client: WebClient, channel_id: str) -> bool:
    """Return whether a channel is known to hold nobody of another company; direct messages are not for sharing."""
    if channel_id.startswith("D"):
        return False
    try:
        channel = _channel_info(client, channel_id)
    except Refused:
        return False  # a private channel that the bot is not in: nobody knows who reads there
    return _has_no_outsiders(channel) and not channel.get("is_im") and not channel.get("is_mpim")


def direct_channel(client: WebClient, user_id: str) -> str:
    """Return the id of the bot's own conversation with a person."""
    return str(call(client, "conversations_open", users=user_id)["channel"]["id"])


def _has_no_outsiders(channel: dict[str, Any]) -> bool:
    return not (channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))


def _channel_info(client: WebClient, channel_id: str) -> dict[str, Any]:
    found: dict[str, Any] = call(client, "conversations_info", channel=channel_id)["channel"]
    return found


def _channel_by_name(client: WebClient, name: str) -> dict[str, Any]:
    cursor = ""
    while True:
        page = call(client, "conversations_list", **_LIST_ARGUMENTS, cursor=cursor)
        for channel in page["channels"]:
            if channel["name"] == name:
                return dict(channel)
        cursor = page.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            raise Refused(
                f"the bot sees no channel #{name}: check BAILIFF_CHANNEL, and invite the bot if it is private",
                "channel_not_found",
            )
