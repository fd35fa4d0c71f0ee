"""Channels: finds them, and checks that the bot is a member and that no other company shares them."""

import re
from typing import Any

from slack_sdk import WebClient

from bailiff_bot.errors import Refused
from bailiff_bot.messages.answers import NOT_SHAREABLE
from bailiff_bot.slack.client.web import call

_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_LIST_ARGUMENTS = {"types": "public_channel,private_channel", "limit": 1_000}


def name_for_readers(channel: str | None, unnamed: str = "the digest's channel") -> str:
    """Return how a message names a channel. `channel` is the setting: an id, a name or None; only a name is shown."""
    name = (channel or "").removeprefix("#")
    return f"#{name}" if name and not is_channel_id(name) else unnamed


def is_channel_id(text: str) -> bool:
    """Return True if a text is a channel's id, and not a name."""
    return _ID.fullmatch(text) is not None


def posting_channel(client: WebClient, value: str, variable: str) -> str:
    """Return the id of the channel that the environment variable `variable` gives by id or name.

    Bailiff posts the names of people there. Raises Refused if the channel is archived or shared with another company,
    or if the bot is not a member.
    """
    if is_channel_id(value):
        channel = _channel_info(client, value)
    else:
        channel = _channel_by_name(client, value.removeprefix("#"), variable)
    name = f"#{channel.get('name', channel['id'])}"
    if channel.get("is_archived"):
        raise Refused(f"{name} is archived: set {variable} to another channel", "is_archived")
    if not channel.get("is_member"):
        raise Refused(f"the bot is not in {name}: invite it there with /invite @Bailiff", "not_in_channel")
    if _is_shared(channel):
        raise Refused(f"{name} is shared with another company: set {variable} to an internal channel", "shared_channel")
    return str(channel["id"])


def is_shareable(client: WebClient, channel_id: str) -> bool:
    """Return True if the bot is in a channel, and no other company reads it. False for direct messages."""
    if channel_id.startswith("D"):
        return False
    try:
        channel = _channel_info(client, channel_id)
    except Refused:
        return False  # a private channel without the bot
    return bool(channel.get("is_member")) and not (
        _is_shared(channel) or channel.get("is_im") or channel.get("is_mpim")
    )


def check_shareable(client: WebClient, channel_id: str) -> None:
    """Raise Refused unless a report may be shared in a channel."""
    if not is_shareable(client, channel_id):
        raise Refused(NOT_SHAREABLE)


def direct_channel(client: WebClient, user_id: str) -> str:
    """Return the id of the direct conversation between the bot and a user; opens it if needed."""
    return str(call(client, "conversations_open", users=user_id)["channel"]["id"])


def _is_shared(channel: dict[str, Any]) -> bool:
    """Return True if another company reads in the channel, or is invited to it."""
    return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))


def _channel_info(client: WebClient, channel_id: str) -> dict[str, Any]:
    channel: dict[str, Any] = call(client, "conversations_info", channel=channel_id)["channel"]
    return channel


def _channel_by_name(client: WebClient, name: str, variable: str) -> dict[str, Any]:
    cursor = ""
    while True:
        page = call(client, "conversations_list", **_LIST_ARGUMENTS, cursor=cursor)
        for channel in page["channels"]:
            if channel["name"] == name:
                return dict(channel)
        cursor = page.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            raise Refused(
                f"the bot finds no channel #{name}: check {variable}, and invite the bot if it is private",
                "channel_not_found",
            )
