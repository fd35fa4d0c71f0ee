"""The stack of a modal: opened, pushed, updated, submitted and closed within Slack's limits."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox.slack import RenderedView
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.conftest import SHORT_ACK_TIMEOUT, FakeClock
from tests.integration.sandbox.recording_app import Payload, RecordingApp, ack_only, plain, with_button

ADA = "U0AGR00001"


def view(title: str = "First", **fields: Any) -> Payload:
    content = {"type": "modal", "callback_id": "form", "title": plain(title), "submit": plain("Send")}
    return content | {"blocks": [*with_button("More"), question()], **fields}


def question(block_id: str = "why") -> Payload:
    item = {"type": "plain_text_input", "action_id": "reason"}
    return {"type": "input", "block_id": block_id, "label": plain("Why?"), "optional": True, "element": item}


@pytest.fixture
def app(recording_app: RecordingApp) -> RecordingApp:
    recording_app.on("command", "/bailiff", ack_only)
    recording_app.on("action", "go", ack_only)
    return recording_app


def opened(web: WebClient, driver: Driver, content: Payload) -> RenderedView:
    """Open a modal for Ada, and return it."""
    web.views_open(trigger_id=driver.user("ada").run_command("/bailiff keep", "general").trigger_id, view=content)
    return top(driver)


def pushed(web: WebClient, driver: Driver, content: Payload) -> RenderedView:
    """Push a view after a click in Ada's modal, and return it."""
    web.views_push(trigger_id=driver.user("ada").click(top(driver), "More").trigger_id, view=content)
    return top(driver)


def top(driver: Driver) -> RenderedView:
    modal = driver.user("ada").modal()
    assert modal is not None
    return modal


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


@pytest.mark.usefixtures("app")
def test_a_trigger_opens_one_view_within_three_seconds(web: WebClient, driver: Driver, clock: FakeClock) -> None:
    in_time, late = (driver.user("ada").run_command("/bailiff keep", "general").trigger_id for _ in range(2))
    clock.advance(3)
    web.views_open(trigger_id=in_time, view=view())
    assert refused(web.views_open, trigger_id=in_time, view=view()) == "exchanged_trigger_id"
    clock.advance(0.1)
    assert refused(web.views_open, trigger_id=late, view=view()) == "expired_trigger_id"


@pytest.mark.usefixtures("app")
def test_a_refused_view_leaves_its_trigger_for_a_better_one(web: WebClient, driver: Driver) -> None:
    trigger = driver.user("ada").run_command("/bailiff keep", "general").trigger_id
    assert refused(web.views_open, trigger_id=trigger, view=view("x" * 25)) == "invalid_arguments"
    web.views_open(trigger_id=trigger, view=view())
    assert top(driver).title == "First"


@pytest.mark.usefixtures("app")
def test_a_modal_holds_three_views(web: WebClient, driver: Driver) -> None:
    first = opened(web, driver, view())
    second = pushed(web, driver, view("Second"))
    third = pushed(web, driver, view("Third"))
    assert [v.content["root_view_id"] for v in (first, second, third)] == [first.id] * 3
    assert [v.content["previous_view_id"] for v in (first, second, third)] == [None, first.id, second.id]
    trigger = driver.user("ada").click(third, "More").trigger_id
    assert refused(web.views_push, trigger_id=trigger, view=view()) == "push_limit_reached"


@pytest.mark.usefixtures("app")
def test_only_a_trigger_from_a_modal_pushes_a_view(web: WebClient, driver: Driver) -> None:
    trigger = driver.user("ada").run_command("/bailiff keep", "general").trigger_id
    assert refused(web.views_push, trigger_id=trigger, view=view()) == "not_found"
    modal = opened(web, driver, view())
    trigger = driver.user("ada").click(modal, "More").trigger_id
    driver.user("ada").close_modal(modal)
    assert refused(web.views_push, trigger_id=trigger, view=view()) == "not_found"


@pytest.mark.usefixtures("app")
def test_a_closed_view_is_not_found_by_an_update(web: WebClient, driver: Driver) -> None:
    modal = opened(web, driver, view(external_id="mine"))
    web.views_update(external_id="mine", view=view("Checked", external_id="mine"))
    assert top(driver).title == "Checked"
    driver.user("ada").close_modal(top(driver))
    assert refused(web.views_update, view_id=modal.id, view=view()) == "not_found"
    assert refused(web.views_update, external_id="mine", view=view()) == "not_found"


@pytest.mark.usefixtures("app")
def test_an_update_with_an_old_hash_is_refused(web: WebClient, driver: Driver) -> None:
    modal = opened(web, driver, view())
    web.views_update(view_id=modal.id, hash=modal.content["hash"], view=view("Second version"))
    assert refused(web.views_update, view_id=modal.id, hash=modal.content["hash"], view=view()) == "hash_conflict"
    assert top(driver).title == "Second version"


@pytest.mark.usefixtures("app")
def test_an_external_id_belongs_to_one_view(web: WebClient, driver: Driver) -> None:
    opened(web, driver, view(external_id="one"))
    second = pushed(web, driver, view("Second"))
    trigger = driver.user("ada").click(second, "More").trigger_id
    assert refused(web.views_push, trigger_id=trigger, view=view(external_id="one")) == "duplicate_external_id"
    home = {"type": "home", "blocks": [], "external_id": "one"}
    assert refused(web.views_publish, user_id=ADA, view=home) == "duplicate_external_id"
    changed = view(external_id="one")
    assert refused(web.views_update, view_id=second.id, view=changed) == "duplicate_external_id"


def test_the_close_button_closes_one_view_and_the_cross_all(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    app.on("view_closed", "form", ack_only)
    ada = driver.user("ada")
    first = opened(web, driver, view(notify_on_close=True))
    second = pushed(web, driver, view("Second", notify_on_close=True))
    ada.close_modal(second)
    assert (app.payloads[-1]["view"]["id"], app.payloads[-1]["is_cleared"]) == (second.id, False)
    assert top(driver).id == first.id
    third = pushed(web, driver, view("Third", notify_on_close=True))
    ada.dismiss_modal(third)
    # Slack sends one event, with the first view.
    assert (app.payloads[-1]["view"]["id"], app.payloads[-1]["is_cleared"]) == (first.id, True)
    assert "trigger_id" not in app.payloads[-1]
    assert ada.modal() is None
    assert [payload["type"] for payload in app.payloads if payload.get("type") == "view_closed"] == ["view_closed"] * 2


@pytest.mark.usefixtures("app")
def test_clear_on_close_closes_all_views(web: WebClient, driver: Driver) -> None:
    opened(web, driver, view())
    second = pushed(web, driver, view("Second", clear_on_close=True))
    assert driver.user("ada").close_modal(second) is None
    assert driver.user("ada").modal() is None


def test_a_submission_closes_its_own_view_only(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    app.on("view", "form", ack_only)
    opened(web, driver, view())
    driver.user("ada").submit_modal(pushed(web, driver, view("Second")))
    assert top(driver).title == "First"


INVALID_ANSWERS: list[tuple[str, Payload, str]] = [
    ("an error of an unknown block", {"response_action": "errors", "errors": {"when": "No."}}, "no input block 'when'"),
    (
        "an error of a block without input",
        {"response_action": "errors", "errors": {"row": "No."}},
        "no input block 'row'",
    ),
    ("errors without any", {"response_action": "errors", "errors": {}}, "missing required field: errors"),
    ("an empty error", {"response_action": "errors", "errors": {"why": ""}}, "is not a text"),
    ("no view", {"response_action": "update"}, "missing required field: view"),
    ("an invalid view", {"response_action": "push", "view": {"type": "modal"}}, "missing required field: title"),
    ("a Home tab", {"response_action": "update", "view": {"type": "home", "blocks": []}}, "enum value"),
    ("an unknown action", {"response_action": "close"}, "no response_action 'close'"),
]


@pytest.mark.parametrize(
    ("answer", "problem"), [case[1:] for case in INVALID_ANSWERS], ids=[case[0] for case in INVALID_ANSWERS]
)
def test_an_invalid_answer_to_a_submission_is_an_error_for_the_person_and_a_failure(
    answer: Payload, problem: str, app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    # Bolt checks some arguments itself, so the answer is given as a plain body.
    app.on("view", "form", lambda ack, _, __: ack(answer))
    modal = opened(web, driver, view())
    result = driver.user("ada").submit_modal(modal)
    assert (result.acknowledged, result.error) == (True, "invalid_response")
    (failure,) = driver.failures("bad_ack")
    assert problem in failure.what
    assert top(driver).id == modal.id


def test_an_answer_cannot_push_a_fourth_view(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    app.on("view", "form", lambda ack, _, __: ack(response_action="push", view=view("Next")))
    opened(web, driver, view())
    results = [driver.user("ada").submit_modal(top(driver)) for _ in range(3)]
    assert [result.error for result in results] == ["", "", "invalid_response"]
    assert "push_limit_reached" in driver.failures("bad_ack")[0].what


@pytest.mark.usefixtures("app")
@SHORT_ACK_TIMEOUT
def test_an_unacknowledged_submission_leaves_the_modal_open(web: WebClient, driver: Driver) -> None:
    modal = opened(web, driver, view())
    result = driver.user("ada").submit_modal(modal)
    assert result.error == "operation_timeout"
    assert top(driver).id == modal.id


def test_an_update_during_the_submission_is_kept(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    def answer(ack: Any, _respond: Any, body: Payload) -> None:
        web.views_update(view_id=body["view"]["id"], view=view("Updated"))
        ack(response_action="errors", errors={"why": "Say more."})

    app.on("view", "form", answer)
    driver.user("ada").submit_modal(opened(web, driver, view()))
    assert top(driver).title == "Updated"


@pytest.mark.usefixtures("app")
def test_block_ids_and_action_ids_are_added_to_a_view(web: WebClient, driver: Driver) -> None:
    item = {"type": "datepicker"}
    block = {"type": "input", "label": plain("Until"), "element": item}
    modal = opened(web, driver, view(blocks=[block, block]))
    ids = [block["block_id"] for block in modal.blocks]
    assert all(ids)
    assert len(set(ids)) == 2
    assert all(block["element"]["action_id"] for block in modal.blocks)
