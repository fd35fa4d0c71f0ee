"""The users of the workspace: finds them by address, and checks who may receive messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from slack_sdk import WebClient

from bailiff_bot.domain.action import Membership
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.errors import Refused, SlackError
from bailiff_bot.slack.client.web import call

_CACHE_TIME = timedelta(hours=1)
_MAX_LOOKUPS = 20
"""With more uncached addresses than this, one list of all users is cheaper than a lookup each (50 per minute)."""
_PAGE_SIZE = 1_000
_UNKNOWN_USER = frozenset({"user_not_found", "user_not_visible"})
"""Error codes of users.info."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who typed a command or clicked a button, and may receive an answer."""

    user_id: str
    name: str
    address: str
    """The e-mail address, case-folded; empty if Slack does not return it."""


class UserCache(Protocol):
    """Stores the result of user lookups by address. Methods raise StoreError."""

    def load(self, addresses: frozenset[str], since: datetime) -> dict[str, Owner | NoOwner]:
        """Return the results for these addresses that were saved at `since` or later."""
        ...

    def save(self, found: Mapping[str, Owner | NoOwner], now: datetime) -> None:
        """Save results, except failed lookups."""
        ...


class SlackUsers:
    """Finds users of the token's workspace. Caches users and unknown addresses for an hour."""

    def __init__(self, client: WebClient, clock: Clock, cache: UserCache) -> None:
        self._client = client
        self._clock = clock
        self._cache = cache
        self._team_id = ""
        self._bot_id = ""
        self._app_id = ""

    def connect(self) -> None:
        """Check the token, and learn the workspace. Raises SlackError."""
        identity = call(self._client, "auth_test")
        self._team_id, self._bot_id = str(identity["team_id"]), str(identity.get("bot_id", ""))

    def home_url(self) -> str:
        """Return the address that opens the bot's Home tab in Slack; empty if Slack does not tell the app's id."""
        if not self._app_id:
            try:
                if not self._bot_id:
                    self.connect()
                self._app_id = str(call(self._client, "bots_info", bot=self._bot_id)["bot"].get("app_id", ""))
            except SlackError:
                return ""
        return f"slack://app?team={self._team_id}&id={self._app_id}&tab=home" if self._app_id else ""

    def _as_member(self, user: Mapping[str, Any]) -> Owner | NoOwner:
        if not self._team_id:
            self.connect()
        return owner_from_user(user, self._team_id)

    def caller(self, user_id: str) -> Caller | NoOwner:
        """Return the user if Bailiff may answer, else the reason why not; raises SlackError if the lookup fails."""
        user = call(self._client, "users_info", user=user_id)["user"]
        owner = self._as_member(user)
        if isinstance(owner, NoOwner):
            return owner
        return Caller(user_id, owner.name, user["profile"].get("email", "").casefold())

    def find(self, user_id: str) -> Caller | NoOwner:
        """Return a user as `caller` does, also one whom Slack does not know: a mention can be of anybody."""
        try:
            return self.caller(user_id)
        except Refused as error:
            if error.code in _UNKNOWN_USER:
                return NoOwner("unknown in Slack")
            raise

    def is_member(self, user_id: str) -> bool:
        """Return True for an active full member of the workspace; raises SlackError if the lookup fails."""
        return isinstance(self.find(user_id), Caller)

    def asker(self, user_id: str) -> Asker:
        """Return who asks, and what Slack says of them now. Raises nothing: Slack may not answer."""
        try:
            user = call(self._client, "users_info", user=user_id)["user"]
            owner = self._as_member(user)
        except SlackError:
            return Asker(user_id, Membership.UNASKED)
        name, address = user.get("real_name") or user.get("name", user_id), user["profile"].get("email", "")
        is_confirmed = bool(address) and user.get("is_email_confirmed") is True
        return Asker(user_id, _membership(user, owner), name, address.casefold(), is_confirmed)

    def check_recipient(self, user_id: str) -> None:
        """Raise Refused if a user may not receive messages; raises SlackError if the lookup fails."""
        caller = self.caller(user_id)
        if isinstance(caller, NoOwner):
            raise Refused(f"nothing is sent to {user_id}: {caller.reason}")

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner behind each address, or the reason why there is none."""
        now = self._clock()
        cached = self._cache.load(addresses, now - _CACHE_TIME)
        uncached = sorted(addresses - cached.keys())
        if len(uncached) > _MAX_LOOKUPS:
            found = self._find_in_user_list(uncached)
        else:
            found = {address: self._look_up(address) for address in uncached}
        self._cache.save(found, now)
        return {**cached, **found}

    def _look_up(self, address: str) -> Owner | NoOwner:
        try:
            return self._as_member(call(self._client, "users_lookupByEmail", email=address)["user"])
        except Refused as error:
            return NoOwner(f"no active Slack user has {address}") if error.code == "users_not_found" else _LOOKUP_FAILED
        except SlackError:
            return _LOOKUP_FAILED

    def _find_in_user_list(self, addresses: list[str]) -> dict[str, Owner | NoOwner]:
        """Return the result for each address from the list of all users. If a page fails, every lookup fails."""
        found: dict[str, Owner | NoOwner] = {
            address: NoOwner(f"no active Slack user has {address}") for address in addresses
        }
        cursor = ""
        try:
            while True:
                page = call(self._client, "users_list", limit=_PAGE_SIZE, cursor=cursor)
                for user in page["members"]:
                    address = user.get("profile", {}).get("email", "").casefold()
                    if address in found and not isinstance(found[address], Owner):
                        found[address] = self._as_member(user)
                cursor = page.get("response_metadata", {}).get("next_cursor", "")
                if not cursor:
                    return found
        except SlackError:
            return dict.fromkeys(addresses, _LOOKUP_FAILED)


_LOOKUP_FAILED = NoOwner("Slack did not answer the look-up", lookup_failed=True)
"""It is not cached: the next lookup may succeed."""


def _membership(user: Mapping[str, Any], owner: Owner | NoOwner) -> Membership:
    if isinstance(owner, Owner):
        return Membership.FULL
    if user.get("deleted"):
        return Membership.DEACTIVATED
    if user.get("is_bot"):
        return Membership.BOT
    return Membership.GUEST if user.get("is_restricted") or user.get("is_ultra_restricted") else Membership.EXTERNAL


def owner_from_user(user: Mapping[str, Any], team_id: str) -> Owner | NoOwner:
    """Return a Slack user as an owner if the user is active and a full member of the workspace, else why not."""
    if user.get("deleted"):
        return NoOwner("deactivated in Slack")
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return NoOwner("a member of another company in Slack")
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return NoOwner("a guest in Slack")
    if user.get("is_bot"):
        return NoOwner("a bot in Slack")
    return Owner(user["id"], user.get("real_name") or user.get("name", user["id"]))
