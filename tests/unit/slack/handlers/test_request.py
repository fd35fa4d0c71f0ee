"""What Slack sends becomes one kind of request."""

from typing import Any

import pytest

from bailiff_bot.slack.handlers.request import SlackRequest

COMMAND = {"user_id": "U1", "channel_id": "C1", "response_url": "https://hooks.example/1", "text": "mine"}
EVENT = {"event": {"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"}}
ACTION = {"action_id": "share", "block_id": "buttons", "value": "everyone", "type": "button"}


def click_in_message(**changes: Any) -> dict[str, Any]:
    return {
        "user": {"id": "U1"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1"},
        "channel": {"id": "C1"},
        "response_url": "https://hooks.example/1",
        "actions": [ACTION],
        **changes,
    }


def click_in_view(**changes: Any) -> dict[str, Any]:
    container = {"type": "view", "view_id": "V1"}
    return {"user": {"id": "U1"}, "container": container, "view": {}, "actions": [ACTION], **changes}


def test_a_command_has_its_text() -> None:
    assert SlackRequest.from_payload(COMMAND) == SlackRequest("U1", "C1", "https://hooks.example/1", "mine")


def test_an_event_has_only_its_user() -> None:
    assert SlackRequest.from_payload(EVENT) == SlackRequest("U1")


def test_a_click_in_a_view_has_neither_channel_nor_response_url() -> None:
    request = SlackRequest.from_payload(click_in_view())
    assert (request.user_id, request.channel_id, request.response_url, request.value) == ("U1", "", "", "everyone")


@pytest.mark.parametrize("click", [click_in_message, click_in_view])
def test_the_same_click_twice_is_one_click(click: Any) -> None:
    assert SlackRequest.from_payload(click()).click == SlackRequest.from_payload(click()).click


@pytest.mark.parametrize(
    "changes",
    [
        {"user": {"id": "U2"}},
        {"container": {"type": "message", "message_ts": "1.3", "channel_id": "C1"}},
        {"channel": {"id": "C2"}},
        *({"actions": [{**ACTION, name: "other"}]} for name in ("action_id", "block_id", "value")),
    ],
)
def test_clicks_of_others_and_on_other_buttons_are_other_clicks(changes: dict[str, Any]) -> None:
    assert (
        SlackRequest.from_payload(click_in_message()).click
        != SlackRequest.from_payload(click_in_message(**changes)).click
    )


def test_clicks_in_two_views_are_two_clicks() -> None:
    other = click_in_view(container={"type": "view", "view_id": "V2"})
    assert SlackRequest.from_payload(click_in_view()).click != SlackRequest.from_payload(other).click
