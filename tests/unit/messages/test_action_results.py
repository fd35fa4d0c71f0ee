"""What was done, as the lines of a message."""

from datetime import UTC, timedelta

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.messages.action_results import DoneAction, result_items
from bailiff_bot.messages.document import text_of
from tests.builders import NOW, instance
from tests.unit.triage_claims import DAY


def done(name: str, number: int, action: Action, minute: int) -> DoneAction:
    offer = Offer(f"{name} {action}", instance_subject(instance(number)), name, "U0ADA", "message", NOW)
    until = NOW + 14 * DAY if action is Action.KEEP else None
    at = NOW + timedelta(minutes=minute)
    return DoneAction(ActionResult(offer, action, "U0ADA", "Ada", at, "made", until, "a demo"))


def test_what_ended_something_follows_it() -> None:
    in_order_of_time = (
        done("web", 2, Action.KEEP, 0),
        done("db", 1, Action.KEEP, 1),
        done("web", 2, Action.UNDO, 2),
    )
    lines = ["".join(map(text_of, item.line)).partition(" (")[0] for item in result_items(in_order_of_time, UTC)]
    assert lines == [
        "Ada keeps web until 2026-12-07: a demo",
        "Ada undid it, so web counts again",
        "Ada keeps db until 2026-12-07: a demo",
    ]
