"""Finds users, channels, messages and views by the names that tests use."""

from bailiff_bot.sandbox.slack.interactions.result import InteractionError
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User, View, Workspace


def active_user(workspace: Workspace, name: str) -> User:
    """Return the active user of this name or id. Raises InteractionError."""
    user = workspace.users.find(name)
    if user is None or user.is_bot:
        raise InteractionError(f"there is no user {name!r}")
    if user.deleted:
        raise InteractionError(f"{name} was deactivated and cannot sign in")
    return user


def find_channel(workspace: Workspace, name: str, user: User) -> Channel:
    """Return the channel of this name or id; the app's name means the user's conversation with the bot.

    Raises InteractionError.
    """
    if name == workspace.installation.app_name:
        return workspace.channels.open_direct(user.id)
    channel = workspace.channels.find(name)
    if channel is None:
        raise InteractionError(f"there is no channel {name!r}")
    return channel


def find_writable_channel(workspace: Workspace, name: str, user: User) -> Channel:
    """Return a channel in which the user can write. Raises InteractionError."""
    channel = find_channel(workspace, name, user)
    if user.id not in channel.members:
        raise InteractionError(f"{user.name} is not in {name}")
    if channel.archived:
        raise InteractionError(f"{name} is archived")
    return channel


def visible_messages(workspace: Workspace, user: User, channel: Channel, thread: str | None = None) -> list[Message]:
    """Return the messages that the user sees in the channel, or in one of its threads, oldest first."""
    # Full members can read public channels that they have not joined; guests and externals cannot.
    if user.id not in channel.members and not (channel.kind == "public" and user.is_full_member):
        return []

    def is_visible(message: Message) -> bool:
        if message.visible_to not in (None, user.id):
            return False
        if thread is not None:
            return thread in (message.ts, message.thread_ts)
        return not message.is_reply or message.broadcast

    return workspace.messages.read(channel.id, is_visible)


def visible_message(workspace: Workspace, user: User, channel_id: str, ts: str) -> Message:
    """Return a message that the user sees. Raises InteractionError."""
    channel, message = workspace.channels.get(channel_id), workspace.messages.get(channel_id, ts)
    if channel is None or message is None or message not in visible_messages(workspace, user, channel, ts):
        raise InteractionError(f"{user.name} sees no such message")
    return message


def open_view(workspace: Workspace, user: User, view_id: str) -> View:
    """Return the App Home of the user, or the view on top of the user's modals. Raises InteractionError."""
    view = workspace.views.get(view_id)
    if view is None or view not in (workspace.views.home(user.id), workspace.views.modal(user.id)):
        raise InteractionError(f"{user.name} has no such view open")
    return view


def open_modal(workspace: Workspace, user: User, view_id: str) -> View:
    """Return the view on top of the user's modals. Raises InteractionError if it is another one."""
    view = workspace.views.modal(user.id)
    if view is None or view.id != view_id:
        raise InteractionError(f"{user.name} does not have that modal open")
    return view
