"""Clicks that are found by text, doubled, replayed and forged, and the response URLs that they bring."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bailiff_bot.sandbox.slack import InteractionError, RenderedMessage
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.conftest import FakeClock
from tests.integration.sandbox.recording_app import Payload, RecordingApp, ack_only, only, plain, with_button
from tests.integration.sandbox.slack_block_kit import Block, actions, mrkdwn, section

CHANNEL, ADA = "C0COSTS001", "U0AGR00001"


def keep_button(value: str) -> Block:
    return {"type": "button", "text": plain("Keep"), "action_id": "keep", "value": value}


def overflow(value: str) -> Block:
    names = ("Not mine", "Why?")
    return {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": plain(name), "value": f"{name} {value}"} for name in names],
    }


LIST: list[Block] = [
    block
    for name in ("agr-web", "agr-db")
    for block in (section(text=mrkdwn(f"*{name}*")), actions(keep_button(name), overflow(name)))
]


@pytest.fixture
def app(recording_app: RecordingApp) -> RecordingApp:
    for name in ("keep", "more", "go", "console"):
        recording_app.on("action", name, ack_only)
    return recording_app


def posted(web: WebClient, driver: Driver, blocks: list[Block]) -> RenderedMessage:
    web.chat_postMessage(channel=CHANNEL, text="Yours", blocks=blocks)
    return only(driver.user("ada").visible_messages("cloud-costs"))


def clicked(app: RecordingApp) -> Payload:
    action: Payload = app.payloads[-1]["actions"][0]
    return action


def test_an_element_is_found_by_what_stands_near_it(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    message, ada = posted(web, driver, LIST), driver.user("ada")
    ada.click(message, "Keep", near="agr-db")
    assert clicked(app)["value"] == "agr-db"
    ada.click(message, "Keep")
    assert clicked(app)["value"] == "agr-web"
    ada.click(message, "keep", block_id=message.blocks[3]["block_id"])
    assert clicked(app)["value"] == "agr-db"
    with pytest.raises(InteractionError, match="nothing says 'agr-gpu'"):
        ada.click(message, "Keep", near="agr-gpu")


def test_an_option_of_an_overflow_menu_is_clicked_by_its_text(
    app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    message, ada = posted(web, driver, LIST), driver.user("ada")
    ada.click(message, "Not mine", near="agr-db")
    assert clicked(app)["selected_option"] == {"text": plain("Not mine"), "value": "Not mine agr-db"}
    assert (clicked(app)["type"], clicked(app)["action_id"]) == ("overflow", "more")
    with pytest.raises(InteractionError, match="'more' needs an option"):
        ada.click(message, "more")


def test_a_link_button_sends_a_click_with_its_url(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    link = {"type": "button", "text": plain("Stop it"), "action_id": "console", "url": "https://console.example/"}
    driver.user("ada").click(posted(web, driver, [actions(link)]), "Stop it")
    assert clicked(app)["url"] == "https://console.example/"
    assert app.payloads[-1]["response_url"]


def test_two_devices_send_the_same_click_with_triggers_of_their_own(
    app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    # The app deletes the message at the first click, and still receives the second.
    app.on("action", "once", lambda ack, respond, _: (ack(), respond(delete_original=True)))
    button = keep_button("agr-web") | {"action_id": "once"}
    first, second = driver.user("ada").click_twice(posted(web, driver, [actions(button)]), "once")
    assert first.acknowledged
    assert second.acknowledged
    assert first.trigger_id != second.trigger_id
    assert first.response_url != second.response_url
    assert [result.request["actions"][0]["value"] for result in (first, second)] == ["agr-web"] * 2


def test_a_payload_can_be_replayed_after_its_trigger_has_expired(
    app: RecordingApp, web: WebClient, driver: Driver, clock: FakeClock
) -> None:
    result = driver.user("ada").click(posted(web, driver, LIST), "Keep")
    clock.advance(3600)
    again = driver.send_payload(result.request)
    assert again.acknowledged
    assert app.payloads[-2:] == [result.request] * 2
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        web.views_open(trigger_id=again.trigger_id, view={"type": "modal", "title": plain("x"), "blocks": []})


def test_a_command_can_be_replayed(app: RecordingApp, driver: Driver) -> None:
    app.on("command", "/bailiff", ack_only)
    result = driver.user("ada").run_command("/bailiff mine")
    assert driver.send_payload(result.request).acknowledged
    assert app.payloads == [result.request] * 2


def test_a_value_and_a_user_can_be_forged(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    message, ada = posted(web, driver, LIST), driver.user("ada")
    result = ada.click(message, "Keep", forged={"value": "somebody else's"})
    assert clicked(app)["value"] == "somebody else's"
    driver.send_payload(result.request | {"user": result.request["user"] | {"id": "U0GUE00008"}})
    assert app.payloads[-1]["user"]["id"] == "U0GUE00008"


def respond(url: str, **body: Any) -> tuple[int, str]:
    answer = WebhookClient(url).send_dict(body)
    return answer.status_code, answer.body


@pytest.mark.usefixtures("app")
def test_an_ephemeral_message_is_replaced_by_its_response_url_only(web: WebClient, driver: Driver) -> None:
    ada = driver.user("ada")
    ts = web.chat_postEphemeral(channel=CHANNEL, user=ADA, text="Keep it?", blocks=with_button())["message_ts"]
    url = ada.click(only(ada.visible_messages("cloud-costs")), "Go").response_url
    for call in (web.chat_update, web.chat_delete):
        with pytest.raises(SlackApiError, match="message_not_found"):
            call(channel=CHANNEL, ts=ts, text="Kept.")
    assert respond(url, text="Kept.", replace_original=True) == (200, "ok")
    assert only(ada.visible_messages("cloud-costs")).visible_text == "Kept."
    assert respond(url, delete_original=True) == (200, "ok")
    assert ada.visible_messages("cloud-costs") == []


@pytest.mark.usefixtures("app")
def test_the_response_url_of_a_click_serves_five_times_in_thirty_minutes(
    web: WebClient, driver: Driver, clock: FakeClock
) -> None:
    ada, message = driver.user("ada"), posted(web, driver, with_button())
    used, old = (ada.click(message, "Go").response_url for _ in range(2))
    clock.advance(30 * 60)
    assert [respond(used, text=str(n), replace_original=True)[0] for n in range(6)] == [200] * 5 + [404]
    assert "used_url" in respond(used, text="again")[1]
    assert respond(old, text="in time")[0] == 200
    clock.advance(1)
    status, body = respond(old, text="late")
    assert status == 404
    assert "expired_url" in body
