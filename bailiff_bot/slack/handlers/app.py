"""The Bolt app: it acknowledges what Slack sends at once, and answers in the background."""

import re
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bailiff_bot.errors import BailiffError, SlackError
from bailiff_bot.leases import Leases
from bailiff_bot.slack.blocks.summary import FULL_REPORT, SHARE
from bailiff_bot.slack.client.replies import reply
from bailiff_bot.slack.handlers.requests import RequestHandlers, SlackRequest, sentence

COMMAND = "/bailiff"

_REPEATED_WITHIN = timedelta(hours=1)
"""How long a second click of the same button is ignored. A click can be answered for half an hour."""

log = structlog.get_logger()


def build_app(
    client: WebClient, handlers: RequestHandlers, leases: Leases, listeners: Executor, workers: Executor
) -> App:
    """Return the app with its listeners.

    The threads of `listeners` only acknowledge; those of `workers` answer. Bolt's default is one pool of five threads:
    behind five slow answers, a sixth command would not be acknowledged in time.
    """
    app = App(
        client=client,
        listener_executor=listeners,
        token_verification_enabled=False,
        user_facing_authorize_error_message="Slack does not answer Bailiff just now: please try again in a minute.",
    )

    @app.command(COMMAND)
    def command(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest(body["user_id"], body["channel_id"], body["response_url"])
        answer_in_background(workers, request, partial(handlers.command, body.get("text", ""), request))

    @app.action(SHARE)
    def share(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = _request_of_click(body)
        answer_in_background(
            workers, request, partial(_answer_first_click, leases, body, partial(handlers.share, request))
        )

    @app.action(FULL_REPORT)
    def full_report(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        request = _request_of_click(body)
        answer_in_background(
            workers,
            request,
            partial(_answer_first_click, leases, body, partial(handlers.full_report, action["value"], request)),
        )

    @app.action(re.compile(".*"))
    def any_other_click(ack: Ack) -> None:
        ack()  # a link, or a button of an older version: without it, Slack shows a warning sign

    @app.event("app_home_opened")
    def home(event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            request = SlackRequest(event["user"], "", "")
            answer_in_background(workers, request, partial(handlers.home, request))

    return app


def answer_in_background(workers: Executor, request: SlackRequest, answer: Callable[[], None]) -> None:
    """Make an answer in a thread of `workers`. If it fails, the user gets an error message."""
    try:
        workers.submit(_answer, request, answer)
    except RuntimeError:  # the workers are shut down
        _reply_with_error(request, "Bailiff is being restarted: please try again in a minute.")


def _request_of_click(body: dict[str, Any]) -> SlackRequest:
    return SlackRequest(body["user"]["id"], body["channel"]["id"], body["response_url"])


def _answer_first_click(leases: Leases, body: dict[str, Any], answer: Callable[[], None]) -> None:
    """Answer a click, unless the same user already clicked this button of this message."""
    click = (body["user"]["id"], body["container"]["message_ts"], body["actions"][0]["action_id"])
    with leases.first_within(f"click {' '.join(click)}", _REPEATED_WITHIN) as first:
        if first:
            answer()


def _answer(request: SlackRequest, answer: Callable[[], None]) -> None:
    """Make an answer. If it fails, log the error and reply with one line."""
    try:
        answer()
    except BailiffError as error:
        log.error("request.failed", user=request.user_id, reason=str(error))
        _reply_with_error(request, f"That did not work. {error}")
    except Exception:
        log.exception("request.crashed", user=request.user_id)
        _reply_with_error(request, "That did not work, for a reason that Bailiff did not foresee; its log has it.")


def _reply_with_error(request: SlackRequest, text: str) -> None:
    if not request.response_url:
        return
    try:
        reply(request.response_url, sentence(text))
    except SlackError as error:
        log.error("error_reply.failed", user=request.user_id, reason=str(error))
