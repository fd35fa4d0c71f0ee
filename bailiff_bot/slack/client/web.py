"""Calls of Slack's Web API. A failure is one of three: refused, not accepted yet, or ambiguous."""

import ipaddress
import socket
from http.client import HTTPException
from math import inf
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.http_retry.response import HttpResponse

from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused, SlackError

_RATE_LIMIT_RETRIES = 3
_MAX_WAIT = 60
"""Seconds to wait for a retry. Nobody waits longer for an answer."""
_SERVER_ERRORS = 500
_TOO_MANY_REQUESTS = 429
_UNCERTAIN_CODES = frozenset({"fatal_error", "internal_error", "service_unavailable"})
"""Codes after which, as Slack's documentation says, "some aspect of the operation" may have succeeded."""
_RATE_LIMIT_CODES = frozenset({"rate_limited", "ratelimited"})

_REMEDIES = {
    "account_inactive": "the app was uninstalled: install it again",
    "channel_not_found": "no such channel, or a private one the bot is not in: invite it with /invite",
    "invalid_auth": "{token} is wrong: copy it again from the app's settings",
    "is_archived": "the channel is archived: choose another one",
    "missing_scope": "the app lacks a permission: install it again from deploy/slack-manifest.yaml",
    "not_allowed_token_type": "wrong kind of token: SLACK_BOT_TOKEN starts with xoxb-, SLACK_APP_TOKEN with xapp-",
    "not_authed": "no token was sent: set {token}",
    "not_in_channel": "the bot is not in the channel: invite it with /invite",
    "ratelimited": "too many calls: try again in a minute",
    "restricted_action": "the workspace does not let the bot post there: ask its administrator",
    "token_revoked": "{token} was revoked: install the app again",
}


class BoundedRateLimitRetryHandler(RateLimitErrorRetryHandler):
    """Retries after the time that Slack asks to wait, if that is at most `_MAX_WAIT`."""

    def _can_retry(self, *, response: HttpResponse | None = None, **arguments: Any) -> bool:
        return super()._can_retry(response=response, **arguments) and _retry_after(response, inf) <= _MAX_WAIT


def web_client(token: str, base_url: str, timeout: float, *, retry_rate_limits: bool = True) -> WebClient:
    """Return a client whose calls take at most `timeout` seconds.

    With `retry_rate_limits` it retries only a call that Slack refused with status 429; without, it never retries.

    slack_sdk's default also retries after a lost connection, and so can post a message twice.
    """
    client = WebClient(
        token=token,
        base_url=base_url,
        timeout=timeout,  # type: ignore[arg-type] # it takes fractions too
        retry_handlers=[BoundedRateLimitRetryHandler(max_retry_count=_RATE_LIMIT_RETRIES)] if retry_rate_limits else [],
    )
    if bypasses_proxy(base_url):
        client.proxy = None
    return client


def bypasses_proxy(url: str) -> bool:
    """Return True if `url` is reached without a proxy: loopback, or listed in NO_PROXY."""
    host = urlsplit(url).hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return local or bool(proxy_bypass(host))


def call(client: WebClient, method: str, **arguments: Any) -> dict[str, Any]:
    """Return Slack's answer to a call of the method of `WebClient` with that name.

    Raises Refused with Slack's error code if Slack refuses the call, NotAcceptedYet if it may accept the call later,
    and Ambiguous if it is unknown whether Slack accepted the call.
    """
    try:
        response = getattr(client, method)(**arguments)
    except (SlackClientError, HTTPException, OSError) as error:
        raise slack_error(method, error, client.base_url) from error
    return dict(response.data)


def slack_error(method: str, error: Exception, url: str) -> SlackError:
    """Return the error of ours that an exception of slack_sdk means; `url` is the address that was called."""
    response = getattr(error, "response", None)
    code = response.get("error") if response is not None and isinstance(getattr(response, "data", None), dict) else None
    status = getattr(response, "status_code", 0)
    if code in _RATE_LIMIT_CODES or status == _TOO_MANY_REQUESTS:
        code = code or "ratelimited"
        return NotAcceptedYet(
            f"Slack refused {method}: {code}{_remedy(code, response, method)}", code, _retry_after(response)
        )
    if code and code not in _UNCERTAIN_CODES and status < _SERVER_ERRORS:
        return Refused(f"Slack refused {method}: {code}{_remedy(code, response, method)}", code)
    cause = getattr(error, "reason", error)
    if isinstance(cause, (ConnectionRefusedError, socket.gaierror)):
        reason = "connection refused" if isinstance(cause, ConnectionRefusedError) else "no such host"
        return NotAcceptedYet(
            f"Slack cannot be reached at {_safe_url(url)} ({reason}): check the network", "unreachable"
        )
    answered = f"{code}" if code else f"HTTP {status}"
    reason = answered if status else str(getattr(error, "reason", "") or error) or type(error).__name__
    return Ambiguous(f"Slack did not answer {method} ({reason}): it may have been done all the same")


def _safe_url(url: str) -> str:
    """Return a URL without its secrets: the path of a response_url, and the credentials before an @."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _retry_after(response: Any, default: float = 1.0) -> float:
    """Return the seconds that a 429 asks to wait; `default` if it is not a number (a proxy may send a date)."""
    headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    value = headers.get("retry-after", "1")
    try:
        return float(value[0] if isinstance(value, list) else value)
    except ValueError:
        return default


def _remedy(code: str, response: Any, method: str) -> str:
    needed = f" (needed: {response.get('needed')})" if response.get("needed") else ""
    token = "SLACK_APP_TOKEN" if method == "apps_connections_open" else "SLACK_BOT_TOKEN"
    return f"{needed}; {_REMEDIES[code].format(token=token)}" if code in _REMEDIES else needed
