"""For any names, tags, controllers, identifiers and people, Slack accepts each message, and none is harmful.

100 fleets with 100 names each. Every test gets the same fleets, so their messages are built once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from hypothesis import given, seed

from bailiff_bot.domain.changes import Changes, compare
from bailiff_bot.domain.delivery_summary import DeliverySummary
from bailiff_bot.domain.history import DigestHistory, LastNudge, TrendPoint, finding_keys, remaining_findings
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.nudge_update import NudgeUpdate
from bailiff_bot.domain.owner import NoOwner, OwnerFindings, findings_by_owner, owner_addresses
from bailiff_bot.domain.report import OtherTable, judge
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.messages.answers import usage
from bailiff_bot.messages.buttons import full_report_button, share_button
from bailiff_bot.messages.changes_text import changes_text
from bailiff_bot.messages.delivery_summary import (
    after_nudges,
    already_notified_line,
    before_nudges,
    owner_line,
    unassigned_lines,
)
from bailiff_bot.messages.document import Buttons, Document
from bailiff_bot.messages.owner_messages import mine, nudge, nudge_fixed, nudge_partly_fixed, nudge_superseded
from bailiff_bot.messages.rule_texts import title
from bailiff_bot.messages.summary import summary
from bailiff_bot.messages.tables import thread_tables
from bailiff_bot.messages.wording import small_print
from bailiff_bot.render.columns import name
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.usecases.report_messages import MAX_TABLE_MESSAGES
from tests.builders import IRELAND, NOW, PARIS, Fleet, count_gaps, days_ago, example_count, fleets, names, part_of
from tests.message_checks import (
    SCAN_AGE,
    Message,
    check_message,
    link_text,
    nodes,
    rendered,
    table_rows,
    texts_with_control_characters,
)


@dataclass(frozen=True)
class FleetMessages:
    """All messages about a fleet."""

    summary: Message
    digests: tuple[Message, ...]
    """A first digest, later ones with every kind of change, and one without findings."""
    tables: tuple[Message, ...]
    owner_messages: tuple[Message, ...]


QUERY = ReportQuery(View.REPORT)
_CACHE: dict[str, FleetMessages] = {}


def messages_of(fleet: Fleet) -> FleetMessages:
    key = repr((fleet.inventory, fleet.report.policy, fleet.owners, fleet.people))
    if key not in _CACHE:
        buttons = Buttons((share_button(QUERY), full_report_button(QUERY)))
        shown = rendered(summary(fleet.report, SCAN_AGE, buttons=buttons, note="A note."))
        owner_messages = tuple(map(rendered, owner_messages_of(fleet)))
        tables = tuple(table_messages(fleet))
        _CACHE[key] = FleetMessages(shown, tuple(map(rendered, digests(fleet))), tables, owner_messages)
    return _CACHE[key]


def table_messages(fleet: Fleet) -> list[Message]:
    return [Message(payload) for payload in pages(thread_tables(fleet.report, UTC), MAX_TABLE_MESSAGES)]


def half_remaining(fleet: Fleet) -> tuple[Inventory, Changes, DigestHistory]:
    """Return an inventory in which half of the instances are gone or unread, the first changes, and a history."""
    found = fleet.inventory
    first = compare(fleet.report, fleet.owners, found, DigestHistory())
    remaining_inventory = replace(found, instances=found.instances[::2], read=(IRELAND, PARIS), scanned_at=NOW)
    earlier = tuple(replace(one, first_seen=days_ago(400), last_seen=days_ago(1)) for one in first.open_findings[1:])
    points = tuple(
        TrendPoint(days_ago(20 - number), 10**number, 10**9, complete=number % 3 > 0) for number in range(20)
    )
    return remaining_inventory, first, DigestHistory(earlier, trend=points)


def digests(fleet: Fleet) -> Iterator[Document]:
    remaining_inventory, first, history = half_remaining(fleet)
    yield summary(
        fleet.report, SCAN_AGE, note="A note.", changes_text=changes_text(fleet.report, first, DigestHistory(), UTC)
    )
    for gaps in ((), count_gaps("the fleet shrank")):
        report = judge(Snapshot(remaining_inventory, fleet.people, gaps), fleet.report.policy, NOW)
        owners = {**dict.fromkeys(owner_addresses(report), NoOwner("a guest in Slack")), **fleet.owners}
        changes = compare(report, owners, remaining_inventory, history)
        yield summary(report, SCAN_AGE, note="A note.", changes_text=changes_text(report, changes, history, UTC))
    well = replace(part_of(report, lambda row: not row.findings), gaps=())
    yield summary(well, SCAN_AGE, changes_text=changes_text(well, changes, history, UTC))


def edited_nudges(fleet: Fleet, owner_findings: Sequence[OwnerFindings]) -> Iterator[Document]:
    """Yield the messages that replace earlier nudges."""
    remaining_inventory, _, history = half_remaining(fleet)
    report = judge(Snapshot(remaining_inventory, fleet.people), fleet.report.policy, NOW)
    owners = {**dict.fromkeys(owner_addresses(report), NoOwner("a guest in Slack")), **fleet.owners}
    for one in owner_findings:
        keys = finding_keys(one.rows)
        last_nudge = LastNudge(one.owner.user_id, days_ago(1), keys, keys, "D1", "1.0")
        changes = compare(report, owners, remaining_inventory, replace(history, last_nudges={"U1": last_nudge}))
        still = remaining_findings(last_nudge, finding_keys(report.flagged), changes.undetermined.keys())
        after = NudgeUpdate(last_nudge, still, keys & finding_keys(report.flagged), report, changes)
        if still:
            yield nudge_partly_fixed(after, UTC, "#cloud-costs")
        yield nudge(one, fleet.report, UTC, "#cloud-costs", last_nudge)
        yield nudge_fixed(after, UTC)
        yield nudge_superseded(last_nudge, UTC)


def owner_messages_of(fleet: Fleet) -> Iterator[Document]:
    """Yield the nudges, the answers to `mine`, and the delivery summaries."""
    owner_findings, unassigned = findings_by_owner(fleet.report, fleet.owners)
    for one in owner_findings:
        yield nudge(one, fleet.report, UTC, "#cloud-costs")
    for owner_key in sorted({owner_key for row in fleet.report.rows for owner_key in row.identity.owner_keys}):
        part = part_of(fleet.report, lambda row, owner_key=owner_key: owner_key in row.identity.owner_keys)  # type: ignore[misc]
        yield mine(
            ReportPart(part, ReportFilter(owners=(owner_key,)), (owner_key,), ambiguous=("DUO",)),
            SCAN_AGE,
            buttons=Buttons((full_report_button(ReportQuery(View.MINE, ReportFilter(owners=(owner_key,)))),)),
            note="A note.",
        )
    yield from edited_nudges(fleet, owner_findings)
    labels = tuple(map(owner_line, owner_findings))
    refused = tuple(f"{label}: Slack refused chat_postMessage: not_in_channel" for label in labels)
    last_nudge = LastNudge("U1", NOW, frozenset(), frozenset(), "D1", "1.0")
    already_notified = tuple(already_notified_line(one, last_nudge, UTC) for one in owner_findings)
    coverage = tuple(small_print(fleet.report, SCAN_AGE))
    for mode in ("on", "dry-run", "off"):
        delivery_summary = DeliverySummary(
            mode, labels, already_notified, refused, refused, unassigned_lines(unassigned, UTC), small_print=coverage
        )
        yield from (before_nudges(delivery_summary), after_nudges(delivery_summary))


def for_any_fleet(test: Callable[[Fleet], None]) -> Callable[[], None]:
    """Run a test with the same 100 fleets as the other tests."""
    decorated: Callable[[], None] = seed(1)(example_count(100)(given(fleets(100))(test)))
    return decorated


@for_any_fleet
def test_the_summary_is_accepted_and_harmless(fleet: Fleet) -> None:
    check_message(messages_of(fleet).summary, fleet.report)


@for_any_fleet
def test_the_digests_are_accepted_and_harmless(fleet: Fleet) -> None:
    for message in messages_of(fleet).digests:
        check_message(message, fleet.report)


@for_any_fleet
def test_the_tables_are_accepted_and_harmless(fleet: Fleet) -> None:
    assert len(messages_of(fleet).tables) <= MAX_TABLE_MESSAGES
    for message in messages_of(fleet).tables:
        check_message(message, fleet.report)


@for_any_fleet
def test_the_messages_to_and_about_owners_are_accepted_and_harmless(fleet: Fleet) -> None:
    for message in messages_of(fleet).owner_messages:
        check_message(message, fleet.report)


@for_any_fleet
def test_each_name_arrives_unchanged_in_a_cell_of_its_own(fleet: Fleet) -> None:
    by_id = {one.id: one for one in fleet.inventory.instances}
    for message in messages_of(fleet).tables:
        for block in message.blocks:
            if block["type"] != "data_table" or block["caption"].startswith(
                title(OtherTable.MANAGED, fleet.report.policy)
            ):
                continue
            for row in table_rows(block):
                shown = by_id[link_text(row["Instance"])]
                assert row["Name"] == {"type": "raw_text", "text": name(shown)}


@for_any_fleet
def test_each_name_among_the_most_urgent_arrives_unchanged_in_a_link_of_its_own(fleet: Fleet) -> None:
    links = [node["text"] for node in nodes(messages_of(fleet).summary.blocks) if node.get("type") == "link"]
    most_urgent = [row.instance for row in fleet.report.most_urgent(5) if not row.controller]
    assert links == [one.id if one.name is None else f"{name(one)} ({one.id})" for one in most_urgent]


@for_any_fleet
def test_no_message_changes_the_writing_direction(fleet: Fleet) -> None:
    for message in (
        messages_of(fleet).summary,
        *messages_of(fleet).digests,
        *messages_of(fleet).tables,
        *messages_of(fleet).owner_messages,
    ):
        assert texts_with_control_characters(message) == []
        assert texts_with_control_characters(message.fallback()) == []


@example_count(100)
@given(names(10))
def test_the_help_for_any_text_is_accepted_and_harmless(typed: list[str]) -> None:
    for words in typed:
        check_message(rendered(usage(words)))


@example_count(5)
@given(fleets(30))
def test_the_same_report_makes_the_same_messages(fleet: Fleet) -> None:
    assert table_messages(fleet) == table_messages(fleet)
    assert rendered(summary(fleet.report, SCAN_AGE)) == rendered(summary(fleet.report, SCAN_AGE))
