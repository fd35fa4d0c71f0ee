"""Looks up channels, users and messages, and raises ApiError for those that a call may not use."""

from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User

_HISTORY = {"public": "channels:history", "private": "groups:history", "im": "im:history"}
_READ = {"public": "channels:read", "private": "groups:read", "im": "im:read"}


def known_channel(call: MethodCall, name: str = "channel") -> Channel:
    """Return the channel whose id is in an argument. Raises ApiError if the bot cannot see it."""
    channel = call.workspace.channels.get(call.arguments.text(name))
    return _require_visible(call, channel)


def readable_channel(call: MethodCall) -> Channel:
    """Return a channel whose history the bot may read, by scope and membership."""
    channel = known_channel(call)
    call.require_scope(_HISTORY[channel.kind])
    return require_membership(call, channel)


def describable_channel(call: MethodCall) -> Channel:
    """Return a channel that conversations.info may describe."""
    channel = known_channel(call)
    call.require_scope(_READ[channel.kind])
    return channel


def require_membership(call: MethodCall, channel: Channel) -> Channel:
    """Return the channel. Raises ApiError if the bot is not a member."""
    if call.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def writable_channel(call: MethodCall, name: str = "channel") -> Channel:
    """Return a channel in which the bot may post; a user's id means the conversation with that user."""
    target = call.arguments.text(name)
    user = call.workspace.users.get(target)
    if user is not None:
        # Only conversations.open has errors of its own for such users; here Slack reports an unknown channel.
        if user.deleted or user.is_bot:
            raise ApiError("channel_not_found")
        return call.workspace.channels.open_direct(user.id)
    channel = require_open(_require_visible(call, call.workspace.channels.find(target)), call)
    return (
        channel
        if "chat:write.public" in call.scopes and channel.kind == "public"
        else require_membership(call, channel)
    )


def require_open(channel: Channel, call: MethodCall) -> Channel:
    """Return the channel. Raises ApiError if it is archived, or a conversation with a deactivated user."""
    if channel.archived:
        raise ApiError("is_archived")
    others = [call.workspace.users.get(member) for member in channel.members - {call.workspace.bot_user_id}]
    if channel.kind == "im" and any(user is None or user.deleted for user in others):
        raise ApiError("channel_not_found")
    return channel


def known_user(call: MethodCall, name: str = "user") -> User:
    """Return the user whose id is in an argument. Raises ApiError if there is none."""
    user = call.workspace.users.get(call.arguments.text(name))
    if user is None:
        raise ApiError("user_not_found")
    return user


def public_message(call: MethodCall, channel: Channel, name: str) -> Message:
    """Return a message of the channel by its timestamp. Raises ApiError, also for an ephemeral message."""
    message = call.workspace.messages.get(channel.id, call.arguments.text(name))
    if message is None or message.visible_to is not None:
        raise ApiError("message_not_found")
    return message


def _require_visible(call: MethodCall, channel: Channel | None) -> Channel:
    hidden = channel is not None and channel.kind != "public" and call.workspace.bot_user_id not in channel.members
    if channel is None or hidden:
        raise ApiError("channel_not_found")
    return channel
