"""The people of the workspace: who is behind an address, and who may be told anything at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from slack_sdk import WebClient

from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.errors import Refused, SlackError
from bailiff_bot.slack.client.web import call

_CACHE_TIME = timedelta(hours=1)
_MAX_LOOKUPS = 20
"""From so many unknown addresses on, reading everybody once is cheaper than looking each one up (50 a minute)."""
_PAGE_SIZE = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who typed a command or pressed a button, and may have an answer."""

    user_id: str
    name: str
    address: str
    """The e-mail address, in lower case; empty when Slack does not tell it."""


class UserCache(Protocol):
    """Who was found behind which address; raises StoreError."""

    def load(self, addresses: frozenset[str], since: datetime) -> dict[str, Owner | NoOwner]:
        """Return what was found of these addresses since an instant."""
        ...

    def save(self, found: Mapping[str, Owner | NoOwner], now: datetime) -> None:
        """Keep what was found, but for what was not answered."""
        ...


@dataclass(frozen=True, slots=True)
class SlackUsers:
    """Finds people of the workspace `team_id`, and remembers them and the misses for an hour."""

    client: WebClient
    team_id: str
    clock: Callable[[], datetime]
    cache: UserCache

    def caller(self, user_id: str) -> Caller | NoOwner:
        """Return a person who may be answered, or why not; raises SlackError when Slack does not tell."""
        user = call(self.client, "users_info", user=user_id)["user"]
        owner = owner_from_user(user, self.team_id)
        if isinstance(owner, NoOwner):
            return owner
        return Caller(user_id, owner.name, user["profile"].get("email", "").casefold())

    def check_recipient(self, user_id: str) -> None:
        """Raise SlackError when a person may not be sent anything."""
        caller = self.caller(user_id)
        if isinstance(caller, NoOwner):
            raise Refused(f"{user_id} is not sent anything: {caller.reason}")

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner behind each address, or the reason why there is none."""
        now = self.clock()
        known = self.cache.load(addresses, now - _CACHE_TIME)
        unknown = sorted(addresses - known.keys())
        if len(unknown) > _MAX_LOOKUPS:
            found = self._all_by_address(unknown)
        else:
            found = {address: self._look_up(address) for address in unknown}
        self.cache.save(found, now)
        return {**known, **found}

    def _look_up(self, address: str) -> Owner | NoOwner:
        try:
            return owner_from_user(call(self.client, "users_lookupByEmail", email=address)["user"], self.team_id)
        except Refused as error:
            return NoOwner(f"no active Slack user has {address}") if error.code == "users_not_found" else _NO_ANSWER
        except SlackError:
            return _NO_ANSWER

    def _all_by_address(self, addresses: list[str]) -> dict[str, Owner | NoOwner]:
        """Return what the list of all users tells of these addresses; all or nothing."""
        found: dict[str, Owner | NoOwner] = {
            address: NoOwner(f"no active Slack user has {address}") for address in addresses
        }
        cursor = ""
        try:
            while True:
                page = call(self.client, "users_list", limit=_PAGE_SIZE, cursor=cursor)
                for user in page["members"]:
                    address = user.get("profile", {}).get("email", "").casefold()
                    if address in found and not isinstance(found[address], Owner):
                        found[address] = owner_from_user(user, self.team_id)
                cursor = page.get("response_metadata", {}).get("next_cursor", "")
                if not cursor:
                    return found
        except SlackError:
            return dict.fromkeys(addresses, _NO_ANSWER)


_NO_ANSWER = NoOwner("Slack did not answer when asked who it is", lookup_failed=True)
"""Nobody remembers it: the next time may be better."""


def owner_from_user(user: Mapping[str, Any], team_id: str) -> Owner | NoOwner:
    """Return a user of Slack's as an owner, if active and a full member of the workspace; else why not."""
    if user.get("deleted"):
        return NoOwner("deactivated in Slack")
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return NoOwner("a member of another company in Slack")
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return NoOwner("a guest in Slack")
    if user.get("is_bot"):
        return NoOwner("a bot in Slack")
    return Owner(user["id"], user.get("real_name") or user.get("name", user["id"]))
