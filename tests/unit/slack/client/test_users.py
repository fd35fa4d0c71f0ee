"""Who is behind an address: Slack is asked as rarely as can be, and what it did not answer is asked again."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.slack.client.users import SlackUsers, owner_from_user
from tests.fakes.clock import FakeClock
from tests.fakes.users import FakeUserCache

TEAM = "T0OCTO"
ADA = Owner("U1", "Ada")
HOUR = timedelta(hours=1)


def user(number: int, address: str, name: str, **more: object) -> dict[str, Any]:
    return {"id": f"U{number}", "team_id": TEAM, "real_name": name, "profile": {"email": address}, **more}


@dataclass(slots=True)
class FakeSlackClient:
    """The calls that find people, among as many as there are; `fails` is the error with which it answers."""

    users: list[dict[str, Any]] = field(default_factory=lambda: [user(1, "Ada@octo.example", "Ada")])
    error: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    base_url: str = "https://slack.example/api/"

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
    """A workspace, and what is remembered of it by whatever process."""

    client: FakeSlackClient = field(default_factory=FakeSlackClient)
    clock: FakeClock = field(default_factory=FakeClock)
    cache: FakeUserCache = field(default_factory=FakeUserCache)

    def owners(self, *addresses: str) -> dict[str, Owner | NoOwner]:
        """Ask as a process that was just started."""
        users = SlackUsers(self.client, TEAM, self.clock, self.cache)  # type: ignore[arg-type] # what it calls of it
        return dict(users.owners(frozenset(addresses)))


def test_an_owner_is_found_by_address() -> None:
    assert LookupScenario().owners("ada@octo.example") == {"ada@octo.example": ADA}


def test_whom_slack_does_not_know_is_nobody_with_the_reason() -> None:
    assert LookupScenario().owners("x@octo.example") == {
        "x@octo.example": NoOwner("no active Slack user has x@octo.example")
    }


@pytest.mark.parametrize("address", ["ada@octo.example", "x@octo.example"], ids=["found", "not found"])
def test_who_was_looked_up_within_an_hour_is_not_looked_up_again_after_a_restart_either(address: str) -> None:
    office = LookupScenario()
    first = office.owners(address)
    office.clock.advance(HOUR)
    assert office.owners(address) == first
    assert office.client.calls == {"lookup": 1}


def test_after_an_hour_slack_is_asked_again() -> None:
    office = LookupScenario()
    office.owners("ada@octo.example")
    office.client.users = [user(1, "ada@octo.example", "Ada", deleted=True)]
    office.clock.advance(HOUR + timedelta(seconds=1))
    assert office.owners("ada@octo.example") == {"ada@octo.example": NoOwner("deactivated in Slack")}


@pytest.mark.parametrize("count", [1, 30], ids=["one by one", "all at once"])
def test_what_slack_did_not_answer_is_asked_again(count: int) -> None:
    office = LookupScenario()
    addresses = ["ada@octo.example", *(f"x{number}@octo.example" for number in range(count - 1))]
    office.client.error = "ratelimited"
    assert all(isinstance(one, NoOwner) and one.lookup_failed for one in office.owners(*addresses).values())
    office.client.error = ""
    assert office.owners(*addresses)["ada@octo.example"] == ADA


def test_only_who_is_not_known_yet_is_looked_up() -> None:
    office = LookupScenario()
    office.owners("ada@octo.example")
    office.owners("ada@octo.example", "x@octo.example")
    assert office.client.calls == {"lookup": 2}


def test_many_are_found_in_the_list_of_all_page_by_page() -> None:
    office = LookupScenario(
        FakeSlackClient([user(number, f"X{number}@octo.example", f"{number}") for number in range(5)])
    )
    found = office.owners(*(f"x{number}@octo.example" for number in range(30)))
    assert [found[f"x{number}@octo.example"] for number in range(5)] == [Owner(f"U{n}", f"{n}") for n in range(5)]
    assert found["x9@octo.example"] == NoOwner("no active Slack user has x9@octo.example")
    assert office.client.calls == {"list": 3}


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
def test_who_is_no_active_full_member_is_nobody_to_tell(more: dict[str, object], reason: str) -> None:
    assert owner_from_user(user(1, "ada@octo.example", "Ada") | more, TEAM) == NoOwner(reason)
