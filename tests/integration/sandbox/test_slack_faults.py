"""Injected faults of Slack: what the caller gets, and what Slack does."""

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bailiff_bot.sandbox.slack import InteractionError, SlackSandbox
from bailiff_bot.sandbox.slack.driver import Driver
from bailiff_bot.sandbox.slack.faults import Fault

CHANNEL, PARTNER_CHANNEL = "C0COSTS001", "C0PARTNER3"


def texts(driver: Driver, channel: str = "cloud-costs") -> list[str]:
    return [message.text for message in driver.user("ada").visible_messages(channel)]


@pytest.mark.parametrize(("kind", "stored"), [("drop_before", []), ("drop_after", ["x"])])
def test_a_dropped_connection_hides_whether_the_message_was_stored(
    kind: Any,
    stored: list[str],
    web: WebClient,
    driver: Driver,
) -> None:
    driver.inject_fault(kind, "chat.postMessage")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        web.chat_postMessage(channel=CHANNEL, text="x")
    assert texts(driver) == stored
    assert [call.status for call in driver.calls()] == [0]
    web.chat_postMessage(channel=CHANNEL, text="y")
    assert texts(driver) == [*stored, "y"]


def test_a_late_post_has_a_timestamp_before_anybody_can_read_it(web: WebClient, driver: Driver, clock: Any) -> None:
    driver.inject_fault("late", "chat.postMessage", seconds=30)
    ts = web.chat_postMessage(channel=CHANNEL, text="late")["ts"]
    web.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=ts)
    assert web.conversations_history(channel=CHANNEL)["messages"] == []
    with pytest.raises(SlackApiError, match="thread_not_found"):
        web.conversations_replies(channel=CHANNEL, ts=ts)
    assert texts(driver) == []
    clock.advance(30)
    assert [message["ts"] for message in web.conversations_history(channel=CHANNEL)["messages"]] == [ts]
    assert texts(driver) == ["late"]


def test_a_type_of_block_can_be_unknown_to_slack(web: WebClient, driver: Driver) -> None:
    divider, header = {"type": "divider"}, {"type": "header", "text": {"type": "plain_text", "text": "x"}}
    driver.inject_fault("refuse", "chat.postMessage", times=None, error="invalid_blocks", block="header")
    web.chat_postMessage(channel=CHANNEL, text="a", blocks=[divider])
    with pytest.raises(SlackApiError, match="invalid_blocks") as refused:
        web.chat_postMessage(channel=CHANNEL, text="b", blocks=[divider, header])
    web.chat_postMessage(channel=CHANNEL, text="c")
    assert refused.value.response["response_metadata"]["messages"] == ["[ERROR] unsupported type: header"]
    assert texts(driver) == ["a", "c"]


def test_a_late_fault_without_a_count_lasts_until_it_is_cleared(web: WebClient, driver: Driver, clock: Any) -> None:
    driver.inject_fault("late", "chat.postMessage", times=None, seconds=30)
    for text in ("a", "b"):
        web.chat_postMessage(channel=CHANNEL, text=text)
    assert [fault.kind for fault in driver.pending_faults()] == ["late"]
    driver.clear_faults()
    web.chat_postMessage(channel=CHANNEL, text="c")
    assert texts(driver) == ["c"]
    clock.advance(30)
    assert texts(driver) == ["a", "b", "c"]


def test_a_post_whose_answer_is_lost_can_be_late_too(web: WebClient, driver: Driver, clock: Any) -> None:
    driver.inject_fault("drop_after", "chat.postMessage", seconds=30)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        web.chat_postMessage(channel=CHANNEL, text="x")
    assert texts(driver) == []
    clock.advance(30)
    assert texts(driver) == ["x"]


def test_a_shared_file_can_be_late(web: WebClient, driver: Driver, clock: Any) -> None:
    driver.inject_fault("late", "files.completeUploadExternal", channel="cloud-costs", seconds=30)
    web.files_upload_v2(channel=CHANNEL, filename="x.csv", content="x")
    assert web.conversations_history(channel=CHANNEL)["messages"] == []
    clock.advance(30)
    (message,) = web.conversations_history(channel=CHANNEL)["messages"]
    assert [file["name"] for file in message["files"]] == ["x.csv"]


def test_a_held_answer_comes_late_and_the_post_is_stored_at_once(slack: SlackSandbox, driver: Driver) -> None:
    client = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    driver.inject_fault("held", "chat.postMessage", seconds=0.5)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.chat_postMessage, channel=CHANNEL, text="x")
        assert driver.wait_for(lambda: texts(driver)) == ["x"]
        assert not answer.done()
        assert driver.pending_faults() == []
        (message,) = driver.user("ada").visible_messages("cloud-costs")
        assert answer.result(5)["ts"] == message.ts
    (call,) = driver.calls("chat.postMessage")
    assert call.seconds >= 0.5


def test_a_post_is_stored_if_its_caller_disconnects_while_the_answer_is_held(
    slack: SlackSandbox, driver: Driver
) -> None:
    driver.inject_fault("held", "chat.postMessage", seconds=0.2)
    caller = socket.create_connection(("127.0.0.1", int(slack.url.rpartition(":")[2])))
    body = f"token={slack.bot_token}&channel={CHANNEL}&text=x"
    head = f"Host: slack\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}"
    caller.sendall(f"POST /api/chat.postMessage HTTP/1.1\r\n{head}\r\n\r\n{body}".encode())
    assert driver.wait_for(lambda: texts(driver)) == ["x"]
    caller.close()
    (call,) = driver.wait_for(lambda: driver.calls("chat.postMessage"))
    assert call.answer["ok"]
    assert texts(driver) == ["x"]


def test_pending_faults_can_be_listed(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("refuse", "chat.postMessage", channel="cloud-costs", times=2, error="is_archived")
    driver.inject_fault("slow", "users.list", times=None)
    with pytest.raises(SlackApiError):
        web.chat_postMessage(channel=CHANNEL, text="x")
    assert driver.pending_faults() == [
        Fault("refuse", "chat.postMessage", CHANNEL, times=1, error="is_archived"),
        Fault("slow", "users.list", times=None),
    ]
    driver.clear_faults()
    assert driver.pending_faults() == []


def test_a_rate_limit_says_when_to_retry(slack: SlackSandbox, driver: Driver) -> None:
    driver.inject_fault("rate_limited", "chat.postMessage", seconds=1)
    web = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[RateLimitErrorRetryHandler(1)])
    started = time.monotonic()
    web.chat_postMessage(channel=CHANNEL, text="x")
    assert time.monotonic() - started >= 1
    assert [call.status for call in driver.calls()] == [429, 200]
    assert texts(driver) == ["x"]


def test_a_server_error_has_the_requested_status(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("server_error", status=503)
    with pytest.raises(SlackApiError) as caught:
        web.auth_test()
    assert caught.value.response.status_code == 503


def test_an_html_fault_answers_a_page_instead_of_json(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("html", "users.list")
    with pytest.raises(SlackApiError) as caught:
        web.users_list()
    assert "<html>" in str(caught.value)


def test_a_slow_answer_is_slow(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("slow", "auth.test", seconds=0.2)
    web.auth_test()
    (call,) = driver.calls()
    assert call.seconds >= 0.2


def test_a_refusal_has_the_requested_error(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("refuse", "chat.postMessage", error="msg_blocks_too_long")
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        web.chat_postMessage(channel=CHANNEL, text="x")
    assert [failure.what for failure in driver.failures("refused")] == ["chat.postMessage: msg_blocks_too_long"]


def test_a_fault_applies_to_the_requested_number_of_calls_in_the_requested_channel(
    web: WebClient, driver: Driver
) -> None:
    driver.inject_fault("refuse", "chat.postMessage", channel="cloud-costs", times=2, error="is_archived")
    web.chat_postMessage(channel=PARTNER_CHANNEL, text="x")
    for _ in range(2):
        with pytest.raises(SlackApiError, match="is_archived"):
            web.chat_postMessage(channel=CHANNEL, text="x")
    web.chat_postMessage(channel=CHANNEL, text="x")


@pytest.mark.parametrize("channel", ["ada", "U0AGR00001", "D0AGR00001"])
def test_a_fault_can_be_limited_to_a_direct_conversation(channel: str, web: WebClient, driver: Driver) -> None:
    driver.inject_fault("refuse", "chat.postMessage", channel=channel, error="fatal_error")
    web.chat_postMessage(channel="U0ALB00002", text="x")
    with pytest.raises(SlackApiError, match="fatal_error"):
        web.chat_postMessage(channel="U0AGR00001", text="x")


def test_a_fault_for_a_channel_applies_to_every_form_of_its_name(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("refuse", "chat.postMessage", channel="cloud-costs", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        web.chat_postMessage(channel="#cloud-costs", text="x")


def test_a_fault_without_a_count_stays_until_it_is_cleared(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("refuse", times=None, error="fatal_error")
    for _ in range(3):
        with pytest.raises(SlackApiError, match="fatal_error"):
            web.auth_test()
    driver.clear_faults()
    web.auth_test()


def test_an_upload_address_can_fail(web: WebClient, driver: Driver) -> None:
    driver.inject_fault("drop_before", "upload")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        web.files_upload_v2(channel=CHANNEL, filename="x.csv", content="x")
    assert texts(driver) == []


def test_a_timed_out_wait_names_the_last_value(driver: Driver) -> None:
    with pytest.raises(AssertionError, match=r"not within 0.05 s; last seen: \[\]"):
        driver.wait_for(lambda: driver.user("ada").visible_messages("cloud-costs"), timeout=0.05)


def test_an_impossible_interaction_raises_with_the_reason(driver: Driver) -> None:
    cases = (
        (lambda: driver.user("nobody").visible_messages("general"), "there is no user 'nobody'"),
        (lambda: driver.user("paul").visible_messages("general"), "paul was deactivated"),
        (lambda: driver.user("ada").visible_messages("nowhere"), "there is no channel 'nowhere'"),
        (lambda: driver.user("gus").run_command("/bailiff help", "general"), "gus is not in general"),
        (lambda: driver.user("ada").run_command("/other help"), "/other is not a valid command"),
        (lambda: driver.remove_member("nobody", "general"), "there is no user 'nobody'"),
        (lambda: driver.archive("nowhere"), "there is no channel 'nowhere'"),
        (lambda: driver.inject_fault("html", channel="nowhere"), "there is no channel 'nowhere'"),
        (lambda: driver.request("dances"), "there is no handler 'dances'"),
    )
    for interact, text in cases:
        with pytest.raises(InteractionError, match=text):
            interact()
