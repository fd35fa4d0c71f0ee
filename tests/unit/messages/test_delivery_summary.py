from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.delivery import Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.delivery_summary import DeliverySummary
from bailiff_bot.domain.history import LastNudge
from bailiff_bot.domain.owner import Owner, OwnerFindings, UnassignedFindings
from bailiff_bot.messages.delivery_summary import (
    after_nudges,
    already_notified_line,
    before_nudges,
    final_summary,
    owner_line,
    unassigned_lines,
)
from bailiff_bot.messages.document import Document
from tests.builders import NOW, days_ago, instance, report
from tests.message_checks import check_message, nodes, rendered, visible_text

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


def lines_of(document: Document) -> list[str]:
    message = rendered(document)
    check_message(message)
    return visible_text(message).splitlines()


@pytest.mark.parametrize(
    ("mode", "heading"),
    [
        ("on", "Owners being notified:"),
        ("dry-run", "Owners who would be notified (BAILIFF_NUDGES is dry-run):"),
        ("off", "Owners found, not notified (BAILIFF_NUDGES is off):"),
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
    assert heading.startswith("Owners who would be notified")
    assert "dry-run" not in heading


def test_while_the_scan_is_implausible_the_thread_says_why_nobody_is_notified() -> None:
    delivery_summary = replace(DELIVERY_SUMMARY, on_hold="the fleet shrank from 400 to 31 instances")
    assert (
        lines_of(before_nudges(delivery_summary))[0]
        == "Owners not notified for now (the fleet shrank from 400 to 31 instances):"
    )


def test_owners_who_are_not_notified_again_are_listed_apart_with_the_day() -> None:
    delivery_summary = DeliverySummary(
        "on", notified=(owner_line(ADA),), already_notified=(already_notified_line(MEL, last_nudge(), UTC),)
    )
    assert lines_of(before_nudges(delivery_summary)) == [
        "Owners being notified:",
        "Ada <!here> (AGR): 1 instance",
        "Already notified, nothing new:",
        "Mel (MLG, mel@octo.example): 2 instances; notified on 20 Nov",
    ]


def test_an_uncertain_notification_is_not_called_certain() -> None:
    assert already_notified_line(MEL, last_nudge(ts=""), UTC).endswith("; may have been notified on 20 Nov")


def test_unassigned_findings_are_listed_with_the_step_that_failed() -> None:
    assert lines_of(
        before_nudges(DeliverySummary("on", unassigned=unassigned_lines([UNKNOWN_OWNER], UTC), small_print=(COVERAGE,)))
    ) == [
        "No owner found:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


def test_the_final_summary_lists_who_was_notified_who_was_not_and_who_is_uncertain() -> None:
    delivery_summary = DeliverySummary(
        "on",
        notified=("Ada: 1 instance",),
        not_notified=("Mel: 2 instances: Slack refused it",),
        uncertain=("Bob: 3 instances: Slack cannot be asked",),
        unassigned=unassigned_lines([UNKNOWN_OWNER], UTC),
        small_print=(COVERAGE,),
    )
    assert lines_of(after_nudges(delivery_summary)) == [
        "Owners notified:",
        "Ada: 1 instance",
        "Could not be notified:",
        "Mel: 2 instances: Slack refused it",
        "Notification uncertain:",
        "Bob: 3 instances: Slack cannot be asked",
        "No owner found:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


@pytest.mark.parametrize("small_print", [(), (COVERAGE,)])
def test_a_summary_without_owners_says_so(small_print: tuple[str, ...]) -> None:
    for message in (
        before_nudges(DeliverySummary("on", small_print=small_print)),
        after_nudges(DeliverySummary("on", small_print=small_print)),
    ):
        assert lines_of(message) == ["There is no owner to notify.", *small_print]


def test_messages_missing_from_the_thread_are_listed() -> None:
    assert "Not delivered in this thread:" in lines_of(
        after_nudges(replace(DELIVERY_SUMMARY, not_delivered=("The CSV: Slack refused it",)))
    )


def test_an_owner_is_named_and_not_mentioned() -> None:
    message = rendered(before_nudges(DELIVERY_SUMMARY))
    assert {node["type"] for node in nodes(message.blocks) if "type" in node} <= {
        *("rich_text", "rich_text_section", "rich_text_list", "text", "context", "plain_text"),
    }
    assert "U1" not in visible_text(message)


def test_the_notification_counts_each_list() -> None:
    document = after_nudges(replace(DELIVERY_SUMMARY, unassigned=unassigned_lines([UNKNOWN_OWNER], UTC)))
    assert document.summary == "Owners notified: 2, no owner found: 1."


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
        assert "more: in the CSV." in "\n".join(lines_of(message))


def test_an_owner_of_very_many_identifiers_is_still_listed() -> None:
    identifiers = tuple(f"A{number:03}" for number in range(800))
    assert before_nudges(DeliverySummary("on", (owner_line(OwnerFindings(Owner("U1", "Ada"), identifiers, ROWS[:1])),)))


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=5)


@given(st.dictionaries(st.sampled_from([*DeliverySummary("on").to_json(), "since", "whose"]), JSON))
def test_json_of_another_version_is_shown_as_far_as_it_is_known(kept: dict[str, Any]) -> None:
    delivery_summary = DeliverySummary.from_json(kept)
    for document in (before_nudges(delivery_summary), after_nudges(delivery_summary)):
        check_message(rendered(document))


def test_a_summary_without_a_mode_says_that_owners_were_found() -> None:
    summary = DeliverySummary.from_json({"told": ["Ada: 1 instance"]})
    assert lines_of(before_nudges(summary))[0] == "Owners found, not notified:"


def delivery(kind: MessageKind, label: str, state: DeliveryState, reason: str = "") -> Delivery:
    return Delivery(label, "batch", kind, "U1", "name", label, {}, state, NOW, None, reason=reason)


def test_the_final_message_says_what_became_of_each_delivery() -> None:
    deliveries = (
        delivery(MessageKind.PARENT, "The digest", DeliveryState.SENT),
        delivery(MessageKind.FILE, "The CSV", DeliveryState.REFUSED, "too large"),
        delivery(MessageKind.DIRECT, "Ada: 1 instance", DeliveryState.SENT),
        delivery(MessageKind.DIRECT, "Mel: 2 instances", DeliveryState.EXPIRED, "it was too late"),
        delivery(MessageKind.DIRECT, "Bob: 3 instances", DeliveryState.UNKNOWN, "Slack cannot be asked"),
        delivery(MessageKind.EDIT, "An edit", DeliveryState.EXPIRED, "it was too late"),
    )
    document = final_summary(DELIVERY_SUMMARY.to_json(), deliveries)
    assert document
    assert lines_of(document) == [
        "Owners notified:",
        "Ada: 1 instance",
        "Could not be notified:",
        "Mel: 2 instances: it was too late",
        "Notification uncertain:",
        "Bob: 3 instances: Slack cannot be asked",
        "Not delivered in this thread:",
        "The CSV: too large",
        COVERAGE,
    ]


def test_there_is_no_final_message_if_nobody_was_to_be_notified_and_nothing_is_missing() -> None:
    parent = delivery(MessageKind.PARENT, "The digest", DeliveryState.SENT)
    context = replace(DELIVERY_SUMMARY, mode="off").to_json()
    assert final_summary(context, [parent]) is None
    document = final_summary(context, [parent, delivery(MessageKind.REPLY, "Tables", DeliveryState.REFUSED, "no")])
    assert document
    assert lines_of(document)[0] == "Owners found, not notified (BAILIFF_NUDGES is off):"
    assert "Tables: no" in lines_of(document)


def test_exemptions_that_were_extended_again_are_listed_for_administrators() -> None:
    line = "agr-box (i-1): kept until 2026-12-07, the 2nd extension, by Ada Granger: a demo"
    summary = replace(DELIVERY_SUMMARY, extended=(line,))
    assert DeliverySummary.from_json(summary.to_json()) == summary
    shown = lines_of(before_nudges(summary))
    assert shown[shown.index("Kept for longer again, for administrators:") + 1] == line
