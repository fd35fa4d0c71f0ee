import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.history import LastNudge
from bailiff_bot.domain.owner import Owner, OwnerFindings, UnassignedFindings
from bailiff_bot.slack.blocks.delivery_summary import (
    DeliverySummary,
    after_nudges,
    already_notified_line,
    before_nudges,
    owner_line,
    unassigned_lines,
)
from bailiff_bot.slack.blocks.message import Message
from tests.builders import HOSTILE_TEXTS, days_ago, instance, report
from tests.message_checks import check_message, nodes, visible_text

FOUND = report(instance(1, "agr-a", age=40), instance(2, "mlg-a", age=40), instance(3, "zzz-a"))
ROWS = FOUND.flagged
ADA = OwnerFindings(Owner("U1", "Ada <!here>"), ("AGR",), ROWS[:1])
MEL = OwnerFindings(Owner("U2", "Mel"), ("MLG", "mel@octo.example"), ROWS[:2])
UNKNOWN_OWNER = UnassignedFindings("ZZZ", "the directory does not know it", ROWS[:1])
COVERAGE = "1 of 1 region read, 4 min ago"
DELIVERY_SUMMARY = DeliverySummary("on", notified=(owner_line(ADA), owner_line(MEL)), small_print=(COVERAGE,))


def last_nudge(ts: str = "1.0") -> LastNudge:
    """Return the nudge that Mel got three days ago."""
    return LastNudge("U2", days_ago(3), frozenset(), frozenset(), "D1", ts)


def lines_of(message: Message | None) -> list[str]:
    assert message
    check_message(message)
    return visible_text(message).splitlines()


@pytest.mark.parametrize(
    ("mode", "heading"),
    [
        ("on", "Being told in a direct message:"),
        ("dry-run", "Would be told in a direct message (BAILIFF_NUDGES is dry-run):"),
        ("off", "Found, and not told (BAILIFF_NUDGES is off):"),
    ],
)
def test_the_thread_lists_who_is_notified_or_would_be(mode: str, heading: str) -> None:
    assert lines_of(before_nudges(replace(DELIVERY_SUMMARY, mode=mode))) == [
        heading,
        "Ada <!here> (AGR): 1 instance",
        "Mel (MLG, mel@octo.example): 2 instances",
        COVERAGE,
    ]


def test_a_preview_lists_who_would_be_notified() -> None:
    heading = lines_of(before_nudges(replace(DELIVERY_SUMMARY, mode="preview")))[0]
    assert heading.startswith("Would be told in a direct message")
    assert "dry-run" not in heading


def test_while_the_scan_is_implausible_the_thread_says_why_nobody_is_notified() -> None:
    delivery_summary = replace(DELIVERY_SUMMARY, on_hold="the fleet shrank from 400 to 31 instances")
    assert (
        lines_of(before_nudges(delivery_summary))[0] == "Not told for now, the fleet shrank from 400 to 31 instances:"
    )


def test_owners_who_are_not_notified_again_are_listed_apart_with_the_day() -> None:
    delivery_summary = DeliverySummary(
        "on", notified=(owner_line(ADA),), already_notified=(already_notified_line(MEL, last_nudge(), UTC),)
    )
    assert lines_of(before_nudges(delivery_summary)) == [
        "Being told in a direct message:",
        "Ada <!here> (AGR): 1 instance",
        "Told before, and nothing is new:",
        "Mel (MLG, mel@octo.example): 2 instances; told on 20 Nov",
    ]


def test_an_uncertain_notification_is_not_called_certain() -> None:
    assert already_notified_line(MEL, last_nudge(ts=""), UTC).endswith("; may have been told on 20 Nov")


def test_unassigned_findings_are_listed_with_the_step_that_failed() -> None:
    assert lines_of(
        before_nudges(DeliverySummary("on", unassigned=unassigned_lines([UNKNOWN_OWNER]), small_print=(COVERAGE,)))
    ) == [
        "Nobody to tell:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


def test_the_final_summary_lists_who_was_notified_who_was_not_and_who_is_uncertain() -> None:
    delivery_summary = DeliverySummary(
        "on",
        notified=("Ada: 1 instance",),
        not_notified=("Mel: 2 instances: Slack refused it",),
        uncertain=("Bob: 3 instances: Slack cannot be asked",),
        unassigned=unassigned_lines([UNKNOWN_OWNER]),
        small_print=(COVERAGE,),
    )
    assert lines_of(after_nudges(delivery_summary)) == [
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


@pytest.mark.parametrize("small_print", [(), (COVERAGE,)])
def test_a_summary_without_owners_says_so(small_print: tuple[str, ...]) -> None:
    for message in (
        before_nudges(DeliverySummary("on", small_print=small_print)),
        after_nudges(DeliverySummary("on", small_print=small_print)),
    ):
        assert lines_of(message) == ["There is no owner to tell.", *small_print]


def test_messages_missing_from_the_thread_are_listed() -> None:
    assert "Missing from this thread:" in lines_of(
        after_nudges(replace(DELIVERY_SUMMARY, not_delivered=("The CSV: Slack refused it",)))
    )


def test_an_owner_is_named_and_not_mentioned() -> None:
    message = before_nudges(DELIVERY_SUMMARY)
    assert message
    assert {node["type"] for node in nodes(message.blocks) if "type" in node} <= {
        *("rich_text", "rich_text_section", "rich_text_list", "text", "context", "plain_text"),
    }
    assert "U1" not in visible_text(message)


def test_the_notification_counts_each_list() -> None:
    message = after_nudges(replace(DELIVERY_SUMMARY, unassigned=unassigned_lines([UNKNOWN_OWNER])))
    assert message
    assert message.text == "Owners: told in a direct message: 2, nobody to tell: 1."


def test_three_thousand_owners_fit_and_the_rest_is_counted() -> None:
    everybody = tuple(f"Owner {number} (AGR): 1 instance" for number in range(3_000))
    delivery_summary = DeliverySummary(
        "on", everybody, everybody, everybody, everybody, everybody, small_print=(COVERAGE,)
    )
    for message in (
        before_nudges(delivery_summary),
        after_nudges(delivery_summary),
        before_nudges(replace(delivery_summary, on_hold="x" * 9_000)),
    ):
        assert "more; the CSV has every instance with its owner." in "\n".join(lines_of(message))


def test_an_owner_of_very_many_identifiers_is_still_listed() -> None:
    identifiers = tuple(f"A{number:03}" for number in range(800))
    assert before_nudges(DeliverySummary("on", (owner_line(OwnerFindings(Owner("U1", "Ada"), identifiers, ROWS[:1])),)))


LINES = st.lists(st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=9)).map(tuple)


@given(st.builds(DeliverySummary, st.sampled_from(["on", "off"]), LINES, LINES, LINES, LINES, LINES, st.text(), LINES))
def test_a_summary_survives_a_round_trip_through_json(delivery_summary: DeliverySummary) -> None:
    assert DeliverySummary.from_json(json.loads(json.dumps(delivery_summary.to_json()))) == delivery_summary


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=5)


@given(st.dictionaries(st.sampled_from([*DeliverySummary("on").to_json(), "since", "whose"]), JSON))
def test_json_of_another_version_is_shown_as_far_as_it_is_known(kept: dict[str, Any]) -> None:
    delivery_summary = DeliverySummary.from_json(kept)
    for message in (before_nudges(delivery_summary), after_nudges(delivery_summary)):
        check_message(message)
    for name, value in delivery_summary.to_json().items():
        assert isinstance(value, str | list)
        assert not isinstance(kept.get(name), list) or isinstance(value, str) or value == list(map(str, kept[name]))


def test_missing_keys_of_another_version_are_left_empty() -> None:
    assert DeliverySummary.from_json({"told": ["Ada: 1 instance"], "since": 3}) == DeliverySummary(
        notified=("Ada: 1 instance",)
    )
    assert (
        lines_of(before_nudges(DeliverySummary.from_json({"told": ["Ada: 1 instance"]})))[0] == "Found, and not told:"
    )
