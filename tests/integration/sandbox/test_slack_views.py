"""Modals and the App Home: users open, fill in and click them."""

import threading
from collections.abc import Iterator

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import InteractionError, RenderedView
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.recording_app import Payload, RecordingApp, ack_only, plain, with_button

MODAL: Payload = {
    "type": "modal",
    "callback_id": "keep",
    "private_metadata": "i-1",
    "title": plain("Keep it"),
    "submit": plain("Keep"),
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why?"),
            "element": {"type": "plain_text_input", "action_id": "reason"},
        },
        {
            "type": "input",
            "block_id": "long",
            "optional": True,
            "label": plain("How long?"),
            "element": {
                "type": "static_select",
                "action_id": "days",
                "options": [{"text": plain("A week"), "value": "7"}],
            },
        },
    ],
}


def open_modal(recording_app: RecordingApp, web: WebClient, driver: Driver, view: Payload = MODAL) -> RenderedView:
    """Type a command as Ada whose answer is a modal. Returns the modal."""
    recording_app.on(
        "command", "/bailiff", lambda ack, _, body: (ack(), web.views_open(trigger_id=body["trigger_id"], view=view))
    )
    driver.user("ada").run_command("/bailiff keep", "general")
    recording_app.wait()
    modal = driver.user("ada").modal()
    assert modal is not None
    return modal


def test_a_submitted_modal_sends_its_values_and_closes(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("view", "keep", ack_only)
    modal = open_modal(recording_app, web, driver)
    assert (modal.title, modal.visible_text) == ("Keep it", "Why?\nHow long?\nA week")
    assert driver.user("ada").submit_modal(modal, {"reason": "a demo", "days": "7"}).acknowledged
    view = recording_app.wait()["view"]
    assert view["private_metadata"] == "i-1"
    assert view["state"]["values"]["why"]["reason"] == {"type": "plain_text_input", "value": "a demo"}
    assert view["state"]["values"]["long"]["days"]["selected_option"]["value"] == "7"
    assert driver.user("ada").view() is None


def test_a_modal_with_errors_stays_open(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("view", "keep", lambda ack, _, __: ack(response_action="errors", errors={"why": "Say more."}))
    modal = open_modal(recording_app, web, driver)
    interaction = driver.user("ada").submit_modal(modal, {"reason": "x"})
    assert interaction.payload["errors"] == {"why": "Say more."}
    still_open = driver.user("ada").modal()
    assert still_open is not None
    assert (still_open.id, still_open.values["why"]["reason"]["value"]) == (modal.id, "x")


def test_the_answer_to_a_modal_can_update_push_or_clear_views(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    next_view = MODAL | {"title": plain("Later"), "blocks": []}
    answers: Iterator[Payload] = iter(
        [
            {"response_action": "update", "view": next_view},
            {"response_action": "push", "view": next_view | {"title": plain("On top")}},
            {"response_action": "clear"},
        ],
    )
    recording_app.on("view", "keep", lambda ack, _, __: ack(**next(answers)))
    ada, titles = driver.user("ada"), []
    modal: RenderedView | None = open_modal(recording_app, web, driver)
    values = {"reason": "x"}
    while modal is not None:
        titles.append(modal.title)
        ada.submit_modal(modal, values)
        modal, values = ada.modal(), {}
    assert titles == ["Keep it", "Later", "On top"]


def test_an_invalid_view_as_the_answer_to_a_modal_is_a_failure(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("view", "keep", lambda ack, _, __: ack(response_action="update", view={"type": "modal"}))
    driver.user("ada").submit_modal(open_modal(recording_app, web, driver), {"reason": "x"})
    assert [failure.kind for failure in driver.failures()] == ["bad_ack"]


def test_a_modal_can_be_submitted_only_with_its_own_fields(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    modal = open_modal(recording_app, web, driver)
    with pytest.raises(InteractionError, match="'reason' has to be filled in"):
        driver.user("ada").submit_modal(modal, {})
    with pytest.raises(InteractionError, match="the modal has no 'colour'"):
        driver.user("ada").submit_modal(modal, {"reason": "x", "colour": "red"})
    with pytest.raises(InteractionError, match="albert does not have that modal open"):
        driver.user("albert").submit_modal(modal, {"reason": "x"})


def test_closing_a_modal_notifies_an_app_that_asked_for_it(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("view_closed", "keep", ack_only)
    modal = open_modal(recording_app, web, driver, MODAL | {"notify_on_close": True})
    interaction = driver.user("ada").close_modal(modal)
    assert interaction is not None
    assert interaction.acknowledged
    assert recording_app.wait()["type"] == "view_closed"
    assert driver.user("ada").modal() is None


def test_closing_a_modal_notifies_no_other_app(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    assert driver.user("ada").close_modal(open_modal(recording_app, web, driver)) is None


def test_the_home_can_be_published_clicked_and_updated(bolt: App, web: WebClient, driver: Driver) -> None:
    home_published = threading.Event()

    @bolt.event("app_home_opened")
    def publish_home(event: Payload, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": with_button()})
        home_published.set()

    clicked: list[Payload] = []

    @bolt.action("go")
    def record_click(ack: Ack, body: Payload) -> None:
        clicked.append(body)
        ack()

    ada = driver.user("ada")
    assert ada.open_home().acknowledged
    assert home_published.wait(5)
    home = ada.view()
    assert home is not None
    assert (home.kind, home.buttons) == ("home", ["Go"])
    assert ada.click(home, "Go").acknowledged
    assert clicked[0]["container"] == {"type": "view", "view_id": home.id}
    assert clicked[0]["view"]["type"] == "home"
    web.views_update(view_id=home.id, view={"type": "home", "blocks": []})
    assert ada.home() is not None
    assert ada.home().buttons == []  # type: ignore[union-attr]
