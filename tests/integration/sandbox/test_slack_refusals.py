"""Every error in the table of the sandbox can be triggered, with the code that Slack uses."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox.slack import ERROR_DEFINITIONS, Driver, Installation, SlackSandbox
from tests.integration.sandbox.slack_scenario import CHANNEL, SlackScenario

GENERAL, PRIVATE = "C0GENERAL2", "C0OPSPRIV4"
ADA, PAUL, GUS = "U0AGR00001", "U0PADE0006", "U0GUE00008"
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Keep it"}, "blocks": []}

MODAL_WITH_BUTTON = MODAL | {
    "blocks": [
        {
            "type": "actions",
            "elements": [{"type": "button", "text": {"type": "plain_text", "text": "More"}, "action_id": "more"}],
        }
    ]
}

RefusedCall = Callable[[SlackScenario], Any]


def section(text: str = "words", **fields: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **fields}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, **fields}


def _option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def _menu(**fields: Any) -> dict[str, Any]:
    return section(accessory={"type": "static_select", **fields})


def table(*rows: list[str], **fields: Any) -> dict[str, Any]:
    cells = [[{"type": "raw_text", "text": text} for text in row] for row in rows]
    return {"type": "data_table", "caption": "Machines", "rows": cells, **fields}


def chart(*names: str, labels: tuple[str, ...] = ("may",)) -> dict[str, Any]:
    data = [{"label": label, "value": 1} for label in labels]
    series = [{"name": name, "data": data} for name in names]
    drawn = {"type": "bar", "series": series, "axis_config": {"categories": ["may"]}}
    return {"type": "data_visualization", "title": "Cost", "chart": drawn}


def _use_response_url_six_times(scenario: SlackScenario) -> Any:
    url = scenario.response_url()
    answers = [scenario.post(url, b'{"text": "again"}') for _ in range(6)]
    assert answers[:5] == [{"text": "ok"}] * 5
    return answers[5]


def _use_response_url_after_30_minutes(scenario: SlackScenario) -> Any:
    url = scenario.response_url()
    scenario.clock.advance(30 * 60 + 1)
    return scenario.post(url, b'{"text": "late"}')


def _use_trigger_after_3_seconds(scenario: SlackScenario) -> Any:
    trigger = scenario.trigger()
    scenario.clock.advance(3.1)
    return scenario.web.views_open(trigger_id=trigger, view=MODAL)


def _use_trigger_twice(scenario: SlackScenario) -> Any:
    trigger = scenario.trigger()
    scenario.web.views_open(trigger_id=trigger, view=MODAL)
    return scenario.web.views_open(trigger_id=trigger, view=MODAL)


def _use_external_id_twice(scenario: SlackScenario) -> Any:
    scenario.web.views_open(trigger_id=scenario.trigger(), view=MODAL | {"external_id": "one"})
    return scenario.web.views_open(trigger_id=scenario.trigger(), view=MODAL | {"external_id": "one"})


def _push_a_fourth_view(scenario: SlackScenario) -> Any:
    scenario.web.views_open(trigger_id=scenario.trigger(), view=MODAL_WITH_BUTTON)
    for _ in range(2):
        scenario.web.views_push(trigger_id=scenario.modal_trigger(), view=MODAL_WITH_BUTTON)
    return scenario.web.views_push(trigger_id=scenario.modal_trigger(), view=MODAL_WITH_BUTTON)


def _large_view() -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": "x" * 75}, "value": "x" * 150}] * 100
    menu = {"type": "static_select", "options": options}
    return MODAL | {"blocks": [section(accessory=menu)] * 10}


def _publish_with_old_hash(scenario: SlackScenario) -> Any:
    home = {"type": "home", "blocks": []}
    old = scenario.web.views_publish(user_id=ADA, view=home)["view"]
    scenario.web.views_publish(user_id=ADA, view=home)
    return scenario.web.views_publish(user_id=ADA, view=home, hash=old["hash"])


def _post_to_archived_channel(scenario: SlackScenario) -> Any:
    scenario.driver.archive("cloud-costs")
    return scenario.web.chat_postMessage(channel=CHANNEL, text="x")


def _post_too_often() -> Any:
    with SlackSandbox(rate_limits=True) as slack:
        web = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        web.chat_postMessage(channel=CHANNEL, text="x")
        return web.chat_postMessage(channel=CHANNEL, text="x")


REFUSED_CALLS: dict[str, RefusedCall] = {
    "not_authed": lambda scenario: scenario.with_token("").auth_test(),
    "invalid_auth": lambda scenario: scenario.with_token("xoxb-unknown").auth_test(),
    "not_allowed_token_type": lambda scenario: scenario.with_token(scenario.slack.app_token).auth_test(),
    "missing_scope": lambda scenario: scenario.web.conversations_open(users=[ADA, GUS]),
    "ratelimited": lambda _: _post_too_often(),
    "unknown_method": lambda scenario: scenario.web.api_call("chat.shout"),
    "invalid_post_type": lambda scenario: scenario.post_raw(b"x", "application/xml"),
    "invalid_json": lambda scenario: scenario.post_raw(b'{"text": NaN}'),
    "json_not_object": lambda scenario: scenario.post_raw(b"[]"),
    "invalid_form_data": lambda scenario: scenario.post_raw(b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    "invalid_arguments": lambda scenario: scenario.web.api_call("chat.postMessage", json={"text": "x"}),
    "invalid_cursor": lambda scenario: scenario.web.users_list(cursor="nonsense"),
    "invalid_limit": lambda scenario: scenario.web.users_list(limit=1001),
    "invalid_types": lambda scenario: scenario.web.conversations_list(types="secret_channel"),
    "invalid_ts_latest": lambda scenario: scenario.web.conversations_history(channel=CHANNEL, latest="noon"),
    "invalid_ts_oldest": lambda scenario: scenario.web.conversations_history(channel=CHANNEL, oldest="noon"),
    "channel_not_found": lambda scenario: scenario.web.chat_postMessage(channel=PRIVATE, text="x"),
    "not_in_channel": lambda scenario: scenario.web.chat_postMessage(channel=GENERAL, text="x"),
    "is_archived": _post_to_archived_channel,
    "user_not_found": lambda scenario: scenario.web.users_info(user="U0NOBODY"),
    "users_not_found": lambda scenario: scenario.web.users_lookupByEmail(email="pade@octo.example"),
    "user_disabled": lambda scenario: scenario.web.conversations_open(users=PAUL),
    "user_not_in_channel": lambda scenario: scenario.web.chat_postEphemeral(channel=CHANNEL, user=GUS, text="x"),
    "cannot_dm_bot": lambda scenario: scenario.web.conversations_open(users="U0BAILIFF1"),
    "not_enough_users": lambda scenario: scenario.web.api_call("conversations.open"),
    "bot_not_found": lambda scenario: scenario.web.bots_info(bot="B0NOBODY"),
    "message_not_found": lambda scenario: scenario.web.chat_update(channel=CHANNEL, ts="1.000001", text="x"),
    "thread_not_found": lambda scenario: scenario.web.conversations_replies(channel=CHANNEL, ts="1.000001"),
    "cannot_reply_to_message": lambda scenario: scenario.web.chat_postMessage(
        channel=CHANNEL, text="x", thread_ts="1.000001"
    ),
    "cant_update_message": lambda scenario: scenario.web.chat_update(
        channel=CHANNEL, ts=scenario.user_message(), text="x"
    ),
    "cant_delete_message": lambda scenario: scenario.web.chat_delete(channel=CHANNEL, ts=scenario.user_message()),
    "no_text": lambda scenario: scenario.web.api_call("chat.postMessage", json={"channel": CHANNEL}),
    "msg_too_long": lambda scenario: scenario.web.chat_update(
        channel=CHANNEL, ts=scenario.bot_message(), text="x" * 4001
    ),
    "invalid_blocks_format": lambda scenario: scenario.web.chat_postMessage(
        channel=CHANNEL, text="x", blocks="not json"
    ),
    "too_many_attachments": lambda scenario: scenario.web.chat_postMessage(
        channel=CHANNEL, text="x", attachments=[{}] * 101
    ),
    "invalid_attachments": lambda scenario: scenario.web.chat_postMessage(
        channel=CHANNEL, text="x", attachments='["x"]'
    ),
    "invalid_metadata_format": lambda scenario: scenario.web.chat_postMessage(
        channel=CHANNEL, text="x", metadata={"event_type": "x"}
    ),
    "metadata_too_large": lambda scenario: scenario.web.chat_postMessage(
        channel=CHANNEL,
        text="x",
        metadata={"event_type": "x", "event_payload": {"k": "x" * 8000}},
    ),
    "invalid_trigger_id": lambda scenario: scenario.web.views_open(trigger_id="1.x", view=MODAL),
    "expired_trigger_id": _use_trigger_after_3_seconds,
    "exchanged_trigger_id": _use_trigger_twice,
    "not_found": lambda scenario: scenario.web.views_update(view_id="V0NONE", view=MODAL),
    "push_limit_reached": _push_a_fourth_view,
    "view_too_large": lambda scenario: scenario.web.views_open(trigger_id=scenario.trigger(), view=_large_view()),
    "hash_conflict": _publish_with_old_hash,
    "duplicate_external_id": _use_external_id_twice,
    "used_url": _use_response_url_six_times,
    "expired_url": _use_response_url_after_30_minutes,
    "invalid_payload": lambda scenario: scenario.post(scenario.response_url(), b"text=hello"),
    "file_not_found": lambda scenario: scenario.web.files_completeUploadExternal(
        files=[{"id": "F0NONE", "title": "x"}]
    ),
    "invalid_blocks": lambda scenario: scenario.post_blocks({"type": "shout"}),
    "type.unknown": lambda scenario: scenario.post_blocks({"type": "shout"}),
    "type.surface": lambda scenario: scenario.post_blocks(
        {"type": "alert", "text": {"type": "plain_text", "text": "x"}}
    ),
    "value.missing": lambda scenario: scenario.post_blocks({"type": "header"}),
    "value.either": lambda scenario: scenario.post_blocks({"type": "section"}),
    "value.unknown": lambda scenario: scenario.post_blocks(section(colour="red")),
    "value.kind": lambda scenario: scenario.post_blocks({"type": "header", "text": "just words"}),
    "value.choice": lambda scenario: scenario.post_blocks({"type": "actions", "elements": [button(style="big")]}),
    "value.both": lambda scenario: scenario.post_blocks(
        _menu(options=[_option("a")], option_groups=[{"label": _option("g")["text"], "options": [_option("a")]}])
    ),
    "value.date": lambda scenario: scenario.post_blocks(
        {"type": "actions", "elements": [{"type": "datepicker", "initial_date": "2026-02-30"}]}
    ),
    "option.initial": lambda scenario: scenario.post_blocks(_menu(options=[_option("a")], initial_option=_option("b"))),
    "value.range": lambda scenario: scenario.post_blocks(table(["a"], ["1"], page_size=101)),
    "value.url": lambda scenario: scenario.post_blocks({"type": "actions", "elements": [button(url="somewhere")]}),
    "text.empty": lambda scenario: scenario.post_blocks(section("")),
    "text.long": lambda scenario: scenario.post_blocks(section("x" * 3001)),
    "items.many": lambda scenario: scenario.post_blocks(*[{"type": "divider"}] * 51),
    "items.few": lambda scenario: scenario.post_blocks(table(["a"])),
    "id.block": lambda scenario: scenario.post_blocks(section(block_id="one"), section(block_id="one")),
    "id.action": lambda scenario: scenario.post_blocks(
        {"type": "actions", "elements": [button(action_id="go"), button(action_id="go")]}
    ),
    "table.ragged": lambda scenario: scenario.post_blocks(table(["a", "b"], ["1"])),
    "table.header": lambda scenario: scenario.post_blocks(_table_with_rich_header()),
    "table.row_header": lambda scenario: scenario.post_blocks(table(["a"], ["1"], row_header_column_index=1)),
    "table.long": lambda scenario: scenario.post_blocks(table(["a"], ["x" * 5000]), table(["a"], ["x" * 5000])),
    "table.one": lambda scenario: scenario.post_blocks(
        *[{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2
    ),
    "chart.many": lambda scenario: scenario.post_blocks(*[chart("a")] * 3),
    "chart.labels": lambda scenario: scenario.post_blocks(chart("a", labels=("june",))),
    "chart.names": lambda scenario: scenario.post_blocks(chart("a", "a")),
    "view.submit": lambda scenario: scenario.web.views_open(
        trigger_id=scenario.trigger(), view=MODAL | {"blocks": [_input_block()]}
    ),
    "blocks.long": lambda scenario: scenario.post_blocks(*[section("x" * 3000) for _ in range(4)], section("x")),
    "method_not_supported_for_channel_type": lambda _: _open_group_conversation(),
}


def _table_with_rich_header() -> dict[str, Any]:
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
    }
    return table(["a"], ["1"]) | {"rows": [[rich], [{"type": "raw_text", "text": "1"}]]}


def _input_block() -> dict[str, Any]:
    label = {"type": "plain_text", "text": "Why?"}
    return {"type": "input", "label": label, "element": {"type": "plain_text_input", "action_id": "why"}}


def _open_group_conversation() -> Any:
    scopes = [*Installation().bot_scopes, "mpim:write"]
    with SlackSandbox(bot_scopes=scopes) as slack:
        web = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        return web.conversations_open(users=[ADA, GUS])


def error_answer(call: RefusedCall, scenario: SlackScenario) -> Any:
    """Return the answer of Slack, whether slack_sdk raises or returns it."""
    try:
        answer = call(scenario)
    except SlackApiError as error:
        return error.response.data
    return answer


def test_each_error_in_the_table_has_a_test() -> None:
    assert REFUSED_CALLS.keys() == ERROR_DEFINITIONS.keys()


@pytest.mark.parametrize("name", ERROR_DEFINITIONS)
def test_a_call_is_refused_with_the_code_in_the_table(
    name: str, slack: SlackSandbox, web: WebClient, clock: Any
) -> None:
    answer = error_answer(REFUSED_CALLS[name], SlackScenario(slack, web, clock))
    assert (answer["ok"], answer["error"]) == (False, ERROR_DEFINITIONS[name].code)


@pytest.mark.parametrize("name", ERROR_DEFINITIONS)
def test_each_error_has_a_meaning_and_a_source(name: str) -> None:
    refusal = ERROR_DEFINITIONS[name]
    assert refusal.meaning.endswith(".")
    assert refusal.source == "assumed" or refusal.source.startswith(("https://docs.slack.dev/", "https://github.com/"))


def test_a_missing_scope_is_named_with_the_granted_scopes() -> None:
    with SlackSandbox(bot_scopes={"chat:write"}) as slack:
        web = WebClient(token=slack.bot_token, base_url=slack.api_url)
        with pytest.raises(SlackApiError) as caught:
            web.users_list()
    assert caught.value.response["needed"] == "users:read"
    assert caught.value.response["provided"] == "chat:write"


def test_an_invalid_block_is_refused_with_a_pointer(web: WebClient) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=CHANNEL, text="x", blocks=[header])
    expected = ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]
    assert caught.value.response["response_metadata"]["messages"] == expected


def test_an_upload_needs_the_bot_in_the_channel(slack: SlackSandbox, web: WebClient, clock: Any) -> None:
    file = SlackScenario(slack, web, clock).uploaded_file()
    with pytest.raises(SlackApiError, match="not_in_channel"):
        web.files_completeUploadExternal(files=[{"id": file, "title": "x"}], channel_id=GENERAL)


def test_chat_write_public_allows_posts_to_public_channels_and_nothing_else() -> None:
    with SlackSandbox(bot_scopes=[*Installation().bot_scopes, "chat:write.public"]) as slack:
        web = WebClient(token=slack.bot_token, base_url=slack.api_url)
        web.chat_postMessage(channel=GENERAL, text="x")
        with pytest.raises(SlackApiError, match="not_in_channel"):
            web.conversations_history(channel=GENERAL)
        with pytest.raises(SlackApiError, match="not_in_channel"):
            web.files_upload_v2(channel=GENERAL, file=io.BytesIO(b"x"), filename="x.csv")


def test_a_deactivated_user_gets_no_message(web: WebClient, driver: Driver) -> None:
    opened = web.conversations_open(users=ADA)["channel"]["id"]
    driver.deactivate("ada")
    for channel in (opened, ADA, PAUL):
        with pytest.raises(SlackApiError, match="channel_not_found"):
            web.chat_postMessage(channel=channel, text="x")


def test_rate_limits_say_how_long_to_wait() -> None:
    with SlackSandbox(rate_limits=True) as slack:
        web = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        for _ in range(20):
            web.users_list()
        with pytest.raises(SlackApiError) as caught:
            web.users_list()
    assert caught.value.response.status_code == 429
    assert 55 <= int(caught.value.response.headers["Retry-After"]) <= 60
