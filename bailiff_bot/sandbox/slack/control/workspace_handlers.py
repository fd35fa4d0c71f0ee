"""Handlers that change who is in the workspace, and what is in its channels."""

from collections.abc import Mapping
from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, find_writable_channel
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler, InteractionError
from bailiff_bot.sandbox.slack.workspace import Channel, User, Workspace


@dataclass(frozen=True, slots=True)
class WorkspaceHandlers:
    """Members, channels, users."""

    workspace: Workspace

    def handlers(self) -> Mapping[str, ControlHandler]:
        """Return the handlers by name."""
        return {
            "membership": self._change_membership,
            "invites_bot": self._invite_bot,
            "archive": self._archive,
            "changes_user": self._change_user,
        }

    async def _change_membership(self, body: Json) -> object:
        channel = self._find_channel(body["channel"])
        change = self.workspace.channels.join if body["joins"] else self.workspace.channels.leave
        change(channel, self._find_user(body["user"]).id)
        return None

    async def _invite_bot(self, body: Json) -> object:
        channel = find_writable_channel(self.workspace, body["channel"], active_user(self.workspace, body["user"]))
        self.workspace.channels.join(channel, self.workspace.bot_user_id)
        return None

    async def _archive(self, body: Json) -> object:
        self.workspace.channels.archive(self._find_channel(body["channel"]))
        return None

    async def _change_user(self, body: Json) -> object:
        self.workspace.users.change(self._find_user(body["user"]).id, body["changes"])
        return None

    def _find_channel(self, name: str) -> Channel:
        channel = self.workspace.channels.find(name)
        if channel is None:
            raise InteractionError(f"there is no channel {name!r}")
        return channel

    def _find_user(self, name: str) -> User:
        user = self.workspace.users.find(name)
        if user is None:
            raise InteractionError(f"there is no user {name!r}")
        return user
