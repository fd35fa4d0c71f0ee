"""The users of the workspace, and their form in users.info."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack.base_types import Installation, Json


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot."""

    id: str
    name: str
    real_name: str
    email: str
    team_id: str
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False

    @classmethod
    def from_fixture(cls, fixture: fixtures.UserFixture, team_id: str) -> "User":
        """Return the user of a fixture; a stranger belongs to the partner's workspace."""
        return cls(
            id=fixture.id,
            name=fixture.name,
            real_name=fixture.real_name,
            email=fixture.email,
            team_id=fixtures.PARTNER_TEAM_ID if fixture.stranger else team_id,
            deleted=fixture.deactivated,
            is_restricted=fixture.guest,
            is_stranger=fixture.stranger,
            is_admin=fixture.admin,
        )

    @property
    def is_full_member(self) -> bool:
        """True for an active user who is neither a guest nor a stranger."""
        return not (self.deleted or self.is_restricted or self.is_stranger)

    def as_json(self, *, with_email: bool) -> Json:
        """Return the user as users.info returns it."""
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "tz": "Europe/Paris",
            "tz_offset": 3600,
            "updated": 1700000000,
            "profile": self._profile(with_email=with_email),
        }
        # Slack omits the roles of a deactivated user, and sends `is_stranger` for strangers only.
        if not self.deleted:
            user |= {
                "is_admin": self.is_admin,
                "is_owner": False,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": False,
            }
        return user | ({"is_stranger": True} if self.is_stranger else {})

    def _profile(self, *, with_email: bool) -> Json:
        profile: Json = {"real_name": self.real_name, "display_name": self.name, "team": self.team_id}
        return profile | ({"email": self.email} if with_email and not self.is_bot else {})


class Users:
    """Every user of the workspace, the bot included."""

    def __init__(self, fixtures: Iterable[fixtures.UserFixture], installation: Installation) -> None:
        users = [User.from_fixture(member, installation.team_id) for member in fixtures]
        users.append(
            User(
                installation.bot_user_id,
                installation.app_name,
                "Bailiff",
                email="",
                team_id=installation.team_id,
                is_bot=True,
            ),
        )
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
            (u for u in self if u.email.lower() == address.lower() and not (u.deleted or u.is_stranger or u.is_bot)),
            None,
        )

    def deactivate(self, user_id: str) -> None:
        """Deactivate the user."""
        self._users[user_id] = replace(self._users[user_id], deleted=True)
