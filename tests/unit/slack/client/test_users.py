"""The Slack user of an address. Slack is called as rarely as possible; a failed lookup is repeated."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.errors import SlackError
from bailiff_bot.slack.client.users import Caller, SlackUsers, owner_from_user
from tests.fakes.clock import FakeClock
from tests.fakes.users import FakeUserCache

TEAM = "T0OCTO"
ADA = Owner("U1", "Ada")
HOUR = timedelta(hours=1)


def user(number: int, address: str, name: str, **more: object) -> dict[str, Any]:
    return {"id": f"U{number}", "team_id": TEAM, "real_name": name, "profile": {"email": address}, **more}


@dataclass(slots=True)
class FakeSlackClient:
    """The calls that find users. If `error` is set, each call fails with it."""

    users: list[dict[str, Any]] = field(default_factory=lambda: [user(1, "Ada@octo.example", "Ada")])
    error: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    base_url: str = "https://slack.example/api/"

    def auth_test(self) -> SlackResponse:
        return self._response({"team_id": TEAM})

    def users_info(self, user: str) -> SlackResponse:
        self.calls["info"] += 1
        return self._answer(next((one for one in self.users if one["id"] == user), None), "user_not_found")

    def users_lookupByEmail(self, email: str) -> SlackResponse:  # noqa: N802 - slack_sdk's name
        self.calls["lookup"] += 1
        found = [one for one in self.users if one["profile"]["email"].casefold() == email]
        return self._answer(found[0] if found else None, "users_not_found")

    def users_list(self, limit: int, cursor: str) -> SlackResponse:
        self.calls["list"] += 1
        assert limit
        start = int(cursor or 0)
        page = {"members": self.users[start : start + 2]}
        following = f"{start + 2}" if start + 2 < len(self.users) else ""
        return self._answer({**page, "response_metadata": {"next_cursor": following}}, "", whole=True)

    def _answer(self, found: dict[str, Any] | None, error: str, *, whole: bool = False) -> SlackResponse:
        if self.error or found is None:
            refused = self._response({"ok": False, "error": self.error or error})
            raise SlackApiError("no", refused)  # type: ignore[no-untyped-call] # slack_sdk's
        return self._response(found if whole else {"user": found})

    def _response(self, data: dict[str, Any]) -> SlackResponse:
        return SlackResponse(
            client=WebClient(), http_verb="POST", api_url="", req_args={}, data=data, headers={}, status_code=200
        )


@dataclass(slots=True)
class LookupScenario:
    """A workspace, and the cache that all processes share."""

    client: FakeSlackClient = field(default_factory=FakeSlackClient)
    clock: FakeClock = field(default_factory=FakeClock)
    cache: FakeUserCache = field(default_factory=FakeUserCache)

    def users(self) -> SlackUsers:
        """Return the users as a process that has just started finds them."""
        return SlackUsers(self.client, self.clock, self.cache)  # type: ignore[arg-type] # it has the methods that are called

    def owners(self, *addresses: str) -> dict[str, Owner | NoOwner]:
        """Look addresses up as a process that has just started."""
        return dict(self.users().owners(frozenset(addresses)))


def test_an_owner_is_found_by_address() -> None:
    assert LookupScenario().owners("ada@octo.example") == {"ada@octo.example": ADA}


def test_an_address_that_slack_does_not_know_has_no_owner_with_the_reason() -> None:
    assert LookupScenario().owners("x@octo.example") == {
        "x@octo.example": NoOwner("no active Slack user has x@octo.example")
    }


@pytest.mark.parametrize("address", ["ada@octo.example", "x@octo.example"], ids=["found", "not found"])
def test_a_lookup_is_kept_for_an_hour_even_after_a_restart(address: str) -> None:
    scenario = LookupScenario()
    first = scenario.owners(address)
    scenario.clock.advance(HOUR)
    assert scenario.owners(address) == first
    assert scenario.client.calls == {"lookup": 1}


def test_after_an_hour_slack_is_asked_again() -> None:
    scenario = LookupScenario()
    scenario.owners("ada@octo.example")
    scenario.client.users = [user(1, "ada@octo.example", "Ada", deleted=True)]
    scenario.clock.advance(HOUR + timedelta(seconds=1))
    assert scenario.owners("ada@octo.example") == {"ada@octo.example": NoOwner("deactivated in Slack")}


@pytest.mark.parametrize("count", [1, 30], ids=["one by one", "all at once"])
def test_a_failed_lookup_is_repeated(count: int) -> None:
    scenario = LookupScenario()
    addresses = ["ada@octo.example", *(f"x{number}@octo.example" for number in range(count - 1))]
    scenario.client.error = "ratelimited"
    assert all(isinstance(one, NoOwner) and one.lookup_failed for one in scenario.owners(*addresses).values())
    scenario.client.error = ""
    assert scenario.owners(*addresses)["ada@octo.example"] == ADA


def test_only_addresses_without_a_kept_lookup_are_looked_up() -> None:
    scenario = LookupScenario()
    scenario.owners("ada@octo.example")
    scenario.owners("ada@octo.example", "x@octo.example")
    assert scenario.client.calls == {"lookup": 2}


def test_many_addresses_are_found_in_the_pages_of_the_user_list() -> None:
    scenario = LookupScenario(
        FakeSlackClient([user(number, f"X{number}@octo.example", f"{number}") for number in range(5)])
    )
    found = scenario.owners(*(f"x{number}@octo.example" for number in range(30)))
    assert [found[f"x{number}@octo.example"] for number in range(5)] == [Owner(f"U{n}", f"{n}") for n in range(5)]
    assert found["x9@octo.example"] == NoOwner("no active Slack user has x9@octo.example")
    assert scenario.client.calls == {"list": 3}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"deleted": True}, "deactivated in Slack"),
        ({"is_stranger": True}, "a member of another company in Slack"),
        ({"team_id": "T0OTHER"}, "a member of another company in Slack"),
        ({"is_restricted": True}, "a guest in Slack"),
        ({"is_ultra_restricted": True}, "a guest in Slack"),
        ({"is_bot": True}, "a bot in Slack"),
    ],
)
def test_a_user_who_is_no_active_full_member_is_no_owner(more: dict[str, object], reason: str) -> None:
    assert owner_from_user(user(1, "ada@octo.example", "Ada") | more, TEAM) == NoOwner(reason)


def test_a_mentioned_user_is_found_with_the_address_that_slack_tells() -> None:
    assert LookupScenario().users().find("U1") == Caller("U1", "Ada", "ada@octo.example")
    without_scope = FakeSlackClient([{"id": "U1", "team_id": TEAM, "real_name": "Ada", "profile": {}}])
    assert LookupScenario(without_scope).users().find("U1") == Caller("U1", "Ada", "")


def test_a_mentioned_user_whom_slack_does_not_know_is_no_owner() -> None:
    assert LookupScenario().users().find("U404") == NoOwner("unknown in Slack")


def test_a_mention_is_not_answered_if_slack_does_not_answer() -> None:
    for error in ("ratelimited", "missing_scope"):
        with pytest.raises(SlackError, match=error):
            LookupScenario(FakeSlackClient(error=error)).users().find("U1")
