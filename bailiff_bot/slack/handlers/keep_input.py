"""What somebody typed in the modal of *Keep* or *Keep all*."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_bolt import Ack

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.keep_modal import CHOICE, TITLE, UNTIL, WORDS, WRONG_WORDS, wrong_day
from bailiff_bot.messages.modal import saving
from bailiff_bot.slack.blocks.modals import modal_view, submitted
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.usecases.keeping import Keeping


@dataclass(frozen=True, slots=True)
class KeepInput:
    """A modal that was sent."""

    user_id: str
    modal: OpenModal
    click_id: str
    until: date
    reason: str


def keep_input(ack: Ack, body: dict[str, Any], clicks: Clicks, keeping: Keeping) -> KeepInput | None:
    """Return what was typed, after the modal says that it is saved; None if a field is answered with an error."""
    view, user = body["view"], body["user"]["id"]
    values = view["state"]["values"]
    until, reason = _day(submitted(values, UNTIL)), submitted(values, WORDS).strip() or submitted(values, CHOICE)
    if (wrong := keeping.wrong_input(user, until, reason)) or until is None:
        ack(response_action="errors", errors=_errors(keeping.last_day(user), wrong))
        clicks.record_wrong_input(body, keeping.forms, Action.KEEP)
        return None
    ack(response_action="update", view=modal_view(saving(TITLE)))
    return KeepInput(user, OpenModal(view["id"], TITLE), view["private_metadata"], until, reason)


def _errors(last: date, wrong: frozenset[str]) -> dict[str, str]:
    """Return the sentence for each field that is wrong."""
    until = {UNTIL: wrong_day(last)} if "until" in wrong else {}
    return until | ({WORDS: WRONG_WORDS} if "reason" in wrong else {})


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
