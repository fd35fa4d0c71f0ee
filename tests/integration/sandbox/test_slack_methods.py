"""Each Web API method of the sandbox answers slack_sdk as Slack does."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack import Installation, SlackSandbox
from bailiff_bot.sandbox.slack.driver import Driver

CHANNEL, PARTNER_CHANNEL = "C0COSTS001", "C0PARTNER3"
ADA, PAUL, GUS, SAM, BILL = "U0AGR00001", "U0PADE0006", "U0GUE00008", "U0STR00009", "U0BIL00007"


def message_texts(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


def test_auth_test_returns_the_bot_and_its_scopes(web: WebClient) -> None:
    answer = web.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (fixtures.BOT_USER_ID, fixtures.TEAM_ID)
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    assert web.bots_info(bot=answer["bot_id"])["bot"]["user_id"] == fixtures.BOT_USER_ID


def test_the_app_token_opens_connections_and_nothing_else(slack: SlackSandbox) -> None:
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    assert web.apps_connections_open(app_token=slack.app_token)["url"].startswith("ws://127.0.0.1:")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        web.chat_postMessage(channel=CHANNEL, text="x")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        web.apps_connections_open(app_token=slack.bot_token)


def test_posts_can_be_edited_and_deleted(web: WebClient, driver: Driver) -> None:
    ts = web.chat_postMessage(channel="#cloud-costs", text="one")["ts"]
    web.chat_update(channel=CHANNEL, ts=ts, text="two")
    (message,) = driver.user("ada").visible_messages("cloud-costs")
    assert (message.text, message.is_edited) == ("two", True)
    web.chat_delete(channel=CHANNEL, ts=ts)
    assert driver.user("ada").visible_messages("cloud-costs") == []


def test_timestamps_increase_while_the_clock_does_not_move(web: WebClient) -> None:
    timestamps = [web.chat_postMessage(channel=CHANNEL, text="x")["ts"] for _ in range(3)]
    assert timestamps == ["1700000000.000000", "1700000000.000001", "1700000000.000002"]


def test_a_text_of_more_than_40_000_characters_is_truncated(web: WebClient) -> None:
    answer = web.chat_postMessage(channel=CHANNEL, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000


def test_an_ephemeral_message_is_seen_by_its_reader_only_and_is_in_no_history(web: WebClient, driver: Driver) -> None:
    web.chat_postEphemeral(channel=CHANNEL, user=ADA, text="psst")
    assert [message.is_ephemeral for message in driver.user("ada").visible_messages("cloud-costs")] == [True]
    assert driver.user("albert").visible_messages("cloud-costs") == []
    assert message_texts(web.conversations_history(channel=CHANNEL)) == []


def test_a_user_id_as_channel_means_the_conversation_with_that_user(web: WebClient, driver: Driver) -> None:
    posted = web.chat_postMessage(channel=ADA, text="yours")
    opened = web.conversations_open(users=[ADA])
    assert opened["channel"]["id"] == posted["channel"]
    assert opened["already_open"]
    assert [message.text for message in driver.user("ada").visible_messages("bailiff")] == ["yours"]
    assert driver.user("albert").visible_messages("bailiff") == []


def test_a_permalink_names_channel_and_message(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="x")["ts"]
    reply = web.chat_postMessage(channel=CHANNEL, text="x", thread_ts=parent)["ts"]
    link = web.chat_getPermalink(channel=CHANNEL, message_ts=reply)["permalink"]
    expected_link = (
        f"https://octo.slack.com/archives/{CHANNEL}/p{reply.replace('.', '')}?thread_ts={parent}&cid={CHANNEL}"
    )
    assert link == expected_link


def test_replies_are_in_their_thread_and_not_in_the_channel(web: WebClient, driver: Driver) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    web.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=parent)
    web.chat_postMessage(channel=CHANNEL, text="loud", thread_ts=parent, reply_broadcast=True)
    assert message_texts(web.conversations_replies(channel=CHANNEL, ts=parent)) == ["parent", "reply", "loud"]
    assert message_texts(web.conversations_history(channel=CHANNEL)) == ["loud", "parent"]
    ada = driver.user("ada")
    assert [message.text for message in ada.visible_messages("cloud-costs")] == ["parent", "loud"]
    assert [message.text for message in ada.visible_messages("cloud-costs", thread=parent)] == [
        "parent",
        "reply",
        "loud",
    ]
    assert ada.visible_messages("cloud-costs")[0].reply_count == 2


def test_history_has_metadata_on_request(web: WebClient) -> None:
    metadata = {"event_type": "digest", "event_payload": {"slot": "2024-05-01"}}
    web.chat_postMessage(channel=CHANNEL, text="x", metadata=metadata)
    (with_it,) = web.conversations_history(channel=CHANNEL, include_all_metadata=True)["messages"]
    (without,) = web.conversations_history(channel=CHANNEL)["messages"]
    assert with_it["metadata"] == metadata
    assert "metadata" not in without


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["3", "2", "1", "0"]),
        ({"oldest": "1", "latest": "3"}, ["2"]),
        ({"oldest": "1", "latest": "3", "inclusive": True}, ["3", "2", "1"]),
        ({"limit": 2}, ["3", "2"]),
    ],
)
def test_history_can_be_limited_by_time_and_number(
    arguments: dict[str, Any],
    expected: list[str],
    web: WebClient,
    clock: Any,
) -> None:
    timestamps = []
    for index in range(4):
        clock.advance(10)
        timestamps.append(web.chat_postMessage(channel=CHANNEL, text=str(index))["ts"])
    bounds = {name: timestamps[int(value)] for name, value in arguments.items() if isinstance(value, str)}
    assert message_texts(web.conversations_history(channel=CHANNEL, **(arguments | bounds))) == expected


def test_cursors_return_a_whole_history(web: WebClient) -> None:
    for index in range(5):
        web.chat_postMessage(channel=CHANNEL, text=str(index))
    pages = [message_texts(page) for page in web.conversations_history(channel=CHANNEL, limit=2)]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["parent", "0", "1", "2", "3"]),
        ({"oldest": "1", "latest": "3"}, ["parent", "2"]),
        ({"oldest": "1", "latest": "3", "inclusive": True}, ["parent", "1", "2", "3"]),
        ({"oldest": "2"}, ["parent", "3"]),
        ({"limit": 2}, ["parent", "0"]),
    ],
)
def test_a_thread_can_be_limited_by_time_and_number_and_has_its_parent(
    arguments: dict[str, Any], expected: list[str], web: WebClient, clock: Any
) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    timestamps = []
    for index in range(4):
        clock.advance(10)
        timestamps.append(web.chat_postMessage(channel=CHANNEL, text=str(index), thread_ts=parent)["ts"])
    bounds = {name: timestamps[int(value)] for name, value in arguments.items() if isinstance(value, str)}
    assert message_texts(web.conversations_replies(channel=CHANNEL, ts=parent, **(arguments | bounds))) == expected


def test_cursors_return_a_whole_thread_while_it_grows(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    for index in range(3):
        web.chat_postMessage(channel=CHANNEL, text=str(index), thread_ts=parent)
    first = web.conversations_replies(channel=CHANNEL, ts=parent, limit=2)
    assert (message_texts(first), first["has_more"]) == (["parent", "0"], True)
    web.chat_postMessage(channel=CHANNEL, text="late", thread_ts=parent)
    assert [message_texts(page) for page in first] == [["parent", "0"], ["1", "2"], ["late"]]


def test_the_files_of_a_thread_have_their_names_and_titles(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    web.files_upload_v2(channel=CHANNEL, thread_ts=parent, filename="x.csv", title="Everything", content="x")
    (_, reply) = web.conversations_replies(channel=CHANNEL, ts=parent)["messages"]
    assert [(file["name"], file["title"]) for file in reply["files"]] == [("x.csv", "Everything")]
    assert (reply["user"], reply["thread_ts"]) == (fixtures.BOT_USER_ID, parent)
    assert message_texts(web.conversations_history(channel=CHANNEL)) == ["parent"]


def test_cursors_return_all_users(web: WebClient) -> None:
    people = [user["id"] for page in web.users_list(limit=3) for user in page["members"]]
    assert people == [member.id for member in fixtures.USERS] + [fixtures.BOT_USER_ID]


def test_guests_outsiders_bots_and_deactivated_users_are_marked(web: WebClient) -> None:
    users = {user["id"]: user for user in web.users_list()["members"]}
    assert users[PAUL]["deleted"]
    assert users[GUS]["is_restricted"]
    assert users[SAM]["team_id"] == fixtures.PARTNER_TEAM_ID
    assert "is_stranger" not in users[ADA]
    assert users[BILL]["is_admin"]
    assert users[fixtures.BOT_USER_ID]["is_bot"]


def test_addresses_are_shown_only_with_the_scope(web: WebClient) -> None:
    assert web.users_info(user=ADA)["user"]["profile"]["email"] == "agr@octo.example"
    assert web.users_lookupByEmail(email="AGR@octo.example")["user"]["id"] == ADA
    with SlackSandbox(bot_scopes={"users:read"}) as slack:
        limited_client = WebClient(token=slack.bot_token, base_url=slack.api_url)
        assert "email" not in limited_client.users_info(user=ADA)["user"]["profile"]
        with pytest.raises(SlackApiError, match="missing_scope"):
            limited_client.users_lookupByEmail(email="agr@octo.example")


def test_deactivated_users_and_outsiders_are_not_found_by_address(web: WebClient) -> None:
    for address in ("pade@octo.example", "sam@partner.example"):
        with pytest.raises(SlackApiError, match="users_not_found"):
            web.users_lookupByEmail(email=address)


def test_conversations_info_marks_shared_and_archived_channels(web: WebClient, driver: Driver) -> None:
    shared = web.conversations_info(channel=PARTNER_CHANNEL)["channel"]
    assert (shared["is_ext_shared"], shared["is_member"], shared["is_private"]) == (True, True, False)
    driver.archive("with-partner")
    assert web.conversations_info(channel=PARTNER_CHANNEL)["channel"]["is_archived"]


def test_a_private_channel_is_listed_only_while_the_bot_is_a_member(web: WebClient, driver: Driver) -> None:
    def names() -> list[str]:
        answer = web.conversations_list(types="public_channel,private_channel", exclude_archived=True)
        return [channel["name"] for channel in answer["channels"]]

    assert names() == ["cloud-costs", "general", "with-partner", "cloud-triage"]
    driver.user("bill").invite_bot("ops-private")
    assert "ops-private" in names()
    assert web.conversations_info(channel="C0OPSPRIV4")["channel"]["is_private"]
    driver.remove_member("bailiff", "ops-private")
    assert "ops-private" not in names()


def test_conversations_info_of_a_direct_conversation_needs_a_scope(web: WebClient) -> None:
    opened = web.conversations_open(users=ADA, return_im=True)["channel"]
    assert (opened["is_im"], opened["user"]) == (True, ADA)
    with pytest.raises(SlackApiError) as caught:
        web.conversations_info(channel=opened["id"])
    assert caught.value.response["needed"] == "im:read"
    assert web.conversations_open(channel=opened["id"])["channel"]["id"] == opened["id"]
    with SlackSandbox(bot_scopes=[*Installation().bot_scopes, "im:read"]) as slack:
        reader = WebClient(token=slack.bot_token, base_url=slack.api_url)
        conversation = reader.conversations_open(users=ADA)["channel"]["id"]
        assert reader.conversations_info(channel=conversation)["channel"]["is_im"]


def test_an_upload_appears_as_a_message_with_its_content(web: WebClient, driver: Driver) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    web.files_upload_v2(
        channel=CHANNEL,
        thread_ts=parent,
        filename="report.csv",
        title="Everything",
        content="id,näme\n",
        initial_comment="all rows",
    )
    _, message = driver.user("ada").visible_messages("cloud-costs", thread=parent)
    (file,) = message.files
    assert (message.text, file.name, file.title, file.text) == ("all rows", "report.csv", "Everything", "id,näme\n")


def test_blocks_validate_gives_the_same_errors_as_a_post(web: WebClient) -> None:
    good = [{"type": "divider"}]
    assert web.api_call("blocks.validate", json={"blocks": good})["ok"]
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        web.api_call("blocks.validate", json={"blocks": [{"type": "header"}]})


def test_arguments_can_be_json_a_form_or_in_the_url(web: WebClient) -> None:
    posts = (
        {"json": {"channel": CHANNEL, "text": "x", "blocks": [{"type": "divider"}]}},
        {"data": {"channel": CHANNEL, "text": "x", "blocks": '[{"type": "divider"}]'}},
        {"params": {"channel": CHANNEL, "text": "x", "blocks": '[{"type": "divider"}]'}},
        {"data": {"channel": CHANNEL, "text": "x", "blocks": '[{"type": "divider"}]'}, "files": {"unused": b"x"}},
    )
    for post in posts:
        assert web.api_call("chat.postMessage", **post)["message"]["blocks"][0]["type"] == "divider"


def test_reading_methods_ignore_json(web: WebClient) -> None:
    with pytest.raises(SlackApiError, match="missing required field: user"):
        web.api_call("users.info", json={"user": ADA})


def test_other_fixtures_and_memberships_can_be_given() -> None:
    members = (
        fixtures.UserFixture("U1", "una", "Una", "una@x.example"),
        fixtures.UserFixture("U2", "dua", "Dua", "dua@x.example"),
    )
    channels = (fixtures.ChannelFixture("C1", "home", bot_is_member=True),)
    with SlackSandbox(users=members, channels=channels, membership={"home": ["U1", fixtures.BOT_USER_ID]}) as slack:
        web = WebClient(token=slack.bot_token, base_url=slack.api_url)
        assert web.conversations_info(channel="C1")["channel"]["num_members"] == 2
        with pytest.raises(SlackApiError, match="user_not_in_channel"):
            web.chat_postEphemeral(channel="C1", user="U2", text="x")


def test_each_call_is_recorded_without_its_token(web: WebClient, driver: Driver) -> None:
    web.api_call("chat.postMessage", data={"channel": CHANNEL, "text": "x", "token": web.token})
    (call,) = driver.calls("chat.postMessage")
    assert call.arguments == {"channel": CHANNEL, "text": "x"}
    assert (call.status, call.answer["ok"], call.at) == (200, True, 1_700_000_000.0)
    assert call.seconds < 1


INVALID_ARGUMENTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a limit that is no number": ("users.list", {"limit": "many"}, "invalid_limit"),
    "a cursor of another list": ("users.list", {"cursor": "bmV4dDpDMQ=="}, "invalid_cursor"),
    "metadata that is no object": (
        "chat.postMessage",
        {"channel": CHANNEL, "text": "x", "metadata": "[]"},
        "invalid_metadata_format",
    ),
    "a view that is none": ("views.publish", {"user_id": ADA, "view": "{}"}, "invalid_arguments"),
    "a modal for a home": (
        "views.publish",
        {"user_id": ADA, "view": '{"type": "modal", "blocks": []}'},
        "invalid_arguments",
    ),
    "a conversation with nobody": ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    "a file of nothing": ("files.getUploadURLExternal", {"filename": "x", "length": 0}, "invalid_arguments"),
    "a file of some length": ("files.getUploadURLExternal", {"filename": "x", "length": "long"}, "invalid_arguments"),
    "an upload of no files": ("files.completeUploadExternal", {"files": "[]"}, "invalid_arguments"),
    "an archive of everything": ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
}


@pytest.mark.parametrize(("method", "arguments", "code"), INVALID_ARGUMENTS.values(), ids=INVALID_ARGUMENTS)
def test_invalid_arguments_are_refused(method: str, arguments: dict[str, Any], code: str, web: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        web.api_call(method, data=arguments)
    assert caught.value.response["error"] == code


def test_conversations_replies_with_the_timestamp_of_a_reply_returns_that_reply(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=CHANNEL, text="parent")["ts"]
    reply = web.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=parent)["ts"]
    assert message_texts(web.conversations_replies(channel=CHANNEL, ts=reply)) == ["reply"]


def test_attachments_are_kept(web: WebClient) -> None:
    posted = web.chat_postMessage(channel=CHANNEL, text="x", attachments=[{"fallback": "x", "color": "#c00"}])
    assert posted["message"]["attachments"] == [{"fallback": "x", "color": "#c00"}]
