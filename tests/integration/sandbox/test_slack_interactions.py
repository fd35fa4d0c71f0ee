"""Users act in the workspace, and a real Bolt app answers."""

from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack import InteractionError
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.conftest import SHORT_ACK_TIMEOUT
from tests.integration.sandbox.recording_app import RecordingApp, ack_only, only, plain, with_button

CHANNEL = "C0COSTS001"
ADA = "U0AGR00001"


def post(url: str, **body: Any) -> int:
    return WebhookClient(url).send_dict(body).status_code


def test_a_command_has_all_the_fields_that_slack_sends(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    interaction = driver.user("ada").run_command("/bailiff report  now", "cloud-costs")
    assert interaction.acknowledged
    assert interaction.seconds < 3
    assert recording_app.wait() == {
        "token": "sandbox-verification",
        "team_id": fixtures.TEAM_ID,
        "team_domain": "octo",
        "channel_id": CHANNEL,
        "channel_name": "cloud-costs",
        "user_id": ADA,
        "user_name": "ada",
        "command": "/bailiff",
        "text": "report  now",
        "api_app_id": "A0BAILIFF1",
        "is_enterprise_install": "false",
        "response_url": interaction.response_url,
        "trigger_id": interaction.trigger_id,
    }


@pytest.mark.parametrize(
    ("channel", "channel_name"),
    [("bailiff", "directmessage"), ("general", "general"), ("ops-private", "privategroup")],
)
def test_a_command_names_its_channel_as_slack_does(
    channel: str, channel_name: str, recording_app: RecordingApp, driver: Driver
) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    driver.user("bill").run_command("/bailiff help", channel)
    assert recording_app.wait()["channel_name"] == channel_name


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("of @ada", "of <@U0AGR00001|ada>"),
        ("in #general", "in <#C0GENERAL2|general>"),
        ("of @nobody", "of @nobody"),
        ("to a@ada.example", "to <mailto:a@ada.example|a@ada.example>"),
        ("https://a@ada.example", "<https://a@ada.example>"),
        ("<!channel> & co", "&lt;!channel&gt; &amp; co"),
        ("@here", "<!here>"),
        ("see https://x.example/a", "see <https://x.example/a>"),
    ],
)
def test_the_text_of_a_command_is_escaped(text: str, sent: str, recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    driver.user("ada").run_command(f"/bailiff {text}")
    assert recording_app.wait()["text"] == sent


def test_an_acknowledgement_may_carry_the_answer(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", lambda ack, _respond, _body: ack("Usage: ..."))
    interaction = driver.user("ada").run_command("/bailiff help", "general")
    assert interaction.payload["text"] == "Usage: ..."
    message = only(driver.user("ada").visible_messages("general"))
    assert (message.text, message.is_ephemeral) == ("Usage: ...", True)


def test_an_in_channel_answer_is_seen_by_all(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", lambda ack, _respond, _body: ack(text="hi", response_type="in_channel"))
    driver.user("ada").run_command("/bailiff help", "general")
    assert only(driver.user("albert").visible_messages("general")).text == "hi"


def test_an_invalid_acknowledgement_is_a_failure(recording_app: RecordingApp, driver: Driver) -> None:
    recording_app.on("command", "/bailiff", lambda ack, _respond, _body: ack(text="x", blocks=[{"type": "header"}]))
    driver.user("ada").run_command("/bailiff help", "general")
    assert "invalid_command_response" in only(driver.user("ada").visible_messages("general")).text
    assert [failure.kind for failure in driver.failures()] == ["bad_ack"]


def test_the_response_url_of_a_command_does_not_replace_an_earlier_answer(
    recording_app: RecordingApp, driver: Driver
) -> None:
    recording_app.on("command", "/bailiff", ack_only)
    url = driver.user("ada").run_command("/bailiff report", "general").response_url
    assert post(url, text="Checking...") == 200
    assert post(url, text="Done.", replace_original=True) == 200
    assert post(url, delete_original=True) == 200
    assert [message.text for message in driver.user("ada").visible_messages("general")] == ["Checking...", "Done."]


def test_the_response_url_of_a_click_can_replace_and_delete_the_message(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("action", "go", ack_only)
    ada = driver.user("ada")
    web.chat_postMessage(channel=CHANNEL, text="Share?", blocks=with_button())
    url = ada.click(only(ada.visible_messages("cloud-costs")), "Go").response_url
    assert post(url, text="Shared.", replace_original=True) == 200
    message = only(ada.visible_messages("cloud-costs"))
    assert (message.visible_text, message.is_edited, message.is_ephemeral) == ("Shared.", True, False)
    assert post(url, delete_original="true") == 200
    assert ada.visible_messages("cloud-costs") == []


def test_a_click_on_an_ephemeral_message_can_replace_it_for_its_reader(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("action", "go", lambda ack, respond, _: (ack(), respond(text="Done.", replace_original=True)))
    ada = driver.user("ada")
    web.chat_postEphemeral(channel=CHANNEL, user=ADA, text="Share?", blocks=with_button())
    ada.click(only(ada.visible_messages("cloud-costs")), "go")
    body = recording_app.wait()
    assert (only(ada.visible_messages("cloud-costs")).text, only(ada.visible_messages("cloud-costs")).is_ephemeral) == (
        "Done.",
        True,
    )
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


def test_a_click_has_all_the_fields_that_slack_sends(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("action", "go", ack_only)
    posted = web.chat_postMessage(channel=CHANNEL, text="Share?", blocks=with_button(style="primary"))
    interaction = driver.user("ada").click(only(driver.user("ada").visible_messages("cloud-costs")), "Go")
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
        "container": {"type": "message", "message_ts": posted["ts"], "channel_id": CHANNEL, "is_ephemeral": False},
        "trigger_id": interaction.trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": CHANNEL, "name": "cloud-costs"},
        "message": posted["message"],
        "state": {"values": {}},
        "response_url": interaction.response_url,
    }


def test_an_option_is_chosen_from_a_menu(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("action", "days", ack_only)
    options = [{"text": plain("A week"), "value": "7"}, {"text": plain("A month"), "value": "30"}]
    overflow = {"type": "overflow", "action_id": "days", "options": options}
    section = {"type": "section", "text": plain("Keep it?"), "accessory": overflow}
    web.chat_postMessage(channel=CHANNEL, text="Keep it?", blocks=[section])
    ada = driver.user("ada")
    ada.click(only(ada.visible_messages("cloud-costs")), "days", option="A month")
    assert recording_app.wait()["actions"][0]["selected_option"] == options[1]
    with pytest.raises(InteractionError, match="there is no option 'A year'"):
        ada.click(only(ada.visible_messages("cloud-costs")), "days", option="A year")


def test_a_click_on_a_missing_button_or_message_is_impossible(web: WebClient, driver: Driver) -> None:
    web.chat_postEphemeral(channel=CHANNEL, user=ADA, text="x", blocks=with_button())
    message = only(driver.user("ada").visible_messages("cloud-costs"))
    with pytest.raises(InteractionError, match=r"there is no 'Stop' to click, only \['Go'\]"):
        driver.user("ada").click(message, "Stop")
    with pytest.raises(InteractionError, match="albert sees no such message"):
        driver.user("albert").click(message, "Go")


@SHORT_ACK_TIMEOUT
def test_an_action_without_a_listener_is_not_acknowledged(bolt: App, web: WebClient, driver: Driver) -> None:
    assert bolt.name
    web.chat_postMessage(channel=CHANNEL, text="x", blocks=with_button(url="https://x.example"))
    message = only(driver.user("ada").visible_messages("cloud-costs"))
    assert driver.user("ada").click(message, "Go").error == "operation_timeout"


def test_users_can_post_and_reply(driver: Driver) -> None:
    parent = driver.user("ada").post_message("hello @albert", "general")
    driver.user("albert").post_message("yes?", "general", thread=parent)
    assert [message.text for message in driver.user("hector").visible_messages("general", thread=parent)] == [
        "hello <@U0ALB00002|albert>",
        "yes?",
    ]


def test_guests_and_outsiders_see_only_their_own_channels(driver: Driver) -> None:
    driver.user("ada").post_message("inside", "general")
    driver.user("ada").post_message("outside", "with-partner")
    assert driver.user("sam").visible_messages("general") == []
    assert only(driver.user("sam").visible_messages("with-partner")).text == "outside"
    assert driver.user("gus").visible_messages("general") == []
    driver.user("gus").join("general")
    assert only(driver.user("gus").visible_messages("general")).text == "inside"


def test_a_rendered_message_has_text_buttons_and_tables(web: WebClient, driver: Driver) -> None:
    link = {"type": "link", "url": "https://x.example", "text": "i-1"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    rows = [
        [{"type": "raw_text", "text": "Id"}, {"type": "raw_text", "text": "Days"}],
        [rich, {"type": "raw_number", "value": 31, "text": "31"}],
    ]
    table = {"type": "data_table", "caption": "Old", "rows": rows}
    web.chat_postMessage(
        channel=CHANNEL, text="x", blocks=[{"type": "header", "text": plain("Hi")}, table, *with_button()]
    )
    message = only(driver.user("ada").visible_messages("cloud-costs"))
    assert message.visible_text == "Hi\nOld\nId\nDays\ni-1\n31\nGo"
    assert message.buttons == ["Go"]
    assert message.tables == [[["Id", "Days"], ["i-1", "31"]]]
