"""Which channels and users a call may reach."""

from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web.method_call import Call
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User

_HISTORY = {"public": "channels:history", "private": "groups:history", "im": "im:history"}
_READ = {"public": "channels:read", "private": "groups:read", "im": "im:read"}


def known_channel(call: Call, name: str = "channel") -> Channel:
    """Return the channel that an argument names by id, unless the bot cannot know of it."""
    channel = call.workspace.channels.get(call.arguments.text(name))
    return _visible(call, channel)


def readable_channel(call: Call) -> Channel:
    """Return a channel whose history the bot may read: it takes the scope and membership."""
    channel = known_channel(call)
    call.need_scope(_HISTORY[channel.kind])
    return joined(call, channel)


def described_channel(call: Call) -> Channel:
    """Return a channel that conversations.info may describe."""
    channel = known_channel(call)
    call.need_scope(_READ[channel.kind])
    return channel


def joined(call: Call, channel: Channel) -> Channel:
    """Return the channel, if the bot is in it."""
    if call.workspace.bot not in channel.members:
        raise Refused("not_in_channel")
    return channel


def writable_channel(call: Call, name: str = "channel") -> Channel:
    """Return a channel the bot may post in; a user's id stands for the conversation with that user."""
    target = call.arguments.text(name)
    user = call.workspace.people.get(target)
    if user is not None:
        # A conversation is refused by name only in conversations.open; here its channel simply is not found.
        if user.deleted or user.is_bot:
            raise Refused("channel_not_found")
        return call.workspace.channels.direct(user.id)
    channel = open_to_posts(_visible(call, call.workspace.channels.named(target)), call)
    return channel if "chat:write.public" in call.scopes and channel.kind == "public" else joined(call, channel)


def open_to_posts(channel: Channel, call: Call) -> Channel:
    """Return the channel, unless it is archived, or a conversation with a deactivated user."""
    if channel.archived:
        raise Refused("is_archived")
    others = [call.workspace.people.get(member) for member in channel.members - {call.workspace.bot}]
    if channel.kind == "im" and any(user is None or user.deleted for user in others):
        raise Refused("channel_not_found")
    return channel


def known_user(call: Call, name: str = "user") -> User:
    """Return the user that an argument names by id."""
    user = call.workspace.people.get(call.arguments.text(name))
    if user is None:
        raise Refused("user_not_found")
    return user


def posted_message(call: Call, channel: Channel, name: str) -> Message:
    """Return a public message of the channel, by its timestamp: ephemeral ones cannot be reached by it."""
    message = call.workspace.messages.get(channel.id, call.arguments.text(name))
    if message is None or message.reader is not None:
        raise Refused("message_not_found")
    return message


def _visible(call: Call, channel: Channel | None) -> Channel:
    hidden = channel is not None and channel.kind != "public" and call.workspace.bot not in channel.members
    if channel is None or hidden:
        raise Refused("channel_not_found")
    return channel
