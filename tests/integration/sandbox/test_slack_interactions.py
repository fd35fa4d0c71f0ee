"""People at work in the workspace, and a real Bolt app that answers them."""

from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack import Impossible
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.recording_app import Shop, just_ack, only, plain, with_button

COSTS = "C0COSTS001"
ADA = "U0AGR00001"


def post(url: str, **body: Any) -> int:
    return WebhookClient(url).send_dict(body).status_code


def test_a_command_has_all_the_fields_of_slacks(shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", just_ack)
    outcome = driver.user("ada").types("/bailiff report  now", "cloud-costs")
    assert outcome.acknowledged
    assert outcome.seconds < 3
    assert shop.wait() == {
        "token": "sandbox-verification",
        "team_id": fixtures.TEAM_ID,
        "team_domain": "octo",
        "channel_id": COSTS,
        "channel_name": "cloud-costs",
        "user_id": ADA,
        "user_name": "ada",
        "command": "/bailiff",
        "text": "report  now",
        "api_app_id": "A0BAILIFF1",
        "is_enterprise_install": "false",
        "response_url": outcome.response_url,
        "trigger_id": outcome.trigger_id,
    }


@pytest.mark.parametrize(
    ("channel", "shown"),
    [("bailiff", "directmessage"), ("general", "general"), ("ops-private", "privategroup")],
)
def test_a_command_names_its_channel_as_slack_does(channel: str, shown: str, shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", just_ack)
    driver.user("bill").types("/bailiff help", channel)
    assert shop.wait()["channel_name"] == shown


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("of @ada", "of <@U0AGR00001|ada>"),
        ("in #general", "in <#C0GENERAL2|general>"),
        ("of @nobody", "of @nobody"),
        ("a@ada.example", "a@ada.example"),
        ("<!channel> & co", "&lt;!channel&gt; &amp; co"),
        ("@here", "<!here>"),
        ("see https://x.example/a", "see <https://x.example/a>"),
    ],
)
def test_what_is_typed_is_escaped(typed: str, sent: str, shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", just_ack)
    driver.user("ada").types(f"/bailiff {typed}")
    assert shop.wait()["text"] == sent


def test_an_acknowledgement_may_carry_the_answer(shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", lambda ack, _respond, _body: ack("Usage: ..."))
    outcome = driver.user("ada").types("/bailiff help", "general")
    assert outcome.payload["text"] == "Usage: ..."
    seen = only(driver.user("ada").sees("general"))
    assert (seen.text, seen.is_ephemeral) == ("Usage: ...", True)


def test_an_answer_for_all_is_seen_by_all(shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", lambda ack, _respond, _body: ack(text="hi", response_type="in_channel"))
    driver.user("ada").types("/bailiff help", "general")
    assert only(driver.user("albert").sees("general")).text == "hi"


def test_an_acknowledgement_that_slack_would_not_show_is_a_failure(shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", lambda ack, _respond, _body: ack(text="x", blocks=[{"type": "header"}]))
    driver.user("ada").types("/bailiff help", "general")
    assert "invalid_command_response" in only(driver.user("ada").sees("general")).text
    assert [failure.kind for failure in driver.failures()] == ["bad_ack"]


def test_a_commands_response_address_never_replaces_the_first_answer(shop: Shop, driver: Driver) -> None:
    shop.on("command", "/bailiff", just_ack)
    url = driver.user("ada").types("/bailiff report", "general").response_url
    assert post(url, text="Checking...") == 200
    assert post(url, text="Done.", replace_original=True) == 200
    assert post(url, delete_original=True) == 200
    assert [seen.text for seen in driver.user("ada").sees("general")] == ["Checking...", "Done."]


def test_a_clicks_response_address_replaces_and_deletes_the_message(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("action", "go", just_ack)
    ada = driver.user("ada")
    web.chat_postMessage(channel=COSTS, text="Share?", blocks=with_button())
    url = ada.clicks(only(ada.sees("cloud-costs")), "Go").response_url
    assert post(url, text="Shared.", replace_original=True) == 200
    seen = only(ada.sees("cloud-costs"))
    assert (seen.words, seen.is_edited, seen.is_ephemeral) == ("Shared.", True, False)
    assert post(url, delete_original="true") == 200
    assert ada.sees("cloud-costs") == []


def test_a_click_on_an_ephemeral_can_replace_it_for_its_reader(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("action", "go", lambda ack, respond, _: (ack(), respond(text="Done.", replace_original=True)))
    ada = driver.user("ada")
    web.chat_postEphemeral(channel=COSTS, user=ADA, text="Share?", blocks=with_button())
    ada.clicks(only(ada.sees("cloud-costs")), "go")
    body = shop.wait()
    assert (only(ada.sees("cloud-costs")).text, only(ada.sees("cloud-costs")).is_ephemeral) == ("Done.", True)
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


def test_a_click_has_all_the_fields_of_slacks(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("action", "go", just_ack)
    posted = web.chat_postMessage(channel=COSTS, text="Share?", blocks=with_button(style="primary"))
    outcome = driver.user("ada").clicks(only(driver.user("ada").sees("cloud-costs")), "Go")
    body = shop.wait()
    (action,) = body.pop("actions")
    assert action.pop("action_ts") == "1700000000.000000"
    assert action == {
        "type": "button",
        "action_id": "go",
        "block_id": "row",
        "text": plain("Go"),
        "value": "7",
        "style": "primary",
    }
    assert body == {
        "type": "block_actions",
        "team": {"id": fixtures.TEAM_ID, "domain": "octo"},
        "user": {"id": ADA, "username": "ada", "name": "ada", "team_id": fixtures.TEAM_ID},
        "api_app_id": "A0BAILIFF1",
        "token": "sandbox-verification",
        "container": {"type": "message", "message_ts": posted["ts"], "channel_id": COSTS, "is_ephemeral": False},
        "trigger_id": outcome.trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": COSTS, "name": "cloud-costs"},
        "message": posted["message"],
        "state": {"values": {}},
        "response_url": outcome.response_url,
    }


def test_an_option_is_chosen_from_a_menu(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("action", "days", just_ack)
    options = [{"text": plain("A week"), "value": "7"}, {"text": plain("A month"), "value": "30"}]
    menu = {"type": "overflow", "action_id": "days", "options": options}
    section = {"type": "section", "text": plain("Keep it?"), "accessory": menu}
    web.chat_postMessage(channel=COSTS, text="Keep it?", blocks=[section])
    ada = driver.user("ada")
    ada.clicks(only(ada.sees("cloud-costs")), "days", option="A month")
    assert shop.wait()["actions"][0]["selected_option"] == options[1]
    with pytest.raises(Impossible, match="there is no option 'A year'"):
        ada.clicks(only(ada.sees("cloud-costs")), "days", option="A year")


def test_nobody_clicks_what_is_not_there(web: WebClient, driver: Driver) -> None:
    web.chat_postEphemeral(channel=COSTS, user=ADA, text="x", blocks=with_button())
    seen = only(driver.user("ada").sees("cloud-costs"))
    with pytest.raises(Impossible, match=r"there is no 'Stop' to click, only \['Go'\]"):
        driver.user("ada").clicks(seen, "Stop")
    with pytest.raises(Impossible, match="albert sees no such message"):
        driver.user("albert").clicks(seen, "Go")


def test_an_action_without_a_listener_goes_unacknowledged(bolt: App, web: WebClient, driver: Driver) -> None:
    assert bolt.name
    web.chat_postMessage(channel=COSTS, text="x", blocks=with_button(url="https://x.example"))
    seen = only(driver.user("ada").sees("cloud-costs"))
    assert driver.user("ada").clicks(seen, "Go").error == "operation_timeout"


def test_people_talk_among_themselves(driver: Driver) -> None:
    parent = driver.user("ada").says("hello @albert", "general")
    driver.user("albert").says("yes?", "general", thread=parent)
    assert [seen.text for seen in driver.user("hector").sees("general", thread=parent)] == [
        "hello <@U0ALB00002|albert>",
        "yes?",
    ]


def test_guests_and_strangers_see_only_the_channels_they_are_in(driver: Driver) -> None:
    driver.user("ada").says("inside", "general")
    driver.user("ada").says("outside", "with-partner")
    assert driver.user("sam").sees("general") == []
    assert only(driver.user("sam").sees("with-partner")).text == "outside"
    assert driver.user("gus").sees("general") == []
    driver.user("gus").joins("general")
    assert only(driver.user("gus").sees("general")).text == "inside"


def test_a_message_tells_its_words_its_buttons_and_its_tables(web: WebClient, driver: Driver) -> None:
    link = {"type": "link", "url": "https://x.example", "text": "i-1"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    rows = [
        [{"type": "raw_text", "text": "Id"}, {"type": "raw_text", "text": "Days"}],
        [rich, {"type": "raw_number", "value": 31, "text": "31"}],
    ]
    table = {"type": "data_table", "caption": "Old", "rows": rows}
    web.chat_postMessage(
        channel=COSTS, text="x", blocks=[{"type": "header", "text": plain("Hi")}, table, *with_button()]
    )
    seen = only(driver.user("ada").sees("cloud-costs"))
    assert seen.words == "Hi\nOld\nId\nDays\ni-1\n31\nGo"
    assert seen.buttons == ["Go"]
    assert seen.tables == [[["Id", "Days"], ["i-1", "31"]]]
