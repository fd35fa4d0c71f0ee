"""The values of inputs in payloads: initial, chosen, typed and empty ones, in modals, on Home and on messages."""

from typing import Any

import pytest
from slack_sdk import WebClient

from bailiff_bot.sandbox.fixtures import BOT_USER_ID, USERS
from bailiff_bot.sandbox.slack import InteractionError, RenderedView
from bailiff_bot.sandbox.slack.driver import Driver
from tests.integration.sandbox.recording_app import Payload, RecordingApp, ack_only, only, plain
from tests.integration.sandbox.slack_block_kit import Block, actions, input_block, options, section

CHANNEL, ADA, HECTOR = "C0COSTS001", "U0AGR00001", "U0HRO00003"
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
OPTIONS = options(2)


def element(kind: str, **fields: Any) -> Block:
    return {"type": kind, "action_id": "a", **fields}


INPUTS: list[tuple[Block, Any, Any, Payload, Payload, Payload]] = [
    # element, initial value, typed value, and the states: untouched without an initial value, initial, typed
    (
        element("plain_text_input"),
        {"initial_value": "a"},
        "b",
        {"value": None},
        {"value": "a"},
        {"value": "b"},
    ),
    (
        element("email_text_input"),
        {"initial_value": "a@b.c"},
        "d@e.f",
        {"value": None},
        {"value": "a@b.c"},
        {"value": "d@e.f"},
    ),
    (
        element("number_input", is_decimal_allowed=False),
        {"initial_value": "1"},
        "2",
        {"value": None},
        {"value": "1"},
        {"value": "2"},
    ),
    (
        element("rich_text_input"),
        {"initial_value": RICH},
        RICH,
        {"rich_text_value": None},
        {"rich_text_value": RICH},
        {"rich_text_value": RICH},
    ),
    (
        element("datepicker"),
        {"initial_date": "2026-02-27"},
        "2026-02-28",
        {"selected_date": None},
        {"selected_date": "2026-02-27"},
        {"selected_date": "2026-02-28"},
    ),
    (
        element("timepicker"),
        {"initial_time": "09:00"},
        "10:30",
        {"selected_time": None},
        {"selected_time": "09:00"},
        {"selected_time": "10:30"},
    ),
    (
        element("datetimepicker"),
        {"initial_date_time": 1_700_000_000},
        1_700_000_060,
        {"selected_date_time": None},
        {"selected_date_time": 1_700_000_000},
        {"selected_date_time": 1_700_000_060},
    ),
    (
        element("static_select", options=OPTIONS),
        {"initial_option": OPTIONS[0]},
        "No. 1",
        {"selected_option": None},
        {"selected_option": OPTIONS[0]},
        {"selected_option": OPTIONS[1]},
    ),
    (
        element("static_select", option_groups=[{"label": plain("g"), "options": OPTIONS}]),
        {"initial_option": OPTIONS[0]},
        "1",
        {"selected_option": None},
        {"selected_option": OPTIONS[0]},
        {"selected_option": OPTIONS[1]},
    ),
    (
        element("radio_buttons", options=OPTIONS),
        {"initial_option": OPTIONS[0]},
        "1",
        {"selected_option": None},
        {"selected_option": OPTIONS[0]},
        {"selected_option": OPTIONS[1]},
    ),
    (
        element("checkboxes", options=OPTIONS),
        {"initial_options": OPTIONS[:1]},
        ["0", "1"],
        {"selected_options": []},
        {"selected_options": OPTIONS[:1]},
        {"selected_options": OPTIONS},
    ),
    (
        element("users_select"),
        {"initial_user": ADA},
        HECTOR,
        {"selected_user": None},
        {"selected_user": ADA},
        {"selected_user": HECTOR},
    ),
    (
        element("multi_users_select"),
        {"initial_users": [ADA]},
        [HECTOR],
        {"selected_users": []},
        {"selected_users": [ADA]},
        {"selected_users": [HECTOR]},
    ),
]
KINDS = [f"{case[0]['type']}-{index}" for index, case in enumerate(INPUTS)]


def modal_of(*blocks: Block, **fields: Any) -> Payload:
    view = {"type": "modal", "callback_id": "form", "title": plain("Keep"), "submit": plain("Send")}
    return view | {"blocks": list(blocks), **fields}


@pytest.fixture
def app(recording_app: RecordingApp) -> RecordingApp:
    recording_app.on("command", "/bailiff", ack_only)
    recording_app.on("view", "form", ack_only)
    recording_app.on("action", "a", ack_only)
    return recording_app


def opened(web: WebClient, driver: Driver, *blocks: Block) -> RenderedView:
    trigger = driver.user("ada").run_command("/bailiff keep", "general").trigger_id
    web.views_open(trigger_id=trigger, view=modal_of(*blocks))
    return top(driver)


def top(driver: Driver) -> RenderedView:
    modal = driver.user("ada").modal()
    assert modal is not None
    return modal


def submitted(app: RecordingApp) -> Payload:
    values: Payload = app.payloads[-1]["view"]["state"]["values"]
    return values


@pytest.mark.parametrize("case", INPUTS, ids=KINDS)
def test_a_submission_has_the_values_of_untouched_initial_and_typed_inputs(
    case: Any, app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    item, initial, typed, *states = case
    modal = opened(
        web,
        driver,
        input_block(item, block_id="empty", optional=True),
        input_block(item | initial, block_id="initial"),
        input_block(item, block_id="typed"),
    )
    driver.user("ada").submit_modal(modal, {"typed/a": typed})
    for block_id, state in zip(("empty", "initial", "typed"), states, strict=True):
        assert submitted(app)[block_id] == {"a": {"type": item["type"], **state}}


REFUSED: list[tuple[str, Block, Any, str]] = [
    ("an empty required text", element("plain_text_input"), "", "has to be filled in"),
    ("no checked box", element("checkboxes", options=OPTIONS), [], "has to be filled in"),
    ("a text that is too long", element("plain_text_input", max_length=3), "four", "0 to 3 characters, not 4"),
    ("a text that is too short", element("plain_text_input", min_length=5), "four", "5 to 3000 characters, not 4"),
    ("no number", element("number_input", is_decimal_allowed=True), "ten", "'ten' is not a number"),
    ("a fraction", element("number_input", is_decimal_allowed=False), "1.5", "only whole numbers"),
    ("too small", element("number_input", is_decimal_allowed=False, min_value="2"), "1", "from 2 to inf, not 1"),
    ("no address", element("email_text_input"), "ada", "'ada' is not an email address"),
    ("no URL", element("url_text_input"), "example.org", "'example.org' is not a URL"),
    ("no date", element("datepicker"), "2026-02-30", "'2026-02-30' is not a date"),
    ("no time", element("timepicker"), "25:00", "'25:00' is not a time"),
    ("too many people", element("multi_users_select", max_selected_items=1), [ADA, HECTOR], "at most 1 items"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case[0] for case in REFUSED])
def test_slacks_client_does_not_submit_an_invalid_value_and_a_forger_does(
    case: tuple[str, Block, Any, str], app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    _, item, value, problem = case
    ada, modal = driver.user("ada"), opened(web, driver, input_block(item, block_id="b"))
    with pytest.raises(InteractionError, match=problem):
        ada.submit_modal(modal, {"a": value})
    assert ada.submit_modal(modal, forged={"b": {"a": {"type": item["type"], "value": "x" * 2000}}}).acknowledged
    assert submitted(app)["b"]["a"]["value"] == "x" * 2000


def test_an_input_is_filled_in_by_its_label_and_an_ambiguous_name_is_refused(
    app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    blocks = [input_block(element("datepicker"), block_id=name, optional=True) for name in ("one", "two")]
    modal = opened(web, driver, blocks[0] | {"label": plain("From")}, blocks[1])
    with pytest.raises(InteractionError, match="several inputs are called 'a'"):
        driver.user("ada").submit_modal(modal, {"a": "2026-02-28"})
    driver.user("ada").submit_modal(modal, {"From": "2026-02-28"})
    assert submitted(app)["one"]["a"]["selected_date"] == "2026-02-28"


@pytest.mark.parametrize("name", ["hector", "gus", "sam", "bailiff"], ids=["colleague", "guest", "external", "app"])
def test_a_menu_of_users_offers_whoever_is_active_by_name_or_id(
    name: str, app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    modal = opened(web, driver, input_block(element("users_select"), block_id="who"))
    driver.user("ada").submit_modal(modal, {"a": name})
    chosen = submitted(app)["who"]["a"]["selected_user"]
    assert chosen == (BOT_USER_ID if name == "bailiff" else next(user.id for user in USERS if user.name == name))


@pytest.mark.parametrize("name", ["paul", "U0PADE0006", "U0NOBODY", "nobody"])
def test_a_menu_of_users_offers_nobody_who_left_or_is_unknown(
    name: str, app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    app.on("action", "who", ack_only)
    modal = opened(web, driver, input_block(element("users_select"), block_id="who"))
    with pytest.raises(InteractionError, match=f"the menu offers no user '{name}'"):
        driver.user("ada").submit_modal(modal, {"a": name})
    with pytest.raises(InteractionError, match="has to be filled in"):
        driver.user("ada").submit_modal(modal)
    web.chat_postMessage(channel=CHANNEL, text="Whose?", blocks=[actions(element("users_select", action_id="who"))])
    message = only(driver.user("ada").visible_messages("cloud-costs"))
    with pytest.raises(InteractionError, match="the menu offers no user"):
        driver.user("ada").click(message, "who", option=name)


def test_an_update_keeps_the_values_of_inputs_with_the_same_ids(
    app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    kept = input_block(element("plain_text_input"), block_id="kept", optional=True)
    renamed = input_block(element("plain_text_input"), block_id="before", optional=True)
    modal = opened(web, driver, kept, renamed)
    driver.user("ada").fill_in(modal, {"kept/a": "typed", "before/a": "typed"})
    with_initial = kept | {"element": element("plain_text_input", initial_value="new")}
    web.views_update(view_id=modal.id, view=modal_of(with_initial, renamed | {"block_id": "after"}))
    driver.user("ada").submit_modal(top(driver))
    assert (submitted(app)["kept"]["a"]["value"], submitted(app)["after"]["a"]["value"]) == ("typed", None)


def test_a_chosen_option_that_an_update_removes_is_not_chosen_any_more(
    app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    menu = element("static_select", options=OPTIONS)
    modal = opened(web, driver, input_block(menu, block_id="b", optional=True))
    driver.user("ada").fill_in(modal, {"a": "1"})
    fewer = input_block(menu | {"options": OPTIONS[:1]}, block_id="b", optional=True)
    web.views_update(view_id=modal.id, view=modal_of(fewer))
    driver.user("ada").submit_modal(top(driver))
    assert submitted(app)["b"]["a"]["selected_option"] is None


def test_an_input_with_dispatch_action_sends_a_click_with_the_other_values(
    app: RecordingApp, web: WebClient, driver: Driver
) -> None:
    silent = input_block(element("plain_text_input", action_id="silent"), block_id="s")
    loud = input_block(element("static_select", options=OPTIONS), block_id="l", dispatch_action=True)
    modal, ada = opened(web, driver, silent, loud), driver.user("ada")
    with pytest.raises(InteractionError, match="'silent' sends nothing"):
        ada.click(modal, "silent", option="x")
    ada.fill_in(modal, {"silent": "typed"})
    assert ada.click(modal, "a", option="No. 1").acknowledged
    body = app.payloads[-1]
    assert body["actions"][0]["selected_option"] == OPTIONS[1]
    values = body["view"]["state"]["values"]
    assert (values["s"]["silent"]["value"], values["l"]["a"]["selected_option"]) == ("typed", OPTIONS[1])
    assert body.keys().isdisjoint({"channel", "message", "response_url", "state"})
    ada.submit_modal(top(driver))
    assert submitted(app) == values


def test_a_click_on_a_message_has_the_values_of_that_person(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    app.on("action", "until", ack_only)
    picker = element("datepicker", action_id="until", initial_date="2026-02-27")
    row = actions(picker, element("static_select", options=OPTIONS)) | {"block_id": "row"}
    web.chat_postMessage(channel=CHANNEL, text="Keep it?", blocks=[row])
    ada, albert = driver.user("ada"), driver.user("albert")
    message = only(ada.visible_messages("cloud-costs"))
    assert message.values["row"]["until"]["selected_date"] == "2026-02-27"
    ada.click(message, "until", option="2026-03-01")
    ada.click(message, "a", option="1")
    assert app.payloads[-1]["state"]["values"]["row"] == {
        "until": {"type": "datepicker", "selected_date": "2026-03-01"},
        "a": {"type": "static_select", "selected_option": OPTIONS[1]},
    }
    albert.click(message, "a", option="0")
    assert app.payloads[-1]["state"]["values"]["row"]["until"]["selected_date"] == "2026-02-27"


def test_the_home_tab_has_inputs_and_values(app: RecordingApp, web: WebClient, driver: Driver) -> None:
    home = {
        "type": "home",
        "blocks": [
            input_block(element("users_select", action_id="who"), block_id="to"),
            section(block_id="s", accessory=element("checkboxes", options=OPTIONS)),
        ],
    }
    web.views_publish(user_id=ADA, view=home)
    ada = driver.user("ada")
    view = ada.home()
    assert view is not None
    ada.fill_in(view, {"who": HECTOR})
    ada.click(view, "a", option=["0", "1"])
    values = app.payloads[-1]["view"]["state"]["values"]
    assert values == {
        "to": {"who": {"type": "users_select", "selected_user": HECTOR}},
        "s": {"a": {"type": "checkboxes", "selected_options": OPTIONS}},
    }
    ada.click(view, "a", option=[])
    assert app.payloads[-1]["actions"][0]["selected_options"] == []
