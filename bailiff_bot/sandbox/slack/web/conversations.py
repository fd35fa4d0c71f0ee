"""conversations.*: channels, and what was said in them."""

from collections.abc import Callable

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.message_json import shown
from bailiff_bot.sandbox.slack.web.method_call import Call
from bailiff_bot.sandbox.slack.web.paging import page
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User

_KINDS = {
    "public_channel": ("public", "channels:read"),
    "private_channel": ("private", "groups:read"),
    "im": ("im", "im:read"),
    "mpim": ("mpim", "mpim:read"),
}
_MOST_MESSAGES = 999


def open_direct(call: Call) -> Json:
    """conversations.open: the conversation with one user."""
    if call.arguments.text("channel"):
        channel = access.known_channel(call)
        return {"no_op": True, "already_open": True, "channel": _opened(call, channel)}
    user = _asked_for(call)
    already = call.workspace.channels.has_direct(user.id)
    channel = call.workspace.channels.direct(user.id)
    return {"no_op": already, "already_open": already, "channel": _opened(call, channel)}


def info(call: Call) -> Json:
    """conversations.info: one channel."""
    return {"channel": access.described_channel(call).as_json(call.workspace.bot)}


def list_all(call: Call) -> Json:
    """conversations.list: the channels the bot can know of."""
    kinds = {_kind(call, name) for name in call.arguments.text("types", "public_channel").split(",")}
    bot = call.workspace.bot
    skips_archived = call.arguments.flag("exclude_archived")
    channels = [
        channel
        for channel in call.workspace.channels
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and not (skips_archived and channel.archived)
    ]
    found, more = page(channels, call.arguments, key=lambda channel: channel.id)
    return {"channels": [channel.as_json(bot) for channel in found], **more}


def history(call: Call) -> Json:
    """conversations.history: the channel's messages, newest first, without replies and ephemerals."""
    channel = access.readable_channel(call)
    within = _window(call)
    messages = call.workspace.messages.read(
        channel.id,
        lambda m: m.reader is None and (not m.is_reply or m.broadcast) and within(m),
    )
    return _listed(call, messages[::-1])


def replies(call: Call) -> Json:
    """conversations.replies: a message and what was said under it, oldest first."""
    channel = access.readable_channel(call)
    parent = call.workspace.messages.get(channel.id, call.arguments.text("ts"))
    if parent is None or parent.reader is not None or not call.workspace.messages.has_appeared(parent):
        raise Refused("thread_not_found")
    if parent.is_reply:  # asked for a reply, Slack answers with that reply alone
        return _listed(call, [parent])
    within = _window(call)
    return _listed(call, [parent, *(m for m in call.workspace.messages.replies(parent) if within(m))])


def _asked_for(call: Call) -> User:
    users = [user for user in call.arguments.text("users").split(",") if user]
    if not users:
        raise Refused("not_enough_users")
    if len(users) > 1:
        call.need_scope("mpim:write")
        # The sandbox has no conversations of several people: Bailiff accuses each one alone.
        raise Refused("method_not_supported_for_channel_type")
    user = call.workspace.people.get(users[0])
    if user is None:
        raise Refused("user_not_found")
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    if user.deleted:
        raise Refused("user_disabled")
    return user


def _opened(call: Call, channel: Channel) -> Json:
    if call.arguments.flag("return_im"):
        return channel.as_json(call.workspace.bot)
    return {"id": channel.id}


def _kind(call: Call, name: str) -> str:
    if name.strip() not in _KINDS:
        raise Refused("invalid_types")
    kind, scope = _KINDS[name.strip()]
    call.need_scope(scope)
    return kind


def _listed(call: Call, messages: list[Message]) -> Json:
    found, more = page(messages, call.arguments, key=lambda message: message.ts, largest=_MOST_MESSAGES)
    has_more = bool(more["response_metadata"]["next_cursor"])
    with_metadata = call.arguments.flag("include_all_metadata")
    listed = [shown(message, call.workspace, with_metadata=with_metadata) for message in found]
    return {"messages": listed, "has_more": has_more, **(more if has_more else {})}


def _window(call: Call) -> Callable[[Message], bool]:
    oldest = _instant(call, "oldest", 0.0)
    latest = _instant(call, "latest", float("inf"))
    if call.arguments.flag("inclusive"):
        return lambda message: oldest <= float(message.ts) <= latest
    return lambda message: oldest < float(message.ts) < latest


def _instant(call: Call, name: str, default: float) -> float:
    try:
        return float(call.arguments.text(name) or default)
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None
