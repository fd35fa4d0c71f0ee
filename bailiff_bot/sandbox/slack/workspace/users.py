"""The users of the workspace, and their form in users.info."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.fixtures import UserFixture
from bailiff_bot.sandbox.slack.base_types import Installation, Json


@dataclass(frozen=True, slots=True)
class User:
    """A person, or a bot."""

    fixture: UserFixture
    team_id: str

    @classmethod
    def from_fixture(cls, fixture: UserFixture, team_id: str) -> "User":
        """Return the user of a fixture; an external belongs to the partner's workspace."""
        return cls(fixture, fixtures.PARTNER_TEAM_ID if fixture.external else team_id)

    @property
    def id(self) -> str:
        """The user id."""
        return self.fixture.id

    @property
    def name(self) -> str:
        """The short name."""
        return self.fixture.name

    @property
    def real_name(self) -> str:
        """The full name."""
        return self.fixture.real_name

    @property
    def email(self) -> str:
        """The address; empty for bots."""
        return self.fixture.email

    @property
    def deleted(self) -> bool:
        """True for a deactivated user."""
        return self.fixture.deactivated

    @property
    def is_bot(self) -> bool:
        """True for this app's bot and for others."""
        return self.fixture.bot

    @property
    def is_admin(self) -> bool:
        """True for an admin of the workspace."""
        return self.fixture.admin

    @property
    def is_external(self) -> bool:
        """True for a member of the partner's workspace."""
        return self.fixture.external

    @property
    def is_restricted(self) -> bool:
        """True for a guest."""
        return self.fixture.guest or self.fixture.single_channel_guest

    @property
    def is_full_member(self) -> bool:
        """True for an active user who is neither a guest nor an external."""
        return not (self.deleted or self.is_restricted or self.is_external)

    def as_json(self, *, with_email: bool, is_stranger: bool) -> Json:
        """Return the user as users.info returns it; a stranger is an external without a channel shared with the bot."""
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1700000000,
            "profile": self._profile(with_email=with_email),
        }
        # Slack omits the roles and the time zone of a deactivated user, and sends `is_stranger` for strangers only.
        if not self.deleted:
            user |= self._roles()
        if self.fixture.enterprise_teams:
            user["enterprise_user"] = self._enterprise_user()
        return user | ({"is_stranger": True} if is_stranger else {})

    def _roles(self) -> Json:
        return {
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.fixture.single_channel_guest,
            "is_email_confirmed": self.fixture.email_confirmed and not self.is_bot,
            "tz": self.fixture.tz,
            "tz_offset": self.fixture.tz_offset,
        }

    def _enterprise_user(self) -> Json:
        return {
            "id": self.id,
            "enterprise_id": fixtures.ENTERPRISE_ID,
            "enterprise_name": "Octo",
            "is_admin": False,
            "is_owner": False,
            "teams": list(self.fixture.enterprise_teams),
        }

    def _profile(self, *, with_email: bool) -> Json:
        profile: Json = {"real_name": self.real_name, "display_name": self.name, "team": self.team_id}
        return profile | ({"email": self.email} if with_email and not self.is_bot else {})


class Users:
    """Every user of the workspace, the bot included."""

    def __init__(self, members: Iterable[UserFixture], installation: Installation) -> None:
        users = [User.from_fixture(member, installation.team_id) for member in members]
        bot = UserFixture(installation.bot_user_id, installation.app_name, "Bailiff", email="", bot=True)
        users.append(User.from_fixture(bot, installation.team_id))
        self._team_id = installation.team_id
        self._users = {user.id: user for user in users}

    def __iter__(self) -> Iterator[User]:
        return iter(self._users.values())

    def get(self, user_id: str) -> User | None:
        """Return the user of this id, or None."""
        return self._users.get(user_id)

    def find(self, name: str) -> User | None:
        """Return the user of this id or name, or None."""
        return self.get(name) or next((user for user in self if user.name == name), None)

    def find_by_email(self, address: str) -> User | None:
        """Return the active user of this workspace with the address, or None; Slack ignores deactivated users here."""
        return next(
            (u for u in self if u.email.lower() == address.lower() and not (u.deleted or u.is_external or u.is_bot)),
            None,
        )

    def change(self, user_id: str, changes: Json) -> None:
        """Change fields of the user's fixture: make a guest of a colleague, for example."""
        fixture = replace(self._users[user_id].fixture, **changes)
        self._users[user_id] = User.from_fixture(fixture, self._team_id)
