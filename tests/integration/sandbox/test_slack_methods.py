"""Each method of the Web API answers slack_sdk as Slack does."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack import Installation, SlackSandbox
from bailiff_bot.sandbox.slack.driver import Driver

COSTS, PARTNER = "C0COSTS001", "C0PARTNER3"
ADA, PAUL, GUS, SAM, BILL = "U0AGR00001", "U0PADE0006", "U0GUE00008", "U0STR00009", "U0BIL00007"


def messages(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


def test_auth_test_says_who_the_bot_is_and_what_it_was_granted(web: WebClient) -> None:
    answer = web.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (fixtures.BOT_USER_ID, fixtures.TEAM_ID)
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    assert web.bots_info(bot=answer["bot_id"])["bot"]["user_id"] == fixtures.BOT_USER_ID


def test_the_app_token_opens_connections_and_nothing_else(slack: SlackSandbox) -> None:
    web = WebClient(token=slack.app_token, base_url=slack.api_url)
    assert web.apps_connections_open(app_token=slack.app_token)["url"].startswith("ws://127.0.0.1:")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        web.chat_postMessage(channel=COSTS, text="x")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        web.apps_connections_open(app_token=slack.bot_token)


def test_posts_can_be_edited_and_deleted(web: WebClient, driver: Driver) -> None:
    ts = web.chat_postMessage(channel="#cloud-costs", text="one")["ts"]
    web.chat_update(channel=COSTS, ts=ts, text="two")
    (seen,) = driver.user("ada").visible_messages("cloud-costs")
    assert (seen.text, seen.is_edited) == ("two", True)
    web.chat_delete(channel=COSTS, ts=ts)
    assert driver.user("ada").visible_messages("cloud-costs") == []


def test_timestamps_are_unique_and_increase_while_the_clock_stands_still(web: WebClient) -> None:
    stamps = [web.chat_postMessage(channel=COSTS, text="x")["ts"] for _ in range(3)]
    assert stamps == ["1700000000.000000", "1700000000.000001", "1700000000.000002"]


def test_a_text_past_forty_thousand_characters_is_cut(web: WebClient) -> None:
    answer = web.chat_postMessage(channel=COSTS, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000


def test_an_ephemeral_is_seen_by_its_reader_only_and_stands_in_no_history(web: WebClient, driver: Driver) -> None:
    web.chat_postEphemeral(channel=COSTS, user=ADA, text="psst")
    assert [seen.is_ephemeral for seen in driver.user("ada").visible_messages("cloud-costs")] == [True]
    assert driver.user("albert").visible_messages("cloud-costs") == []
    assert messages(web.conversations_history(channel=COSTS)) == []


def test_a_users_id_stands_for_the_conversation_with_that_user(web: WebClient, driver: Driver) -> None:
    posted = web.chat_postMessage(channel=ADA, text="yours")
    opened = web.conversations_open(users=[ADA])
    assert opened["channel"]["id"] == posted["channel"]
    assert opened["already_open"]
    assert [seen.text for seen in driver.user("ada").visible_messages("bailiff")] == ["yours"]
    assert driver.user("albert").visible_messages("bailiff") == []


def test_a_permalink_names_channel_and_message(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="x")["ts"]
    reply = web.chat_postMessage(channel=COSTS, text="x", thread_ts=parent)["ts"]
    link = web.chat_getPermalink(channel=COSTS, message_ts=reply)["permalink"]
    wanted = f"https://octo.slack.com/archives/{COSTS}/p{reply.replace('.', '')}?thread_ts={parent}&cid={COSTS}"
    assert link == wanted


def test_replies_stand_in_their_thread_and_not_in_the_channel(web: WebClient, driver: Driver) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="parent")["ts"]
    web.chat_postMessage(channel=COSTS, text="reply", thread_ts=parent)
    web.chat_postMessage(channel=COSTS, text="loud", thread_ts=parent, reply_broadcast=True)
    assert messages(web.conversations_replies(channel=COSTS, ts=parent)) == ["parent", "reply", "loud"]
    assert messages(web.conversations_history(channel=COSTS)) == ["loud", "parent"]
    ada = driver.user("ada")
    assert [seen.text for seen in ada.visible_messages("cloud-costs")] == ["parent", "loud"]
    assert [seen.text for seen in ada.visible_messages("cloud-costs", thread=parent)] == ["parent", "reply", "loud"]
    assert ada.visible_messages("cloud-costs")[0].reply_count == 2


def test_metadata_comes_back_from_history_when_asked_for(web: WebClient) -> None:
    metadata = {"event_type": "digest", "event_payload": {"slot": "2024-05-01"}}
    web.chat_postMessage(channel=COSTS, text="x", metadata=metadata)
    (with_it,) = web.conversations_history(channel=COSTS, include_all_metadata=True)["messages"]
    (without,) = web.conversations_history(channel=COSTS)["messages"]
    assert with_it["metadata"] == metadata
    assert "metadata" not in without


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["3", "2", "1", "0"]),
        ({"oldest": "1", "latest": "3"}, ["2"]),
        ({"oldest": "1", "latest": "3", "inclusive": True}, ["3", "2", "1"]),
        ({"limit": 2}, ["3", "2"]),
    ],
)
def test_history_is_cut_by_time_and_number(
    asked: dict[str, Any],
    found: list[str],
    web: WebClient,
    clock: Any,
) -> None:
    stamps = []
    for index in range(4):
        clock.advance(10)
        stamps.append(web.chat_postMessage(channel=COSTS, text=str(index))["ts"])
    bounds = {name: stamps[int(value)] for name, value in asked.items() if isinstance(value, str)}
    assert messages(web.conversations_history(channel=COSTS, **(asked | bounds))) == found


def test_cursors_lead_through_all_of_a_history(web: WebClient) -> None:
    for index in range(5):
        web.chat_postMessage(channel=COSTS, text=str(index))
    pages = [messages(page) for page in web.conversations_history(channel=COSTS, limit=2)]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["parent", "0", "1", "2", "3"]),
        ({"oldest": "1", "latest": "3"}, ["parent", "2"]),
        ({"oldest": "1", "latest": "3", "inclusive": True}, ["parent", "1", "2", "3"]),
        ({"oldest": "2"}, ["parent", "3"]),
        ({"limit": 2}, ["parent", "0"]),
    ],
)
def test_a_thread_is_cut_by_time_and_number_and_its_parent_comes_along(
    asked: dict[str, Any], found: list[str], web: WebClient, clock: Any
) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="parent")["ts"]
    stamps = []
    for index in range(4):
        clock.advance(10)
        stamps.append(web.chat_postMessage(channel=COSTS, text=str(index), thread_ts=parent)["ts"])
    bounds = {name: stamps[int(value)] for name, value in asked.items() if isinstance(value, str)}
    assert messages(web.conversations_replies(channel=COSTS, ts=parent, **(asked | bounds))) == found


def test_cursors_lead_through_all_of_a_thread_while_it_grows(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="parent")["ts"]
    for index in range(3):
        web.chat_postMessage(channel=COSTS, text=str(index), thread_ts=parent)
    first = web.conversations_replies(channel=COSTS, ts=parent, limit=2)
    assert (messages(first), first["has_more"]) == (["parent", "0"], True)
    web.chat_postMessage(channel=COSTS, text="late", thread_ts=parent)
    assert [messages(page) for page in first] == [["parent", "0"], ["1", "2"], ["late"]]


def test_the_files_of_a_thread_come_with_their_names_and_titles(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="parent")["ts"]
    web.files_upload_v2(channel=COSTS, thread_ts=parent, filename="x.csv", title="Everything", content="x")
    (_, reply) = web.conversations_replies(channel=COSTS, ts=parent)["messages"]
    assert [(file["name"], file["title"]) for file in reply["files"]] == [("x.csv", "Everything")]
    assert (reply["user"], reply["thread_ts"]) == (fixtures.BOT_USER_ID, parent)
    assert messages(web.conversations_history(channel=COSTS)) == ["parent"]


def test_cursors_lead_through_all_people(web: WebClient) -> None:
    people = [user["id"] for page in web.users_list(limit=3) for user in page["members"]]
    assert people == [member.id for member in fixtures.USERS] + [fixtures.BOT_USER_ID]


def test_guests_strangers_bots_and_deactivated_accounts_are_told_apart(web: WebClient) -> None:
    users = {user["id"]: user for user in web.users_list()["members"]}
    assert users[PAUL]["deleted"]
    assert users[GUS]["is_restricted"]
    assert users[SAM]["is_stranger"]
    assert users[SAM]["team_id"] == fixtures.PARTNER_TEAM_ID
    assert "is_stranger" not in users[ADA]
    assert users[BILL]["is_admin"]
    assert users[fixtures.BOT_USER_ID]["is_bot"]


def test_addresses_are_shown_to_who_may_read_them(web: WebClient) -> None:
    assert web.users_info(user=ADA)["user"]["profile"]["email"] == "agr@octo.example"
    assert web.users_lookupByEmail(email="AGR@octo.example")["user"]["id"] == ADA
    with SlackSandbox(bot_scopes={"users:read"}) as slack:
        shy = WebClient(token=slack.bot_token, base_url=slack.api_url)
        assert "email" not in shy.users_info(user=ADA)["user"]["profile"]
        with pytest.raises(SlackApiError, match="missing_scope"):
            shy.users_lookupByEmail(email="agr@octo.example")


def test_nobody_deactivated_or_from_outside_is_found_by_address(web: WebClient) -> None:
    for address in ("pade@octo.example", "sam@partner.example"):
        with pytest.raises(SlackApiError, match="users_not_found"):
            web.users_lookupByEmail(email=address)


def test_conversations_info_tells_shared_and_archived_channels(web: WebClient, driver: Driver) -> None:
    shared = web.conversations_info(channel=PARTNER)["channel"]
    assert (shared["is_ext_shared"], shared["is_member"], shared["is_private"]) == (True, True, False)
    driver.archive("with-partner")
    assert web.conversations_info(channel=PARTNER)["channel"]["is_archived"]


def test_a_private_channel_is_known_once_the_bot_is_in_it(web: WebClient, driver: Driver) -> None:
    def names() -> list[str]:
        answer = web.conversations_list(types="public_channel,private_channel", exclude_archived=True)
        return [channel["name"] for channel in answer["channels"]]

    assert names() == ["cloud-costs", "general", "with-partner"]
    driver.user("bill").invite_bot("ops-private")
    assert "ops-private" in names()
    assert web.conversations_info(channel="C0OPSPRIV4")["channel"]["is_private"]
    driver.remove_member("bailiff", "ops-private")
    assert "ops-private" not in names()


def test_a_conversation_is_described_to_who_may_read_it(web: WebClient) -> None:
    opened = web.conversations_open(users=ADA, return_im=True)["channel"]
    assert (opened["is_im"], opened["user"]) == (True, ADA)
    with pytest.raises(SlackApiError) as refused:
        web.conversations_info(channel=opened["id"])
    assert refused.value.response["needed"] == "im:read"
    assert web.conversations_open(channel=opened["id"])["channel"]["id"] == opened["id"]
    with SlackSandbox(bot_scopes=[*Installation().bot_scopes, "im:read"]) as slack:
        reader = WebClient(token=slack.bot_token, base_url=slack.api_url)
        conversation = reader.conversations_open(users=ADA)["channel"]["id"]
        assert reader.conversations_info(channel=conversation)["channel"]["is_im"]


def test_an_upload_appears_as_a_message_with_its_content(web: WebClient, driver: Driver) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="parent")["ts"]
    web.files_upload_v2(
        channel=COSTS,
        thread_ts=parent,
        filename="report.csv",
        title="Everything",
        content="id,näme\n",
        initial_comment="all rows",
    )
    _, seen = driver.user("ada").visible_messages("cloud-costs", thread=parent)
    (file,) = seen.files
    assert (seen.text, file.name, file.title, file.text) == ("all rows", "report.csv", "Everything", "id,näme\n")


def test_blocks_validate_says_what_posting_would_say(web: WebClient) -> None:
    good = [{"type": "divider"}]
    assert web.api_call("blocks.validate", json={"blocks": good})["ok"]
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        web.api_call("blocks.validate", json={"blocks": [{"type": "header"}]})


def test_arguments_may_come_as_json_as_a_form_or_in_the_address(web: WebClient) -> None:
    posts = (
        {"json": {"channel": COSTS, "text": "x", "blocks": [{"type": "divider"}]}},
        {"data": {"channel": COSTS, "text": "x", "blocks": '[{"type": "divider"}]'}},
        {"params": {"channel": COSTS, "text": "x", "blocks": '[{"type": "divider"}]'}},
        {"data": {"channel": COSTS, "text": "x", "blocks": '[{"type": "divider"}]'}, "files": {"unused": b"x"}},
    )
    for post in posts:
        assert web.api_call("chat.postMessage", **post)["message"]["blocks"][0]["type"] == "divider"


def test_methods_that_only_read_take_no_json(web: WebClient) -> None:
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


def test_each_call_is_on_record_without_its_token(web: WebClient, driver: Driver) -> None:
    web.api_call("chat.postMessage", data={"channel": COSTS, "text": "x", "token": web.token})
    (call,) = driver.calls("chat.postMessage")
    assert call.arguments == {"channel": COSTS, "text": "x"}
    assert (call.status, call.answer["ok"], call.at) == (200, True, 1_700_000_000.0)
    assert call.seconds < 1


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a limit that is no number": ("users.list", {"limit": "many"}, "invalid_limit"),
    "a cursor of another list": ("users.list", {"cursor": "bmV4dDpDMQ=="}, "invalid_cursor"),
    "metadata that is no object": (
        "chat.postMessage",
        {"channel": COSTS, "text": "x", "metadata": "[]"},
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


@pytest.mark.parametrize(("method", "arguments", "code"), WRONG.values(), ids=WRONG)
def test_what_is_asked_wrongly_is_refused(method: str, arguments: dict[str, Any], code: str, web: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        web.api_call(method, data=arguments)
    assert refused.value.response["error"] == code


def test_asked_for_a_reply_slack_answers_with_that_reply(web: WebClient) -> None:
    parent = web.chat_postMessage(channel=COSTS, text="parent")["ts"]
    reply = web.chat_postMessage(channel=COSTS, text="reply", thread_ts=parent)["ts"]
    assert messages(web.conversations_replies(channel=COSTS, ts=reply)) == ["reply"]


def test_attachments_are_kept(web: WebClient) -> None:
    posted = web.chat_postMessage(channel=COSTS, text="x", attachments=[{"fallback": "x", "color": "#c00"}])
    assert posted["message"]["attachments"] == [{"fallback": "x", "color": "#c00"}]
