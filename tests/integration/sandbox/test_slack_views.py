"""Modals and the App Home: opened, filled in, answered, clicked."""

import threading
from collections.abc import Iterator

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import Impossible, SeenView
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.recording_app import Payload, Shop, just_ack, plain, with_button

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


def opens_modal(shop: Shop, web: WebClient, driver: Driver, view: Payload = MODAL) -> SeenView:
    """Let Ada type a command whose answer is a modal."""
    shop.on(
        "command", "/bailiff", lambda ack, _, body: (ack(), web.views_open(trigger_id=body["trigger_id"], view=view))
    )
    driver.user("ada").types("/bailiff keep", "general")
    shop.wait()
    modal = driver.user("ada").modal()
    assert modal is not None
    return modal


def test_a_modal_is_filled_in_and_closes(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("view", "keep", just_ack)
    modal = opens_modal(shop, web, driver)
    assert (modal.title, modal.words) == ("Keep it", "Why?\nHow long?\nA week")
    assert driver.user("ada").submits(modal, {"reason": "a demo", "days": "7"}).acknowledged
    view = shop.wait()["view"]
    assert view["private_metadata"] == "i-1"
    assert view["state"]["values"]["why"]["reason"] == {"type": "plain_text_input", "value": "a demo"}
    assert view["state"]["values"]["long"]["days"]["selected_option"]["value"] == "7"
    assert driver.user("ada").view() is None


def test_a_modal_stays_open_with_its_errors(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("view", "keep", lambda ack, _, __: ack(response_action="errors", errors={"why": "Say more."}))
    modal = opens_modal(shop, web, driver)
    outcome = driver.user("ada").submits(modal, {"reason": "x"})
    assert outcome.payload["errors"] == {"why": "Say more."}
    assert driver.user("ada").modal() == modal


def test_an_answer_to_a_form_updates_it_stacks_another_or_clears_all(
    shop: Shop, web: WebClient, driver: Driver
) -> None:
    later = MODAL | {"title": plain("Later"), "blocks": []}
    answers: Iterator[Payload] = iter(
        [
            {"response_action": "update", "view": later},
            {"response_action": "push", "view": later | {"title": plain("On top")}},
            {"response_action": "clear"},
        ],
    )
    shop.on("view", "keep", lambda ack, _, __: ack(**next(answers)))
    ada, titles = driver.user("ada"), []
    modal: SeenView | None = opens_modal(shop, web, driver)
    values = {"reason": "x"}
    while modal is not None:
        titles.append(modal.title)
        ada.submits(modal, values)
        modal, values = ada.modal(), {}
    assert titles == ["Keep it", "Later", "On top"]


def test_a_form_answered_with_a_view_slack_would_not_show_is_a_failure(
    shop: Shop, web: WebClient, driver: Driver
) -> None:
    shop.on("view", "keep", lambda ack, _, __: ack(response_action="update", view={"type": "modal"}))
    driver.user("ada").submits(opens_modal(shop, web, driver), {"reason": "x"})
    assert [failure.kind for failure in driver.failures()] == ["bad_ack"]


def test_a_form_must_be_filled_in_with_what_it_asks(shop: Shop, web: WebClient, driver: Driver) -> None:
    modal = opens_modal(shop, web, driver)
    with pytest.raises(Impossible, match="'reason' has to be filled in"):
        driver.user("ada").submits(modal, {})
    with pytest.raises(Impossible, match=r"the modal has no \['colour'\]"):
        driver.user("ada").submits(modal, {"reason": "x", "colour": "red"})
    with pytest.raises(Impossible, match="albert does not have that modal open"):
        driver.user("albert").submits(modal, {"reason": "x"})


def test_a_closed_modal_is_told_to_who_asked(shop: Shop, web: WebClient, driver: Driver) -> None:
    shop.on("view_closed", "keep", just_ack)
    modal = opens_modal(shop, web, driver, MODAL | {"notify_on_close": True})
    outcome = driver.user("ada").closes(modal)
    assert outcome is not None
    assert outcome.acknowledged
    assert shop.wait()["type"] == "view_closed"
    assert driver.user("ada").modal() is None


def test_a_closed_modal_is_told_to_nobody_else(shop: Shop, web: WebClient, driver: Driver) -> None:
    assert driver.user("ada").closes(opens_modal(shop, web, driver)) is None


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
    assert ada.opens_home().acknowledged
    assert opened.wait(5)
    home = ada.view()
    assert home is not None
    assert (home.kind, home.buttons) == ("home", ["Go"])
    assert ada.clicks(home, "Go").acknowledged
    assert clicked[0]["container"] == {"type": "view", "view_id": home.id}
    assert clicked[0]["view"]["type"] == "home"
    web.views_update(view_id=home.id, view={"type": "home", "blocks": []})
    assert ada.home() is not None
    assert ada.home().buttons == []  # type: ignore[union-attr]
