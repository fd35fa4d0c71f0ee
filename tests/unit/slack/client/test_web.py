"""How responses of Slack, and of proxies before it, become errors."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.web import SlackResponse

from bailiff_bot.errors import NotAcceptedYet
from bailiff_bot.slack.client.web import BoundedRateLimitRetryHandler, slack_error, web_client

DATE = "Tue, 24 Nov 2026 09:00:00 GMT"


def refusal(headers: dict[str, str]) -> SlackApiError:
    """Return what the SDK raises for a 429."""
    client = web_client("xoxb-1", "https://slack.example/api/", 10.0)
    response = SlackResponse(
        client=client,
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data={"ok": False, "error": "ratelimited"},
        headers=headers,
        status_code=429,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("headers", "after"), [({"Retry-After": "17"}, 17.0), ({}, 1.0), ({"retry-after": DATE}, 1.0)])
def test_a_429_gives_a_time_to_wait_for_any_header(headers: dict[str, str], after: float) -> None:
    error = slack_error("chat_postMessage", refusal(headers), "https://slack.example/api/")
    assert isinstance(error, NotAcceptedYet)
    assert error.retry_after == after


@pytest.mark.parametrize(("asked", "again"), [("17", True), ("61", False), (DATE, False)])
def test_a_rate_limited_call_is_retried_only_after_a_short_wait_that_slack_names(asked: str, *, again: bool) -> None:
    response = HttpResponse(status_code=429, headers={"Retry-After": [asked]})
    request = HttpRequest(method="POST", url="https://slack.example/api/chat.postMessage", headers={})
    assert BoundedRateLimitRetryHandler().can_retry(state=RetryState(), request=request, response=response) is again


def test_an_address_is_shown_without_its_secrets() -> None:
    error = slack_error("auth_test", ConnectionRefusedError(), "http://u:topsecret@slack.example:1/services/T1/secret")
    assert "http://slack.example:1 (connection refused)" in str(error)
    assert "secret" not in str(error)
