"""The people of the workspace: who is behind an address, and who may be told anything at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from slack_sdk import WebClient

from bailiff_bot.domain.owner import NoOwner, Owner, Owners
from bailiff_bot.errors import Refused, SlackError
from bailiff_bot.slack.web import call

_CACHED_FOR = timedelta(hours=1)
_LOOKED_UP = 20
"""From so many unknown addresses on, reading everybody once is cheaper than looking each one up (50 a minute)."""
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who typed a command or pressed a button, and may have an answer."""

    user_id: str
    name: str
    address: str
    """The e-mail address, in lower case; empty when Slack does not tell it."""


class SlackRoster:
    """Finds people of the workspace `team_id`, and remembers them and the misses for an hour."""

    def __init__(self, client: WebClient, team_id: str, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._team_id = team_id
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[datetime, Owner | NoOwner]] = {}

    def caller(self, user_id: str) -> Caller | NoOwner:
        """Return a person who may be answered, or why not; raises SlackError when Slack does not tell."""
        user = call(self._client, "users_info", user=user_id)["user"]
        owner = owner_of(user, self._team_id)
        if isinstance(owner, NoOwner):
            return owner
        return Caller(user_id, owner.name, user["profile"].get("email", "").casefold())

    def check(self, user_id: str) -> None:
        """Raise SlackError when a person may not be sent anything."""
        caller = self.caller(user_id)
        if isinstance(caller, NoOwner):
            raise Refused(f"{user_id} is not sent anything: {caller.reason}")

    def owners(self, addresses: frozenset[str]) -> Owners:
        """Return the owner behind each address, or the reason why there is none."""
        with self._lock:
            unknown = [address for address in sorted(addresses) if not self._remembered(address)]
            found = self._all_by_address(unknown) if len(unknown) > _LOOKED_UP else {}
            for address in unknown:
                owner = found[address] if address in found else self._looked_up(address)
                if owner is not _UNANSWERED:
                    self._known[address] = (self._clock(), owner)
                found[address] = owner
            return {address: found.get(address) or self._known[address][1] for address in addresses}

    def _remembered(self, address: str) -> bool:
        return address in self._known and self._clock() - self._known[address][0] < _CACHED_FOR

    def _looked_up(self, address: str) -> Owner | NoOwner:
        try:
            return owner_of(call(self._client, "users_lookupByEmail", email=address)["user"], self._team_id)
        except Refused as error:
            return NoOwner(f"no active Slack user has {address}") if error.code == "users_not_found" else _UNANSWERED
        except SlackError:
            return _UNANSWERED

    def _all_by_address(self, addresses: list[str]) -> dict[str, Owner | NoOwner]:
        """Return what the list of all users tells of these addresses; all or nothing."""
        found: dict[str, Owner | NoOwner] = {
            address: NoOwner(f"no active Slack user has {address}") for address in addresses
        }
        cursor = ""
        try:
            while True:
                page = call(self._client, "users_list", limit=_PAGE, cursor=cursor)
                for user in page["members"]:
                    address = user.get("profile", {}).get("email", "").casefold()
                    if address in found and not isinstance(found[address], Owner):
                        found[address] = owner_of(user, self._team_id)
                cursor = page.get("response_metadata", {}).get("next_cursor", "")
                if not cursor:
                    return found
        except SlackError:
            return dict.fromkeys(addresses, _UNANSWERED)


_UNANSWERED = NoOwner("Slack did not answer when asked who it is", unanswered=True)
"""Not remembered: the next time may be better."""


def owner_of(user: Mapping[str, Any], team_id: str) -> Owner | NoOwner:
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
