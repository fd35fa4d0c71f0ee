import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.history import Nudged
from bailiff_bot.domain.owner import Debts, Owner, Unclaimed
from bailiff_bot.slack.blocks.delivery_summary import (
    Roll,
    after_nudges,
    before_nudges,
    label_of,
    quiet_line,
    unclaimed_lines,
)
from bailiff_bot.slack.blocks.message import Message
from tests.builders import HOSTILE, days, instance, report
from tests.message_checks import check, nodes, shown

FOUND = report(instance(1, "agr-a", age=40), instance(2, "mlg-a", age=40), instance(3, "zzz-a"))
ROWS = FOUND.owing
ADA = Debts(Owner("U1", "Ada <!here>"), ("AGR",), ROWS[:1])
MEL = Debts(Owner("U2", "Mel"), ("MLG", "mel@octo.example"), ROWS[:2])
NOBODY = Unclaimed("ZZZ", "the directory does not know it", ROWS[:1])
COVERAGE = "1 of 1 region read, 4 min ago"
ROLL = Roll("on", told=(label_of(ADA), label_of(MEL)), closing=(COVERAGE,))


def told(ts: str = "1.0") -> Nudged:
    """The message that Mel was sent three days ago."""
    return Nudged("U2", days(3), frozenset(), frozenset(), "D1", ts)


def drawn(message: Message | None) -> list[str]:
    assert message
    check(message)
    return shown(message).splitlines()


@pytest.mark.parametrize(
    ("mode", "heading"),
    [
        ("on", "Being told in a direct message:"),
        ("dry-run", "Would be told in a direct message (BAILIFF_NUDGES is dry-run):"),
        ("off", "Found, and not told (BAILIFF_NUDGES is off):"),
    ],
)
def test_the_thread_says_who_is_told_or_would_be(mode: str, heading: str) -> None:
    assert drawn(before_nudges(replace(ROLL, mode=mode))) == [
        heading,
        "Ada <!here> (AGR): 1 instance",
        "Mel (MLG, mel@octo.example): 2 instances",
        COVERAGE,
    ]


def test_a_preview_says_who_would_be_told_because_nobody_is() -> None:
    heading = drawn(before_nudges(replace(ROLL, mode="preview")))[0]
    assert heading.startswith("Would be told in a direct message")
    assert "dry-run" not in heading


def test_while_what_was_seen_is_doubted_the_thread_says_why_nobody_is_told() -> None:
    roll = replace(ROLL, waiting="the fleet shrank from 400 to 31 instances")
    assert drawn(before_nudges(roll))[0] == "Not told for now, the fleet shrank from 400 to 31 instances:"


def test_who_is_not_told_again_is_listed_apart_with_the_day() -> None:
    roll = Roll("on", told=(label_of(ADA),), quiet=(quiet_line(MEL, told(), UTC),))
    assert drawn(before_nudges(roll)) == [
        "Being told in a direct message:",
        "Ada <!here> (AGR): 1 instance",
        "Told before, and nothing is new:",
        "Mel (MLG, mel@octo.example): 2 instances; told on 20 Nov",
    ]


def test_who_is_not_known_to_have_been_told_is_not_said_to_have_been() -> None:
    assert quiet_line(MEL, told(ts=""), UTC).endswith("; may have been told on 20 Nov")


def test_whom_nobody_was_found_for_is_listed_with_the_step_at_which_it_failed() -> None:
    assert drawn(before_nudges(Roll("on", unclaimed=unclaimed_lines([NOBODY]), closing=(COVERAGE,)))) == [
        "Nobody to tell:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


def test_afterwards_the_thread_says_who_was_told_who_could_not_be_and_of_whom_that_is_not_known() -> None:
    roll = Roll(
        "on",
        told=("Ada: 1 instance",),
        untold=("Mel: 2 instances: Slack refused it",),
        unknown=("Bob: 3 instances: Slack cannot be asked",),
        unclaimed=unclaimed_lines([NOBODY]),
        closing=(COVERAGE,),
    )
    assert drawn(after_nudges(roll)) == [
        "Told in a direct message:",
        "Ada: 1 instance",
        "Could not be told:",
        "Mel: 2 instances: Slack refused it",
        "May or may not have been told:",
        "Bob: 3 instances: Slack cannot be asked",
        "Nobody to tell:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


@pytest.mark.parametrize("closing", [(), (COVERAGE,)])
def test_where_there_is_nobody_to_speak_of_that_is_said(closing: tuple[str, ...]) -> None:
    for message in (before_nudges(Roll("on", closing=closing)), after_nudges(Roll("on", closing=closing))):
        assert drawn(message) == ["There is no owner to tell.", *closing]


def test_what_is_missing_from_the_thread_is_listed() -> None:
    assert "Missing from this thread:" in drawn(after_nudges(replace(ROLL, missing=("The CSV: Slack refused it",))))


def test_an_owner_is_named_and_not_mentioned() -> None:
    message = before_nudges(ROLL)
    assert message
    assert {node["type"] for node in nodes(message.blocks) if "type" in node} <= {
        *("rich_text", "rich_text_section", "rich_text_list", "text", "context", "plain_text"),
    }
    assert "U1" not in shown(message)


def test_the_notification_counts_each_list() -> None:
    message = after_nudges(replace(ROLL, unclaimed=unclaimed_lines([NOBODY])))
    assert message
    assert message.text == "Owners: told in a direct message: 2, nobody to tell: 1."


def test_three_thousand_owners_fit_and_the_rest_is_counted() -> None:
    everybody = tuple(f"Owner {number} (AGR): 1 instance" for number in range(3_000))
    roll = Roll("on", everybody, everybody, everybody, everybody, everybody, closing=(COVERAGE,))
    for message in (before_nudges(roll), after_nudges(roll), before_nudges(replace(roll, waiting="x" * 9_000))):
        assert "more; the CSV has every instance with its owner." in "\n".join(drawn(message))


def test_an_owner_of_very_many_identifiers_is_still_listed() -> None:
    whose = tuple(f"A{number:03}" for number in range(800))
    assert before_nudges(Roll("on", (label_of(Debts(Owner("U1", "Ada"), whose, ROWS[:1])),)))


LINES = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=9)).map(tuple)


@given(st.builds(Roll, st.sampled_from(["on", "off"]), LINES, LINES, LINES, LINES, LINES, st.text(), LINES))
def test_another_process_draws_the_same_from_what_was_kept_as_json(roll: Roll) -> None:
    assert Roll.from_json(json.loads(json.dumps(roll.to_json()))) == roll


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=5)


@given(st.dictionaries(st.sampled_from([*Roll("on").to_json(), "since", "whose"]), JSON))
def test_what_another_version_kept_is_drawn_as_far_as_it_is_understood(kept: dict[str, Any]) -> None:
    roll = Roll.from_json(kept)
    for message in (before_nudges(roll), after_nudges(roll)):
        check(message)
    for name, held in roll.to_json().items():
        assert isinstance(held, str | list)
        assert not isinstance(kept.get(name), list) or isinstance(held, str) or held == list(map(str, kept[name]))


def test_what_another_version_does_not_say_is_left_out() -> None:
    assert Roll.from_json({"told": ["Ada: 1 instance"], "since": 3}) == Roll(told=("Ada: 1 instance",))
    assert drawn(before_nudges(Roll.from_json({"told": ["Ada: 1 instance"]})))[0] == "Found, and not told:"
