"""conversations.*: channels and their messages."""

from collections.abc import Callable

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.message_json import message_json
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.web.paging import page
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User

_CHANNEL_TYPES = {
    "public_channel": ("public", "channels:read"),
    "private_channel": ("private", "groups:read"),
    "im": ("im", "im:read"),
    "mpim": ("mpim", "mpim:read"),
}
_MAX_MESSAGES = 999


def open_direct(call: MethodCall) -> Json:
    """conversations.open: open and return the conversation with one user."""
    if call.arguments.text("channel"):
        channel = access.known_channel(call)
        return {"no_op": True, "already_open": True, "channel": _open_response(call, channel)}
    user = _requested_user(call)
    is_open = call.workspace.channels.has_direct(user.id)
    channel = call.workspace.channels.open_direct(user.id)
    return {"no_op": is_open, "already_open": is_open, "channel": _open_response(call, channel)}


def info(call: MethodCall) -> Json:
    """conversations.info: return one channel."""
    return {"channel": access.describable_channel(call).as_json(call.workspace.bot_user_id)}


def list_all(call: MethodCall) -> Json:
    """conversations.list: return the channels that the bot can see."""
    kinds = {_kind(call, name) for name in call.arguments.text("types", "public_channel").split(",")}
    bot = call.workspace.bot_user_id
    exclude_archived = call.arguments.flag("exclude_archived")
    channels = [
        channel
        for channel in call.workspace.channels
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and not (exclude_archived and channel.archived)
    ]
    found, more = page(channels, call.arguments, key=lambda channel: channel.id)
    return {"channels": [channel.as_json(bot) for channel in found], **more}


def history(call: MethodCall) -> Json:
    """conversations.history: return the channel's messages, newest first, without replies and ephemeral messages."""
    channel = access.readable_channel(call)
    in_window = _window(call)
    messages = call.workspace.messages.read(
        channel.id,
        lambda m: m.visible_to is None and (not m.is_reply or m.broadcast) and in_window(m),
    )
    return _messages_response(call, messages[::-1])


def replies(call: MethodCall) -> Json:
    """conversations.replies: return a message and its replies, oldest first."""
    channel = access.readable_channel(call)
    parent = call.workspace.messages.get(channel.id, call.arguments.text("ts"))
    if parent is None or parent.visible_to is not None or not call.workspace.messages.is_visible(parent):
        raise ApiError("thread_not_found")
    if parent.is_reply:  # for the timestamp of a reply, Slack returns that reply alone
        return _messages_response(call, [parent])
    in_window = _window(call)
    return _messages_response(call, [parent, *(m for m in call.workspace.messages.replies(parent) if in_window(m))])


def _requested_user(call: MethodCall) -> User:
    users = [user for user in call.arguments.text("users").split(",") if user]
    if not users:
        raise ApiError("not_enough_users")
    if len(users) > 1:
        call.require_scope("mpim:write")
        # The sandbox has no group conversations: Bailiff writes to each owner alone.
        raise ApiError("method_not_supported_for_channel_type")
    user = call.workspace.users.get(users[0])
    if user is None:
        raise ApiError("user_not_found")
    if user.is_bot:
        raise ApiError("cannot_dm_bot")
    if user.deleted:
        raise ApiError("user_disabled")
    return user


def _open_response(call: MethodCall, channel: Channel) -> Json:
    if call.arguments.flag("return_im"):
        return channel.as_json(call.workspace.bot_user_id)
    return {"id": channel.id}


def _kind(call: MethodCall, name: str) -> str:
    if name.strip() not in _CHANNEL_TYPES:
        raise ApiError("invalid_types")
    kind, scope = _CHANNEL_TYPES[name.strip()]
    call.require_scope(scope)
    return kind


def _messages_response(call: MethodCall, messages: list[Message]) -> Json:
    found, more = page(messages, call.arguments, key=lambda message: message.ts, maximum=_MAX_MESSAGES)
    has_more = bool(more["response_metadata"]["next_cursor"])
    with_metadata = call.arguments.flag("include_all_metadata")
    listed = [message_json(message, call.workspace, with_metadata=with_metadata) for message in found]
    return {"messages": listed, "has_more": has_more, **(more if has_more else {})}


def _window(call: MethodCall) -> Callable[[Message], bool]:
    oldest = _timestamp(call, "oldest", 0.0)
    latest = _timestamp(call, "latest", float("inf"))
    if call.arguments.flag("inclusive"):
        return lambda message: oldest <= float(message.ts) <= latest
    return lambda message: oldest < float(message.ts) < latest


def _timestamp(call: MethodCall, name: str, default: float) -> float:
    try:
        return float(call.arguments.text(name) or default)
    except ValueError:
        raise ApiError(f"invalid_ts_{name}") from None
