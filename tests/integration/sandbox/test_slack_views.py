"""Modals and the App Home: opened, filled in, answered, clicked."""

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


def opens_modal(recording_app: RecordingApp, web: WebClient, driver: Driver, view: Payload = MODAL) -> RenderedView:
    """Let Ada type a command whose answer is a modal."""
    recording_app.on(
        "command", "/bailiff", lambda ack, _, body: (ack(), web.views_open(trigger_id=body["trigger_id"], view=view))
    )
    driver.user("ada").run_command("/bailiff keep", "general")
    recording_app.wait()
    modal = driver.user("ada").modal()
    assert modal is not None
    return modal


def test_a_modal_is_filled_in_and_closes(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("view", "keep", ack_only)
    modal = opens_modal(recording_app, web, driver)
    assert (modal.title, modal.visible_text) == ("Keep it", "Why?\nHow long?\nA week")
    assert driver.user("ada").submit_modal(modal, {"reason": "a demo", "days": "7"}).acknowledged
    view = recording_app.wait()["view"]
    assert view["private_metadata"] == "i-1"
    assert view["state"]["values"]["why"]["reason"] == {"type": "plain_text_input", "value": "a demo"}
    assert view["state"]["values"]["long"]["days"]["selected_option"]["value"] == "7"
    assert driver.user("ada").view() is None


def test_a_modal_stays_open_with_its_errors(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("view", "keep", lambda ack, _, __: ack(response_action="errors", errors={"why": "Say more."}))
    modal = opens_modal(recording_app, web, driver)
    outcome = driver.user("ada").submit_modal(modal, {"reason": "x"})
    assert outcome.payload["errors"] == {"why": "Say more."}
    assert driver.user("ada").modal() == modal


def test_an_answer_to_a_form_updates_it_stacks_another_or_clears_all(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    later = MODAL | {"title": plain("Later"), "blocks": []}
    answers: Iterator[Payload] = iter(
        [
            {"response_action": "update", "view": later},
            {"response_action": "push", "view": later | {"title": plain("On top")}},
            {"response_action": "clear"},
        ],
    )
    recording_app.on("view", "keep", lambda ack, _, __: ack(**next(answers)))
    ada, titles = driver.user("ada"), []
    modal: RenderedView | None = opens_modal(recording_app, web, driver)
    values = {"reason": "x"}
    while modal is not None:
        titles.append(modal.title)
        ada.submit_modal(modal, values)
        modal, values = ada.modal(), {}
    assert titles == ["Keep it", "Later", "On top"]


def test_a_form_answered_with_a_view_slack_would_not_show_is_a_failure(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    recording_app.on("view", "keep", lambda ack, _, __: ack(response_action="update", view={"type": "modal"}))
    driver.user("ada").submit_modal(opens_modal(recording_app, web, driver), {"reason": "x"})
    assert [failure.kind for failure in driver.failures()] == ["bad_ack"]


def test_a_form_must_be_filled_in_with_what_it_asks(
    recording_app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    modal = opens_modal(recording_app, web, driver)
    with pytest.raises(InteractionError, match="'reason' has to be filled in"):
        driver.user("ada").submit_modal(modal, {})
    with pytest.raises(InteractionError, match=r"the modal has no \['colour'\]"):
        driver.user("ada").submit_modal(modal, {"reason": "x", "colour": "red"})
    with pytest.raises(InteractionError, match="albert does not have that modal open"):
        driver.user("albert").submit_modal(modal, {"reason": "x"})


def test_a_closed_modal_is_told_to_who_asked(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    recording_app.on("view_closed", "keep", ack_only)
    modal = opens_modal(recording_app, web, driver, MODAL | {"notify_on_close": True})
    outcome = driver.user("ada").close_modal(modal)
    assert outcome is not None
    assert outcome.acknowledged
    assert recording_app.wait()["type"] == "view_closed"
    assert driver.user("ada").modal() is None


def test_a_closed_modal_is_told_to_nobody_else(recording_app: RecordingApp, web: WebClient, driver: Driver) -> None:
    assert driver.user("ada").close_modal(opens_modal(recording_app, web, driver)) is None


def test_the_home_is_published_and_clicked(bolt: App, web: WebClient, driver: Driver) -> None:
    opened = threading.Event()

    @bolt.event("app_home_opened")
    def publish(event: Payload, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": with_button()})
        opened.set()

    clicked: list[Payload] = []

    @bolt.action("go")
    def go(ack: Ack, body: Payload) -> None:
        clicked.append(body)
        ack()

    ada = driver.user("ada")
    assert ada.open_home().acknowledged
    assert opened.wait(5)
    home = ada.view()
    assert home is not None
    assert (home.kind, home.buttons) == ("home", ["Go"])
    assert ada.click(home, "Go").acknowledged
    assert clicked[0]["container"] == {"type": "view", "view_id": home.id}
    assert clicked[0]["view"]["type"] == "home"
    web.views_update(view_id=home.id, view={"type": "home", "blocks": []})
    assert ada.home() is not None
    assert ada.home().buttons == []  # type: ignore[union-attr]
