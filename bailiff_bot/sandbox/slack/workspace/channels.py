"""Channels and direct messages: their members, and their form in conversations.info."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.workspace.users import User, Users


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a direct conversation with the bot (`im`)."""

    id: str
    name: str
    kind: Literal["public", "private", "im"]
    members: frozenset[str]
    shared: bool = False
    archived: bool = False

    @property
    def payload_name(self) -> str:
        """The name in the payloads of commands and clicks; Slack hides the names of private channels there."""
        return {"public": self.name, "private": "privategroup", "im": "directmessage"}[self.kind]

    def as_json(self, bot_user_id: str) -> Json:
        """Return the channel as conversations.info returns it to the bot."""
        if self.kind == "im":
            other = next(iter(self.members - {bot_user_id}))
            return {"id": self.id, "is_im": True, "user": other, "is_archived": False, "is_org_shared": False}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "private",
            "is_member": bot_user_id in self.members,
            "is_archived": self.archived,
            "is_general": self.name == "general",
            "is_shared": self.shared,
            "is_ext_shared": self.shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "num_members": len(self.members),
        }


def default_members(channel: fixtures.ChannelFixture, users: Users, bot_user_id: str) -> frozenset[str]:
    """Return the ids of a fixture channel's members.

    Full members are in public channels, admins in private ones too, externals in shared ones only.
    """

    def is_member(user: User) -> bool:
        if user.id == bot_user_id:
            return channel.bot_is_member
        if user.is_external:
            return channel.shared
        return user.is_full_member and (user.is_admin or not channel.private)

    return frozenset(user.id for user in users if is_member(user))


def direct_channel_id(user_id: str) -> str:
    """Return the id of the conversation between a user and the bot, even before it is opened."""
    return f"D{user_id[1:]}"


class Channels:
    """Every channel, and every opened conversation with the bot."""

    def __init__(
        self,
        channels: Iterable[fixtures.ChannelFixture],
        users: Users,
        bot_user_id: str,
        membership: Mapping[str, Iterable[str]],
    ) -> None:
        self._bot_user_id = bot_user_id
        self._channels: dict[str, Channel] = {}
        for channel in channels:
            members = membership.get(channel.name)
            self._channels[channel.id] = Channel(
                channel.id,
                channel.name,
                "private" if channel.private else "public",
                default_members(channel, users, bot_user_id) if members is None else frozenset(members),
                channel.shared,
            )

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._channels.values())

    def get(self, channel_id: str) -> Channel | None:
        """Return the channel of this id, or None."""
        return self._channels.get(channel_id)

    def find(self, name: str) -> Channel | None:
        """Return the channel of this id or name, with or without `#`, or None."""
        plain = name.removeprefix("#")
        return self.get(name) or next((c for c in self if c.name == plain and c.kind != "im"), None)

    def open_direct(self, user_id: str) -> Channel:
        """Return the conversation between a user and the bot; open it if needed."""
        members = frozenset({user_id, self._bot_user_id})
        return self.get(direct_channel_id(user_id)) or self._put(Channel(direct_channel_id(user_id), "", "im", members))

    def has_direct(self, user_id: str) -> bool:
        """Return True if the conversation between the user and the bot is open."""
        return direct_channel_id(user_id) in self._channels

    def shares_with_bot(self, user_id: str) -> bool:
        """Return True if the user and the bot are members of one channel."""
        return any({user_id, self._bot_user_id} <= channel.members for channel in self if channel.kind != "im")

    def join(self, channel: Channel, user_id: str) -> None:
        """Add the user to the members."""
        self._put(replace(channel, members=channel.members | {user_id}))

    def leave(self, channel: Channel, user_id: str) -> None:
        """Remove the user from the members."""
        self._put(replace(channel, members=channel.members - {user_id}))

    def archive(self, channel: Channel) -> None:
        """Archive the channel."""
        self._put(replace(channel, archived=True))

    def _put(self, channel: Channel) -> Channel:
        self._channels[channel.id] = channel
        return channel
