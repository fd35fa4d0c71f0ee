"""The state of the workspace: users, channels, messages, files, views, and short-lived keys."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Clock, Installation
from bailiff_bot.sandbox.slack.workspace.channels import Channel, Channels, direct_channel_id
from bailiff_bot.sandbox.slack.workspace.files import File, Files
from bailiff_bot.sandbox.slack.workspace.inputs import Inputs
from bailiff_bot.sandbox.slack.workspace.keys import ResponseUrl, ResponseUrls, Tickets, Triggers
from bailiff_bot.sandbox.slack.workspace.messages import Message, Messages
from bailiff_bot.sandbox.slack.workspace.users import User, Users
from bailiff_bot.sandbox.slack.workspace.views import View, Views

__all__ = [
    "Channel",
    "Channels",
    "File",
    "Files",
    "Inputs",
    "Message",
    "Messages",
    "ResponseUrl",
    "ResponseUrls",
    "Tickets",
    "Triggers",
    "User",
    "Users",
    "View",
    "Views",
    "Workspace",
]


@dataclass(frozen=True, slots=True)
class Workspace:
    """The whole state. Only the server's event loop reads and changes it."""

    installation: Installation
    clock: Clock
    users: Users
    channels: Channels
    messages: Messages
    files: Files
    views: Views
    inputs: Inputs
    tickets: Tickets
    triggers: Triggers
    response_urls: ResponseUrls

    @property
    def bot_user_id(self) -> str:
        """The bot's user id."""
        return self.installation.bot_user_id

    def find_channel_id(self, name: str) -> str | None:
        """Return the id of a channel, by id or name, or of the conversation with a user, by the user's id or name."""
        channel = self.channels.find(name)
        user = next((u for u in self.users if name in (u.id, u.name, direct_channel_id(u.id))), None)
        return channel.id if channel else direct_channel_id(user.id) if user else None
