"""The kinds of users that users.info tells apart, and its faults for one of them."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack import SlackSandbox

ROLES = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted", "is_bot", "is_email_confirmed")


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox(users=(*fixtures.USERS, *fixtures.OTHER_USERS)) as sandbox:
        yield sandbox


def info(web: WebClient, name: str) -> dict[str, object]:
    user_id = next(user.id for user in (*fixtures.USERS, *fixtures.OTHER_USERS) if user.name == name)
    answer: dict[str, object] = web.users_info(user=user_id)["user"]
    return answer


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("ada", {"is_email_confirmed"}),
        ("gus", {"is_restricted", "is_email_confirmed"}),
        ("uma", {"is_restricted", "is_ultra_restricted", "is_email_confirmed"}),
        ("sam", {"is_email_confirmed"}),
        ("paul", {"deleted"}),
        ("deploy", {"is_bot"}),
        ("noah", set()),
    ],
)
def test_each_kind_of_user_has_its_roles(name: str, roles: set[str], web: WebClient) -> None:
    user = info(web, name)
    assert {role for role in ROLES if user.get(role)} == roles


def test_an_external_is_a_stranger_only_without_a_channel_shared_with_the_bot(
    web: WebClient, slack: SlackSandbox
) -> None:
    sam = info(web, "sam")
    assert sam["team_id"] == fixtures.PARTNER_TEAM_ID
    assert "is_stranger" not in sam
    slack.driver.remove_member("bailiff", "with-partner")
    assert info(web, "sam")["is_stranger"]


def test_a_deactivated_user_has_no_roles_and_no_time_zone(web: WebClient) -> None:
    assert info(web, "paul").keys().isdisjoint({"is_restricted", "is_admin", "tz", "is_email_confirmed"})


def test_an_organization_and_a_time_zone_are_told(web: WebClient) -> None:
    enterprise_user = info(web, "greta")["enterprise_user"]
    assert isinstance(enterprise_user, dict)
    assert enterprise_user["teams"] == [fixtures.TEAM_ID, "T0OCTO0002"]
    assert (info(web, "tomo")["tz"], info(web, "tomo")["tz_offset"]) == ("Asia/Tokyo", 32400)
    assert "enterprise_user" not in info(web, "ada")


def test_a_bot_has_no_address(web: WebClient) -> None:
    profile = info(web, "deploy")["profile"]
    assert isinstance(profile, dict)
    assert "email" not in profile


def test_a_colleague_can_become_a_guest_and_leave(web: WebClient, slack: SlackSandbox) -> None:
    slack.driver.change_user("ada", guest=True)
    assert info(web, "ada")["is_restricted"]
    slack.driver.deactivate("ada")
    assert info(web, "ada")["deleted"]
    slack.driver.change_user("ada", deactivated=False, guest=False)
    assert not info(web, "ada")["is_restricted"]


def test_users_info_can_fail_for_one_user(web: WebClient, slack: SlackSandbox) -> None:
    slack.driver.inject_fault("refuse", "users.info", user="ada", times=None, error="fatal_error")
    slack.driver.inject_fault("server_error", "users.info", user="hector")
    with pytest.raises(SlackApiError, match="fatal_error"):
        info(web, "ada")
    with pytest.raises(SlackApiError, match="internal_error"):
        info(web, "hector")
    assert info(web, "hector")["name"] == "hector"
    assert info(web, "albert")["name"] == "albert"


def test_users_info_can_be_slow_for_one_user(web: WebClient, slack: SlackSandbox) -> None:
    slack.driver.inject_fault("slow", "users.info", user="ada", seconds=0.01)
    info(web, "albert")
    assert [fault.user for fault in slack.driver.pending_faults()] == ["U0AGR00001"]
    assert info(web, "ada")["name"] == "ada"
    assert slack.driver.pending_faults() == []
