"""The data that the page needs and the driver does not: users, channels and views, as one user sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.faults import Faults
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, find_channel, visible_messages
from bailiff_bot.sandbox.slack.interactions.payloads import view_json
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler
from bailiff_bot.sandbox.slack.workspace import Channel, User, Workspace


@dataclass(frozen=True, slots=True)
class PageState:
    """The page's own handlers."""

    workspace: Workspace
    call_log: CallLog
    faults: Faults
    extra_handler_names: Iterable[str]
    """The names of the sandbox's additional handlers; the page shows controls for them."""

    def handlers(self) -> Mapping[str, ControlHandler]:
        """Return the handlers by name."""
        return {"around": self._page_state, "calls_after": self._calls_after}

    async def _page_state(self, body: Json) -> object:
        user = active_user(self.workspace, body["user"])
        modal, app = self.workspace.views.modal(user.id), self.workspace.installation
        return {
            "me": user.id,
            "app": {"name": app.app_name, "user": app.bot_user_id, "command": app.command, "team": app.team_name},
            "people": [_user_json(other) for other in self.workspace.users],
            "places": [self._channel_json(channel, user) for channel in self._channels(user)],
            "direct": self._direct_channel_json(user),
            "modal": view_json(self.workspace, modal) if modal else None,
            "faults": [asdict(fault) for fault in self.faults.pending],
            "acts": sorted(self.extra_handler_names),
            "now": self.workspace.clock(),
        }

    async def _calls_after(self, body: Json) -> object:
        """Return the new entries of the call log: after many digests the whole log is too long for each event."""
        return {
            "calls": [asdict(call) for call in self.call_log.calls[body["calls"] :]],
            "failures": [asdict(failure) for failure in self.call_log.failures[body["failures"] :]],
        }

    def _channels(self, user: User) -> list[Channel]:
        """Return the channels in the user's list: joined ones, and public ones if the user is a full member."""
        return [
            channel
            for channel in self.workspace.channels
            if channel.kind != "im"
            and (user.id in channel.members or (channel.kind == "public" and user.is_full_member))
        ]

    def _channel_json(self, channel: Channel, user: User) -> Json:
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "shared": channel.shared,
            "archived": channel.archived,
            "joined": user.id in channel.members,
            "members": len(channel.members),
            "has_app": self.workspace.bot_user_id in channel.members,
            "latest": self._latest_from_others(channel, user),
        }

    def _direct_channel_json(self, user: User) -> Json:
        # A view of the page must not open the conversation with the bot; only a message of the bot or the user does.
        is_open = self.workspace.channels.has_direct(user.id)
        channel = find_channel(self.workspace, self.workspace.installation.app_name, user) if is_open else None
        return {
            "id": channel.id if channel else None,
            "latest": self._latest_from_others(channel, user) if channel else None,
        }

    def _latest_from_others(self, channel: Channel, user: User) -> str | None:
        """Return the timestamp of the latest visible message of another user, or None."""
        others = [message.ts for message in visible_messages(self.workspace, user, channel) if message.user != user.id]
        return others[-1] if others else None


def _user_json(user: User) -> Json:
    roles = {
        "app": user.is_bot,
        "deactivated": user.deleted,
        "guest": user.is_restricted,
        "of another company": user.is_external,
        "admin": user.is_admin,
    }
    role = next((name for name, applies in roles.items() if applies), "")
    return {"id": user.id, "name": user.name, "real_name": user.real_name, "role": role}
