"""The Home tab: one's own instances in pages, and for administrators all of them."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditEntry, AuditRecord, AuditResult, Person
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import DigestHistory, TrendPoint
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.offer import HOME, Offer
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.messages.buttons import HOME_NEXT, HOME_PREVIOUS, KEEP, UNDO
from bailiff_bot.messages.document import Document, Item
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.slack.blocks.render import render_view
from bailiff_bot.usecases.home import Home
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, IRELAND, NOW, days_ago, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import (
    FakeDelegationStore,
    FakeExemptionStore,
    FakeOfferStore,
    FakeOwnershipStore,
    FakeResultStore,
)
from tests.message_checks import meaningless_fields, nodes, strings

ADA, ADMIN, MAIL = "U1", "U9", "agr@octo.example"
ALL, NONE = frozenset(Action), frozenset[Action]()
OTHERS = instance(900, "mlg-a", age=40)
OTHER_SUBJECT = instance_subject(OTHERS)


class FakeHistory:
    def __init__(self, *trend: TrendPoint) -> None:
        self.trend = trend

    def load(self) -> DigestHistory:
        return DigestHistory(trend=self.trend)


class FakeAudit:
    def __init__(self, *records: AuditRecord) -> None:
        self.entries = tuple(AuditEntry(number, record, "") for number, record in enumerate(records, 1))

    def latest(self, count: int) -> tuple[AuditEntry, ...]:
        return self.entries[-count:]


def own(count: int) -> tuple[Instance, ...]:
    """Return instances of Ada, the most urgent first."""
    return tuple(instance(number, f"agr-{number}", age=300 - number) for number in range(1, count + 1))


def home(
    *instances: Instance,
    enabled: frozenset[Action] = ALL,
    grants: tuple[Grant, ...] = (),
    results: tuple[ActionResult, ...] = (),
    records: tuple[AuditRecord, ...] = (),
    trend: tuple[TrendPoint, ...] = (),
) -> Home:
    clock, exemptions = FakeClock(NOW), FakeExemptionStore(*grants)
    source = FakeSnapshotSource(Snapshot(inventory((*instances, OTHERS)), DIRECTORY))
    reports = Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, exemptions, FakeOwnershipStore()
    )
    offers = FakeOfferStore()
    actions = OwnActions(Offers(enabled, clock), offers, FakeResultStore(*results), FakeDelegationStore(), clock)
    admins = frozenset({ADMIN})
    return Home(reports, UTC, actions, offers, exemptions, FakeHistory(*trend), FakeAudit(*records), admins)


def grant(number: int, subject: Subject, by: str = ADA) -> Grant:
    until = NOW + timedelta(days=number)
    return Grant(f"g{number}", subject, frozenset(RuleId), until, "a demo", by, "Ada Granger", days_ago(1))


def kept(one: Instance) -> ActionResult:
    subject = instance_subject(one)
    offer = Offer(f"key of {one.id}", subject, f"{one.name} ({one.id})", ADA, HOME, NOW)
    return ActionResult(offer, Action.KEEP, ADA, "Ada Granger", NOW, one.id, NOW + timedelta(days=9), "a demo")


def headlines(documents: tuple[Document, ...]) -> list[str]:
    return [document.headline for document in documents]


def text(documents: tuple[Document, ...]) -> str:
    blocks = render_view(documents)
    assert problems(blocks, "home") == []
    assert meaningless_fields(blocks) == []
    return "\n".join(strings(blocks))


def button_values(documents: tuple[Document, ...], key: str) -> list[str]:
    return [node["value"] for node in nodes(render_view(documents)) if node.get("action_id") == key]


def listed(documents: tuple[Document, ...]) -> int:
    return sum(isinstance(part, Item) for part in documents[0].parts)


def test_it_shows_ones_own_instances_and_the_help() -> None:
    documents = home(*own(2)).sections(ADA, MAIL)
    assert headlines(documents) == ["AGR: 2 of 2 instances break a rule", ""]
    assert len(button_values(documents, KEEP)) == 2
    assert "agr-1 (" in text(documents)
    assert "mlg-a" not in text(documents)
    assert "1 of 1 region read, 23 Nov, 08:56 UTC" in text(documents)
    assert "Page" not in text(documents)


@pytest.mark.parametrize("address", ["", "bill@octo.example"])
def test_a_person_without_instances_gets_the_help(address: str) -> None:
    assert headlines(home(*own(1)).sections(ADA, address)) == [""]


def test_without_actions_there_are_only_links_to_the_console() -> None:
    documents = home(*own(1), enabled=NONE).sections(ADA, MAIL)
    assert {node["action_id"] for node in nodes(render_view(documents)) if "action_id" in node} == {"bailiff_link"}


@pytest.mark.parametrize(
    ("page", "first", "buttons", "line"),
    [
        (1, "agr-1 (", ([], ["2"]), "Page 1 of 3: 1 to 20 of 45."),
        (2, "agr-21 (", (["1"], ["3"]), "Page 2 of 3: 21 to 40 of 45."),
        (3, "agr-41 (", (["2"], []), "Page 3 of 3: 41 to 45 of 45."),
        (99, "agr-41 (", (["2"], []), "Page 3 of 3: 41 to 45 of 45."),
    ],
)
def test_long_lists_have_pages(page: int, first: str, buttons: tuple[list[str], list[str]], line: str) -> None:
    documents = home(*own(45)).sections(ADA, MAIL, page)
    shown = text(documents)
    assert first in next(one for one in shown.splitlines() if "(i-" in one)
    assert (button_values(documents, HOME_PREVIOUS), button_values(documents, HOME_NEXT)) == buttons
    assert line in shown


def test_after_a_click_the_page_is_the_same() -> None:
    tab, stored = home(*own(45)), FakeOfferStore()
    tab = replace(tab, own_actions=replace(tab.own_actions, offer_store=stored), offers=stored)
    shown = tab.sections(ADA, MAIL, 2)
    clicked = next(one for one in stored.offers if one.key == button_values(shown, KEEP)[0])
    assert "Page 2 of 3" in text(tab.after_click(ADA, MAIL, clicked))
    assert "Page 1 of 3" in text(tab.after_click(ADA, MAIL, replace(clicked, subject=OTHER_SUBJECT, at=days_ago(9))))


def test_it_never_has_more_than_100_blocks_and_a_page_is_whole() -> None:
    grants = tuple(grant(number, Subject(IRELAND, f"i-{number}")) for number in range(1, 40))
    record = AuditRecord(NOW, Person(ADA, "Ada"), "keep", AuditResult.DONE, instance_subject(own(1)[0]))
    trend = tuple(TrendPoint(days_ago(number), number, 50, complete=True) for number in range(20, 0, -1))
    results = tuple(map(kept, own(40)))
    tab = home(*own(60), grants=grants, results=results, records=(record,) * 30, trend=trend)
    documents = replace(tab, admins=frozenset({ADA})).sections(ADA, MAIL, 2)
    blocks = render_view(documents)
    assert len(blocks) <= 100
    assert len(button_values(documents, KEEP)) == 20
    assert len(button_values(documents, UNDO)) == 16
    assert problems(blocks, "home") == []


def test_it_lists_the_exemptions_that_one_granted_and_those_on_ones_instances() -> None:
    mine, gone = own(1)[0], Subject(IRELAND, "i-gone")
    grants = (
        grant(2, instance_subject(mine), by="U2"),
        grant(1, gone, by=ADA),
        grant(3, instance_subject(OTHERS), by="U2"),
    )
    documents = home(mine, grants=grants).sections(ADA, MAIL)
    [section] = [document for document in documents if document.headline == "Your exemptions"]
    lines = text((section,))
    assert f"agr-1 ({mine.id})" in lines
    assert "until 2026-11-25: a demo (Ada Granger)" in lines
    assert lines.index("i-gone") < lines.index("agr-1")
    assert "mlg-a" not in lines


def test_exemptions_that_are_not_listed_are_counted() -> None:
    grants = tuple(grant(number, Subject(IRELAND, f"i-{number}")) for number in range(1, 8))
    assert "2 more." in text(home(grants=grants).sections(ADA, ""))


def test_an_administrator_sees_all_instances_the_trend_and_the_latest_actions() -> None:
    record = AuditRecord(NOW, Person(ADA, "Ada Granger"), "keep", AuditResult.REFUSED, instance_subject(OTHERS), "x")
    trend = (TrendPoint(days_ago(2), 5, 9, complete=True), TrendPoint(days_ago(1), 3, 9, complete=True))
    tab = home(*own(1), records=(replace(record, at=days_ago(1)), record), trend=trend)
    documents = tab.sections(ADMIN, "")
    assert headlines(documents) == ["All owners: 2 of 2 instances break a rule", "Latest actions", ""]
    shown = text(documents)
    assert "Instances that break a rule, 2 digests" in shown
    assert f"23 Nov, 09:00 UTC: \nAda Granger\n, keep mlg-a ({OTHERS.id}): refused: x" in shown
    assert shown.index("23 Nov, 09:00") < shown.index("22 Nov, 09:00")


def test_nobody_else_sees_what_administrators_see() -> None:
    record = AuditRecord(NOW, Person(ADA, "Ada"), "keep", AuditResult.DONE, instance_subject(OTHERS))
    assert headlines(home(*own(1), records=(record,)).sections(ADA, MAIL))[1:] == [""]
