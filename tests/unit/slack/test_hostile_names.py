"""Names, tags, controllers, identifiers and people of any kind: no message is refused, and none does harm.

100 fleets of 100 names each. Every test sees the same fleets, so that their messages are drawn once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC

from hypothesis import given, seed

from bailiff_bot.domain.owner import owners_of
from bailiff_bot.domain.report import Apart
from bailiff_bot.render.columns import name
from bailiff_bot.render.words import title
from bailiff_bot.service import Digest, Mine, Untold
from bailiff_bot.slack.commands import usage
from bailiff_bot.slack.message import Message
from bailiff_bot.slack.owing import mine, nudge
from bailiff_bot.slack.owners import after_nudges, before_nudges
from bailiff_bot.slack.summary import full_report_button, share_button, summary
from bailiff_bot.slack.tables import MAX_MESSAGES, table_messages
from tests.unit.builders import NOW, Fleet, fleets, many, names
from tests.unit.slack.looking import check, disorderly, grid, linked, nodes


@dataclass(frozen=True)
class Drawn:
    """Everything that is posted about a fleet."""

    summary: Message
    tables: tuple[Message, ...]
    owing: tuple[Message, ...]


_DRAWN: dict[str, Drawn] = {}


def drawn(fleet: Fleet) -> Drawn:
    key = repr((fleet.inventory, fleet.report.policy, fleet.owners, fleet.people))
    if key not in _DRAWN:
        shown = summary(fleet.report, NOW, buttons=(share_button(), full_report_button()), note="A note.")
        _DRAWN[key] = Drawn(shown, tuple(table_messages(fleet.report, NOW, UTC)), tuple(owing_messages(fleet)))
    return _DRAWN[key]


def owing_messages(fleet: Fleet) -> Iterator[Message]:
    """The direct messages, the answers to `mine`, and the words on the owners."""
    debts, unclaimed = owners_of(fleet.report, fleet.owners)
    for one in debts:
        yield nudge(one, fleet.report, NOW, "#cloud-costs")
    for whose in sorted({row.identity.whose for row in fleet.report.rows if row.identity.whose}):
        part = fleet.report.only(lambda row, whose=whose: row.identity.whose == whose)  # type: ignore[misc]
        yield mine(Mine(part, whose, (whose,), shared=("DUO",)), NOW, buttons=True, note="A note.")
    for nudges in ("on", "dry-run", "off"):
        if told := before_nudges(Digest(fleet.report, debts, unclaimed, nudges), NOW):
            yield told
    failures = tuple(Untold(one, "Slack refused chat_postMessage: not_in_channel") for one in debts[::2])
    if told := after_nudges(Digest(fleet.report, debts, unclaimed, "on"), failures, NOW):
        yield told


def for_any_fleet(test: Callable[[Fleet], None]) -> Callable[[], None]:
    """Have a test see 100 fleets of 100 names, the same as the others see."""
    seen: Callable[[], None] = seed(1)(many(100)(given(fleets(100))(test)))
    return seen


@for_any_fleet
def test_the_summary_is_accepted_and_harmless(fleet: Fleet) -> None:
    check(drawn(fleet).summary, fleet.report)


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
    for message in (drawn(fleet).summary, *drawn(fleet).tables, *drawn(fleet).owing):
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
    assert table_messages(fleet.report, NOW, UTC) == table_messages(fleet.report, NOW, UTC)
    assert summary(fleet.report, NOW) == summary(fleet.report, NOW)
