"""Names, tags, controllers, identifiers and people of any kind: no message is refused, and none does harm.

100 fleets of 100 names each. Every test sees the same fleets, so that their messages are drawn once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from hypothesis import given, seed

from bailiff_bot.domain.changes import Changes, compare
from bailiff_bot.domain.history import Memory, Nudged, Point, keys_of, left_of
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.owner import Debts, NoOwner, addresses, owners_of
from bailiff_bot.domain.report import Apart, judge
from bailiff_bot.messages.changes_text import story_of
from bailiff_bot.messages.wording import small_print, title
from bailiff_bot.render.columns import name
from bailiff_bot.slack.blocks.delivery_summary import (
    Roll,
    after_nudges,
    before_nudges,
    label_of,
    quiet_line,
    unclaimed_lines,
)
from bailiff_bot.slack.blocks.message import Message
from bailiff_bot.slack.blocks.owner_messages import Aftermath, mine, nudge, nudge_left, nudge_settled, nudge_superseded
from bailiff_bot.slack.blocks.summary import full_report_button, share_button, summary
from bailiff_bot.slack.blocks.tables import MAX_MESSAGES, table_messages
from bailiff_bot.slack.handlers.commands import usage
from bailiff_bot.usecases.reports import Mine
from tests.builders import IRELAND, NOW, PARIS, Fleet, days, fleets, many, names
from tests.message_checks import AGO, check, disorderly, grid, linked, nodes


@dataclass(frozen=True)
class Drawn:
    """Everything that is posted about a fleet."""

    summary: Message
    digests: tuple[Message, ...]
    """The first, and one that has something to tell of everything."""
    tables: tuple[Message, ...]
    owing: tuple[Message, ...]


_DRAWN: dict[str, Drawn] = {}


def drawn(fleet: Fleet) -> Drawn:
    key = repr((fleet.inventory, fleet.report.policy, fleet.owners, fleet.people))
    if key not in _DRAWN:
        shown = summary(fleet.report, AGO, buttons=(share_button(), full_report_button()), note="A note.")
        tables = tuple(table_messages(fleet.report, UTC))
        _DRAWN[key] = Drawn(shown, tuple(digests(fleet)), tables, tuple(owing_messages(fleet)))
    return _DRAWN[key]


def halves(fleet: Fleet) -> tuple[Inventory, Changes, Memory]:
    """An inventory in which half of what owed is gone or out of sight, what that changes, and what was owed before."""
    found = fleet.inventory
    first = compare(fleet.report, fleet.owners, found, Memory(), doubted=False)
    left = replace(found, instances=found.instances[::2], read=(IRELAND, PARIS), at=NOW)
    earlier = tuple(replace(one, first=days(400), last=days(1)) for one in first.sightings[1:])
    points = tuple(Point(days(20 - number), 10**number, 10**9, complete=number % 3 > 0) for number in range(20))
    return left, first, Memory(earlier, points=points)


def digests(fleet: Fleet) -> Iterator[Message]:
    left, first, memory = halves(fleet)
    yield summary(fleet.report, AGO, note="A note.", story=story_of(fleet.report, first, Memory(), UTC))
    report = judge(left, fleet.people, fleet.report.policy, NOW)
    owners = {**dict.fromkeys(addresses(report), NoOwner("a guest in Slack")), **fleet.owners}
    for doubts in ((), ("the fleet shrank",)):
        changes = compare(report, owners, left, memory, doubted=bool(doubts))
        told = replace(report, doubts=doubts)
        yield summary(told, AGO, note="A note.", story=story_of(told, changes, memory, UTC))
    read = replace(report.coverage, unread=())
    well = replace(report.only(lambda row: not row.findings), people_gaps=(), coverage=read)
    yield summary(well, AGO, story=story_of(well, changes, memory, UTC))


def edits(fleet: Fleet, debts: Sequence[Debts]) -> Iterator[Message]:
    """What takes the places of earlier direct messages."""
    left, _, memory = halves(fleet)
    report = judge(left, fleet.people, fleet.report.policy, NOW)
    owners = {**dict.fromkeys(addresses(report), NoOwner("a guest in Slack")), **fleet.owners}
    for one in debts:
        keys = keys_of(one.rows)
        nudged = Nudged(one.owner.user_id, days(1), keys, keys, "D1", "1.0")
        changes = compare(report, owners, left, replace(memory, nudged={"U1": nudged}), doubted=False)
        still = left_of(nudged, keys_of(report.owing), changes.unsure.keys())
        after = Aftermath(nudged, still, keys & keys_of(report.owing), report, changes)
        if still:
            yield nudge_left(after, UTC, "#cloud-costs")
        yield nudge(one, fleet.report, UTC, "#cloud-costs", nudged)
        yield nudge_settled(after, UTC)
        yield nudge_superseded(nudged, UTC)


def owing_messages(fleet: Fleet) -> Iterator[Message]:
    """The direct messages, the answers to `mine`, and the words on the owners."""
    debts, unclaimed = owners_of(fleet.report, fleet.owners)
    for one in debts:
        yield nudge(one, fleet.report, UTC, "#cloud-costs")
    for whose in sorted({row.identity.whose for row in fleet.report.rows if row.identity.whose}):
        part = fleet.report.only(lambda row, whose=whose: row.identity.whose == whose)  # type: ignore[misc]
        yield mine(Mine(part, whose, (whose,), shared=("DUO",)), AGO, buttons=True, note="A note.")
    yield from edits(fleet, debts)
    labels = tuple(map(label_of, debts))
    refused = tuple(f"{label}: Slack refused chat_postMessage: not_in_channel" for label in labels)
    told = Nudged("U1", NOW, frozenset(), frozenset(), "D1", "1.0")
    quiet = tuple(quiet_line(one, told, UTC) for one in debts)
    closing = tuple(small_print(fleet.report, AGO))
    for mode in ("on", "dry-run", "off"):
        roll = Roll(mode, labels, quiet, refused, refused, unclaimed_lines(unclaimed), closing=closing)
        yield from filter(None, (before_nudges(roll), after_nudges(roll)))


def for_any_fleet(test: Callable[[Fleet], None]) -> Callable[[], None]:
    """Have a test see 100 fleets of 100 names, the same as the others see."""
    seen: Callable[[], None] = seed(1)(many(100)(given(fleets(100))(test)))
    return seen


@for_any_fleet
def test_the_summary_is_accepted_and_harmless(fleet: Fleet) -> None:
    check(drawn(fleet).summary, fleet.report)


@for_any_fleet
def test_the_digests_are_accepted_and_harmless(fleet: Fleet) -> None:
    for message in drawn(fleet).digests:
        check(message, fleet.report)


@for_any_fleet
def test_the_tables_are_accepted_and_harmless(fleet: Fleet) -> None:
    assert len(drawn(fleet).tables) <= MAX_MESSAGES
    for message in drawn(fleet).tables:
        check(message, fleet.report)


@for_any_fleet
def test_the_messages_to_and_about_owners_are_accepted_and_harmless(fleet: Fleet) -> None:
    for message in drawn(fleet).owing:
        check(message, fleet.report)


@for_any_fleet
def test_each_name_arrives_unchanged_in_a_cell_of_its_own(fleet: Fleet) -> None:
    by_id = {one.id: one for one in fleet.inventory.instances}
    for message in drawn(fleet).tables:
        for block in message.blocks:
            if block["type"] != "data_table" or block["caption"].startswith(title(Apart.MANAGED, fleet.report.policy)):
                continue
            for row in grid(block):
                shown = by_id[linked(row["Instance"])]
                assert row["Name"] == {"type": "raw_text", "text": name(shown)}


@for_any_fleet
def test_each_name_among_the_worst_arrives_unchanged_in_a_link_of_its_own(fleet: Fleet) -> None:
    links = [node["text"] for node in nodes(drawn(fleet).summary.blocks) if node.get("type") == "link"]
    worst = [row.instance for row in fleet.report.worst(5) if not row.controller]
    assert links == [one.id if one.name is None else f"{name(one)} ({one.id})" for one in worst]


@for_any_fleet
def test_nothing_in_any_message_turns_the_direction_of_writing(fleet: Fleet) -> None:
    for message in (drawn(fleet).summary, *drawn(fleet).digests, *drawn(fleet).tables, *drawn(fleet).owing):
        assert disorderly(message) == []
        assert disorderly(message.fallback()) == []


@many(100)
@given(names(10))
def test_whatever_is_typed_the_help_is_accepted_and_harmless(typed: list[str]) -> None:
    for words in typed:
        check(usage(words))


@many(5)
@given(fleets(30))
def test_the_same_report_makes_the_same_messages(fleet: Fleet) -> None:
    assert table_messages(fleet.report, UTC) == table_messages(fleet.report, UTC)
    assert summary(fleet.report, AGO) == summary(fleet.report, AGO)
