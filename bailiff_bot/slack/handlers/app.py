"""The Bolt app: it acknowledges what Slack sends at once, and has the answer made elsewhere."""

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
from bailiff_bot.leases import Turns
from bailiff_bot.slack.blocks.summary import FULL_REPORT, SHARE
from bailiff_bot.slack.client.replies import reply
from bailiff_bot.slack.handlers.requests import Conversation, Place, said

COMMAND = "/bailiff"

_REMEMBERED = timedelta(hours=1)
"""A message with buttons can be answered for half an hour."""

log = structlog.get_logger()


def build_app(client: WebClient, talk: Conversation, turns: Turns, listeners: Executor, workers: Executor) -> App:
    """Return the app with its listeners.

    Bolt has five threads of its own, in which a sixth command would wait unacknowledged behind five slow answers: so
    `listeners` only acknowledge, and `workers` answer.
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
        place = Place(body["user_id"], body["channel_id"], body["response_url"])
        hand_over(workers, place, partial(talk.command, body.get("text", ""), place))

    @app.action(SHARE)
    def share(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        place = _place(body)
        hand_over(workers, place, partial(_once, turns, body, partial(talk.share, place)))

    @app.action(FULL_REPORT)
    def full_report(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        place = _place(body)
        hand_over(workers, place, partial(_once, turns, body, partial(talk.full_report, action["value"], place)))

    @app.action(re.compile(".*"))
    def any_other_click(ack: Ack) -> None:
        ack()  # a link, or a button of an older version: unacknowledged, it would show a warning sign

    @app.event("app_home_opened")
    def home(event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            place = Place(event["user"], "", "")
            hand_over(workers, place, partial(talk.home, place))

    return app


def hand_over(workers: Executor, place: Place, answer: Callable[[], None]) -> None:
    """Have an answer made by a worker, who says so when it fails."""
    try:
        workers.submit(_answered, place, answer)
    except RuntimeError:  # they are shut down
        _apologise(place, "Bailiff is being restarted: please try again in a minute.")


def _place(body: dict[str, Any]) -> Place:
    return Place(body["user"]["id"], body["channel"]["id"], body["response_url"])


def _once(turns: Turns, body: dict[str, Any], answer: Callable[[], None]) -> None:
    """Answer a click, unless the same button of the same message was pressed by the same person before."""
    pressed = (body["user"]["id"], body["container"]["message_ts"], body["actions"][0]["action_id"])
    with turns.once(f"click {' '.join(pressed)}", _REMEMBERED) as first:
        if first:
            answer()


def _answered(place: Place, answer: Callable[[], None]) -> None:
    """Have an answer made, and say in one line when that fails."""
    try:
        answer()
    except BailiffError as error:
        log.error("an answer failed", user=place.user_id, reason=str(error))
        _apologise(place, f"That did not work. {error}")
    except Exception:
        log.exception("an answer failed unforeseen", user=place.user_id)
        _apologise(place, "That did not work, for a reason that Bailiff did not foresee; its log has it.")


def _apologise(place: Place, text: str) -> None:
    if not place.response_url:
        return
    try:
        reply(place.response_url, said(text))
    except SlackError as error:
        log.error("nor could that be said", user=place.user_id, reason=str(error))
