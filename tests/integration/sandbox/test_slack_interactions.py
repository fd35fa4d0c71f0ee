"""People at work in the workspace, and a real Bolt app that answers them."""

from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack import InteractionError
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.recording_app import RecordingApp, ack_only, only, plain, with_button

COSTS = "C0COSTS001"
ADA = "U0AGR00001"


def post(url: str, **body: Any) -> int:
    return WebhookClient(url).send_dict(body).status_code


def test_a_command_has_all_the_fields_of_slacks(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    outcome = driver.user("ada").run_command("/bailiff report  now", "cloud-costs")
    assert outcome.acknowledged
    assert outcome.seconds < 3
    assert recording_app.wait() == {
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
def test_a_command_names_its_channel_as_slack_does(
    channel: str, shown: str, recording_app: RecordingApp, driver: Driver
) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    driver.user("bill").run_command("/bailiff help", channel)
    assert recording_app.wait()["channel_name"] == shown


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
def test_what_is_typed_is_escaped(typed: str, sent: str, recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    driver.user("ada").run_command(f"/bailiff {typed}")
    assert recording_app.wait()["text"] == sent


def test_an_acknowledgement_may_carry_the_answer(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", lambda ack, _respond, _body: ack("Usage: ..."))
    outcome = driver.user("ada").run_command("/bailiff help", "general")
    assert outcome.payload["text"] == "Usage: ..."
    seen = only(driver.user("ada").visible_messages("general"))
    assert (seen.text, seen.is_ephemeral) == ("Usage: ...", True)


def test_an_answer_for_all_is_seen_by_all(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", lambda ack, _respond, _body: ack(text="hi", response_type="in_channel"))
    driver.user("ada").run_command("/bailiff help", "general")
    assert only(driver.user("albert").visible_messages("general")).text == "hi"


def test_an_acknowledgement_that_slack_would_not_show_is_a_failure(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", lambda ack, _respond, _body: ack(text="x", blocks=[{"type": "header"}]))
    driver.user("ada").run_command("/bailiff help", "general")
    assert "invalid_command_response" in only(driver.user("ada").visible_messages("general")).text
    assert [failure.kind for failure in driver.failures()] == ["bad_ack"]


def test_a_commands_response_address_never_replaces_the_first_answer(
    recording_app: RecordingApp, driver: Driver
) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    url = driver.user("ada").run_command("/bailiff report", "general").response_url
    assert post(url, text="Checking...") == 200
    assert post(url, text="Done.", replace_original=True) == 200
    assert post(url, delete_original=True) == 200
    assert [seen.text for seen in driver.user("ada").visible_messages("general")] == ["Checking...", "Done."]


def test_a_clicks_response_address_replaces_and_deletes_the_message(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("action", "go", ack_only)
    ada = driver.user("ada")
    web.chat_postMessage(channel=COSTS, text="Share?", blocks=with_button())
    url = ada.click(only(ada.visible_messages("cloud-costs")), "Go").response_url
    assert post(url, text="Shared.", replace_original=True) == 200
    seen = only(ada.visible_messages("cloud-costs"))
    assert (seen.visible_text, seen.is_edited, seen.is_ephemeral) == ("Shared.", True, False)
    assert post(url, delete_original="true") == 200
    assert ada.visible_messages("cloud-costs") == []


def test_a_click_on_an_ephemeral_can_replace_it_for_its_reader(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("action", "go", lambda ack, respond, _: (ack(), respond(text="Done.", replace_original=True)))
    ada = driver.user("ada")
    web.chat_postEphemeral(channel=COSTS, user=ADA, text="Share?", blocks=with_button())
    ada.click(only(ada.visible_messages("cloud-costs")), "go")
    body = recording_app.wait()
    assert (only(ada.visible_messages("cloud-costs")).text, only(ada.visible_messages("cloud-costs")).is_ephemeral) == (
        "Done.",
        True,
    )
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


def test_a_click_has_all_the_fields_of_slacks(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("action", "go", ack_only)
    posted = web.chat_postMessage(channel=COSTS, text="Share?", blocks=with_button(style="primary"))
    outcome = driver.user("ada").click(only(driver.user("ada").visible_messages("cloud-costs")), "Go")
    body = recording_app.wait()
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


def test_an_option_is_chosen_from_a_menu(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("action", "days", ack_only)
    options = [{"text": plain("A week"), "value": "7"}, {"text": plain("A month"), "value": "30"}]
    menu = {"type": "overflow", "action_id": "days", "options": options}
    section = {"type": "section", "text": plain("Keep it?"), "accessory": menu}
    web.chat_postMessage(channel=COSTS, text="Keep it?", blocks=[section])
    ada = driver.user("ada")
    ada.click(only(ada.visible_messages("cloud-costs")), "days", option="A month")
    assert recording_app.wait()["actions"][0]["selected_option"] == options[1]
    with pytest.raises(InteractionError, match="there is no option 'A year'"):
        ada.click(only(ada.visible_messages("cloud-costs")), "days", option="A year")


def test_nobody_clicks_what_is_not_there(web: WebClient, driver: Driver) -> None:
    web.chat_postEphemeral(channel=COSTS, user=ADA, text="x", blocks=with_button())
    seen = only(driver.user("ada").visible_messages("cloud-costs"))
    with pytest.raises(InteractionError, match=r"there is no 'Stop' to click, only \['Go'\]"):
        driver.user("ada").click(seen, "Stop")
    with pytest.raises(InteractionError, match="albert sees no such message"):
        driver.user("albert").click(seen, "Go")


def test_an_action_without_a_listener_goes_unacknowledged(bolt: App, web: WebClient, driver: Driver) -> None:
    assert bolt.name
    web.chat_postMessage(channel=COSTS, text="x", blocks=with_button(url="https://x.example"))
    seen = only(driver.user("ada").visible_messages("cloud-costs"))
    assert driver.user("ada").click(seen, "Go").error == "operation_timeout"


def test_people_talk_among_themselves(driver: Driver) -> None:
    parent = driver.user("ada").post_message("hello @albert", "general")
    driver.user("albert").post_message("yes?", "general", thread=parent)
    assert [seen.text for seen in driver.user("hector").visible_messages("general", thread=parent)] == [
        "hello <@U0ALB00002|albert>",
        "yes?",
    ]


def test_guests_and_strangers_see_only_the_channels_they_are_in(driver: Driver) -> None:
    driver.user("ada").post_message("inside", "general")
    driver.user("ada").post_message("outside", "with-partner")
    assert driver.user("sam").visible_messages("general") == []
    assert only(driver.user("sam").visible_messages("with-partner")).text == "outside"
    assert driver.user("gus").visible_messages("general") == []
    driver.user("gus").join("general")
    assert only(driver.user("gus").visible_messages("general")).text == "inside"


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
    seen = only(driver.user("ada").visible_messages("cloud-costs"))
    assert seen.visible_text == "Hi\nOld\nId\nDays\ni-1\n31\nGo"
    assert seen.buttons == ["Go"]
    assert seen.tables == [[["Id", "Days"], ["i-1", "31"]]]
