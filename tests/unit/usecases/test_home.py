"""The Home tab: one's own instances in pages, and for administrators all of them."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BrakeLimits, Slot
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditEntry, AuditRecord, AuditResult, Person
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import DigestHistory, TrendPoint
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.offer import HOME, Offer
from bailiff_bot.domain.ownership import Disclaimer, OwnershipClaims
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.messages.buttons import (
    ASSIGN,
    END,
    END_LISTED_DELEGATION,
    HOME_NEXT,
    HOME_PREVIOUS,
    KEEP,
    KEEP_ALL,
    UNDO,
)
from bailiff_bot.messages.document import Document, Item
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.sandbox.slack.web.views import MAX_VIEW_BYTES
from bailiff_bot.slack.blocks.render import render_view
from bailiff_bot.usecases.administration import Administration
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.home import Home
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.triage_list import TriageList
from tests.builders import DIRECTORY, NOW, days_ago, instance, inventory, scaled
from tests.fakes.brakes import FakeBrakeStore
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
from tests.unit.triage_claims import disclaimer

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


def own(count: int, name: str = "agr") -> tuple[Instance, ...]:
    """Return instances of Ada, the most urgent first."""
    return tuple(instance(number, f"{name}-{number}", age=300 - number) for number in range(1, count + 1))


def home(  # noqa: PLR0913 - what the stores hold
    *instances: Instance,
    enabled: frozenset[Action] = ALL,
    grants: tuple[Grant, ...] = (),
    results: tuple[ActionResult, ...] = (),
    records: tuple[AuditRecord, ...] = (),
    trend: tuple[TrendPoint, ...] = (),
    delegations: tuple[Delegation, ...] = (),
    disclaimers: tuple[Disclaimer, ...] = (),
    offers: FakeOfferStore | None = None,
    slots: tuple[Slot, ...] = (),
    admin: str = ADMIN,
) -> Home:
    clock, exemptions, stored = FakeClock(NOW), FakeExemptionStore(*grants), offers or FakeOfferStore()
    source = FakeSnapshotSource(Snapshot(inventory((*instances, OTHERS)), DIRECTORY))
    ownership = FakeOwnershipStore(OwnershipClaims(disclaimers))
    reports = Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, exemptions, FakeOwnershipStore()
    )
    acting, done, admins = FakeDelegationStore(*delegations), FakeResultStore(*results), frozenset({admin})
    actions = OwnActions(Offers(enabled, clock), stored, done, acting, clock)
    lists = ExemptionLists(Answers(reports, UTC, actions, str), reports, stored, done, admins)
    triage = TriageList(ownership, done, reports, clock)
    administration = Administration(
        reports, UTC, lists, triage, stored, FakeHistory(*trend), FakeAudit(*records), enabled, brakes(*slots)
    )
    return Home(reports, UTC, actions, lists, acting, administration, admins)


def brakes(*slots: Slot) -> BrakeReader:
    return BrakeReader(FakeBrakeStore(*slots), BrakeLimits(), str, FakeClock(NOW))


def grant(number: int, of: Instance, by: str = ADA, extensions: int = 0) -> Grant:
    """Return an exemption of an instance from all rules, until so many days from now."""
    until, subject = NOW + timedelta(days=number), instance_subject(of)
    return Grant(f"g{number}", subject, frozenset(RuleId), until, "a demo", by, "Ada Granger", days_ago(1), extensions)


def delegation(number: int, *, received: bool = False) -> Delegation:
    """Return that somebody acts for Ada, or Ada for somebody."""
    ada, other = (ADA, "Ada Granger"), (f"U5{number}", f"Mel {number}")
    owner, delegate = (other, ada) if received else (ada, other)
    return Delegation(
        f"d{received}{number}", *owner, f"mel{number}@octo.example", *delegate, "", NOW, NOW + timedelta(days=9)
    )


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


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "Slack does not show Bailiff your e-mail address"),
        ("bill@octo.example", "The directory has no identifier for bill@octo.example"),
    ],
)
def test_a_person_without_instances_reads_why_and_when_all_were_read(address: str, why: str) -> None:
    tab = home(*own(1), results=(kept(own(1)[0]),))
    documents = tab.sections(ADA, address)
    assert headlines(documents) == ["", ""]
    assert why in text(documents)
    assert "1 of 1 region read, 23 Nov, 08:56 UTC" in text(documents)
    assert "Ada Granger keeps agr-1" in text(documents)


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
    stored = FakeOfferStore()
    tab = home(*own(45), offers=stored)
    for key in (KEEP, END):
        tab = home(*own(45), grants=(grant(3, OTHERS),), offers=stored)
        shown = tab.sections(ADA, MAIL, 2)
        clicked = next(one for one in stored.offers if one.key == button_values(shown, key)[0])
        assert "Page 2 of 3" in text(tab.after_click(ADA, MAIL, clicked))
        assert "Page 1 of 3" in text(tab.after_click(ADA, MAIL, replace(clicked, query="")))


POINTS = tuple(TrendPoint(days_ago(number), number, 50, complete=True) for number in range(20, 0, -1))
RECORD = AuditRecord(NOW, Person(ADA, "Ada"), "keep", AuditResult.DONE, instance_subject(OTHERS))


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything."""

    flagged: int
    done: int
    kept: int
    tagged: int
    given: int
    received: int
    unowned: int


def crowded(sizes: Sizes, name: str = "agr") -> Home:
    """Return the tab of an administrator who has so much of everything."""
    flagged = own(sizes.flagged, name)
    exempt = [instance(1_000 + number, f"{name}-k{number}", age=90) for number in range(sizes.kept)]
    tags = {"bailiff:exempt": "yes"}
    tagged = [instance(2_000 + number, f"{name}-t{number}", tags=tags) for number in range(sizes.tagged)]
    unowned = [instance(3_000 + number, f"zzz-{number}{name}", age=90) for number in range(sizes.unowned)]
    return home(
        *(*flagged, *exempt, *tagged, *unowned),
        grants=tuple(grant(number, one, extensions=number) for number, one in enumerate(exempt, 1)),
        results=tuple(islice(map(kept, cycle(unowned or (OTHERS,))), sizes.done)),
        records=(RECORD,) * sizes.done,
        trend=POINTS[: sizes.done],
        delegations=(
            *map(delegation, range(sizes.given)),
            *(delegation(number, received=True) for number in range(sizes.received)),
        ),
        disclaimers=tuple(map(disclaimer, unowned)),
        admin=ADA,
    )


COUNT = st.integers(0, 9) | st.sampled_from([0, 20, 45])


@settings(max_examples=scaled(40), deadline=None)
@given(st.builds(Sizes, *[COUNT] * 7), st.integers(1, 4))
def test_it_never_has_more_than_100_blocks_and_a_page_is_whole(sizes: Sizes, page: int) -> None:
    documents = crowded(sizes).sections(ADA, MAIL, page)
    blocks = render_view(documents)
    assert len(blocks) <= 100
    assert problems(blocks, "home") == []
    first = min(page - 1, max(sizes.flagged - 1, 0) // 20) * 20
    assert len(button_values(documents, KEEP)) == min(sizes.flagged - first, 20)
    assert len(button_values(documents, END)) == min(sizes.kept, 5)
    assert len(button_values(documents, ASSIGN)) == min(sizes.unowned, 5)
    assert len(button_values(documents, UNDO)) == min(sizes.done, 10)
    assert len(button_values(documents, END_LISTED_DELEGATION)) == min(sizes.given, 3) + min(sizes.received, 3)
    assert "more: /bailiff mine" not in text(documents)


@pytest.mark.parametrize("name", ["agr-" + "\N{DOG FACE}" * 240, "agr" + "-long" * 50])
def test_the_longest_names_fit_into_a_view_and_what_is_left_out_is_counted(name: str) -> None:
    documents = crowded(Sizes(*[45] * 7), name).sections(ADA, MAIL)
    blocks = render_view(documents)
    assert "more: /bailiff mine, then Full report" in text(documents)
    assert len(blocks) <= 100
    assert problems(blocks, "home") == []
    assert len(json.dumps({"type": "home", "blocks": blocks})) < MAX_VIEW_BYTES


def test_it_lists_the_exemptions_that_one_granted_and_those_of_ones_instances_with_end() -> None:
    mine, hers, tagged = own(1)[0], instance(7, "mlg-b", age=40), instance(8, "agr-t", tags={"bailiff:exempt": "fair"})
    grants = (grant(2, mine, by="U2"), grant(1, OTHERS), grant(3, hers, by="U2"))
    stored = FakeOfferStore()
    documents = home(mine, hers, tagged, grants=grants, offers=stored).sections(ADA, MAIL)
    [section] = [document for document in documents if document.headline == "Your exemptions"]
    lines = text((section,))
    assert f"agr-1 ({mine.id}): kept until 2026-11-25" in lines
    assert lines.index("mlg-a (") < lines.index("agr-1 (") < lines.index("agr-t (")
    assert "mlg-b" not in lines
    keys = button_values((section,), END)
    ending = {one.key: one for one in stored.offers if one.made_id}
    assert [(ending[key].made_id, ending[key].message, ending[key].recipient) for key in keys] == [
        ("g1", HOME, ADA),
        ("g2", HOME, ADA),
    ]


def test_exemptions_that_are_not_listed_are_counted() -> None:
    instances = own(7)
    grants = tuple(grant(number, one) for number, one in enumerate(instances, 1))
    assert "2 more: /bailiff exemptions" in text(home(*instances, grants=grants).sections(ADA, MAIL))


def test_it_lists_who_acts_for_whom_with_end() -> None:
    delegations = (*map(delegation, range(4)), delegation(7, received=True))
    documents = home(*own(1), delegations=delegations).sections(ADA, MAIL)
    [section] = [document for document in documents if document.headline == "Delegates"]
    shown = text((section,))
    assert "Mel 0 until 2 Dec, 09:00 UTC, on all of your instances" in shown
    assert "/bailiff mine mel7@octo.example" in shown
    assert "1 more: /bailiff delegates" in shown
    ids = button_values((section,), END_LISTED_DELEGATION)
    assert ids == ["dFalse0", "dFalse1", "dFalse2", "dTrue7"]


def test_an_administrator_gets_the_oldest_that_need_an_owner_and_keep_all_leaves_them_alone() -> None:
    said = [instance(number, f"zzz-{number}", age=50) for number in range(50, 57)]
    disclaimers = tuple(disclaimer(one, at=days_ago(number)) for number, one in enumerate(said, 1))
    stored = FakeOfferStore()
    tab = home(*own(2), *said, disclaimers=disclaimers, offers=stored, admin=ADA)
    documents = tab.sections(ADA, MAIL)
    [section] = [document for document in documents if document.headline == "7 instances need an owner"]
    shown = text((section,))
    assert "Ada says that it is not theirs" in shown
    assert "2 more: assign these first" in shown
    keys = button_values((section,), ASSIGN)
    offered = [one for one in stored.offers if one.key in keys]
    assert {one.subject for one in offered} == {instance_subject(one) for one in said[2:]}
    [keep_all] = button_values(documents, KEEP_ALL)
    clicked = next(one for one in stored.offers if one.key == keep_all)
    assert not {one.subject for one in stored.same_rendering(clicked)} & {instance_subject(one) for one in said}


def test_without_not_mine_there_is_no_triage() -> None:
    unowned = instance(50, "zzz-50", age=50)
    tab = home(unowned, disclaimers=(disclaimer(unowned),), enabled=frozenset({Action.KEEP}))
    assert button_values(tab.sections(ADMIN, ""), ASSIGN) == []


def test_an_administrator_sees_what_was_extended_again_with_its_number() -> None:
    grants = (grant(3, OTHERS, by="U2", extensions=2), grant(4, own(1)[0], by="U2", extensions=1))
    tab = home(*own(1), grants=grants)
    [section] = [one for one in tab.sections(ADMIN, "") if one.headline == "Extended more than once"]
    assert "the 2nd extension, by Ada Granger: a demo" in text((section,))
    assert "agr-1" not in text((section,))


def test_an_administrator_sees_all_instances_the_trend_and_the_latest_actions() -> None:
    record = AuditRecord(NOW, Person(ADA, "Ada Granger"), "keep", AuditResult.REFUSED, instance_subject(OTHERS), "x")
    trend = (TrendPoint(days_ago(2), 5, 9, complete=True), TrendPoint(days_ago(1), 3, 9, complete=True))
    kept = replace(record, result=AuditResult.DONE, reason="", at=days_ago(1))
    tab = home(*own(1), records=(kept, record), trend=trend)
    documents = tab.sections(ADMIN, "")
    assert headlines(documents) == ["", "All owners: 2 of 2 instances break a rule", "", "Latest actions", ""]
    shown = text(documents)
    assert "Instances that break a rule, 2 digests" in shown
    assert f"23 Nov, 09:00 UTC: \nAda Granger\n, mlg-a ({OTHERS.id}): keep refused: x" in shown
    assert f"22 Nov, 09:00 UTC: \nAda Granger\n, mlg-a ({OTHERS.id}): kept" in shown
    assert shown.index("23 Nov, 09:00") < shown.index("22 Nov, 09:00")


def test_an_administrator_sees_the_brake_where_something_can_be_changed_in_aws() -> None:
    slots = tuple(Slot(f"U{number}", Action.STOP, NOW - timedelta(hours=number)) for number in range(30))
    assert "The brake is off · 24 of 200 actions in 24 hours · /bailiff brake" in text(
        home(slots=slots).sections(ADMIN, "")
    )
    without = home(slots=slots, enabled=frozenset({Action.KEEP, Action.NOT_MINE})).sections(ADMIN, "")
    assert "brake" not in text(without)
    assert "The brake" not in text(home(slots=slots).sections(ADA, MAIL))


def test_nobody_else_sees_what_administrators_see() -> None:
    record = AuditRecord(NOW, Person(ADA, "Ada"), "keep", AuditResult.DONE, instance_subject(OTHERS))
    assert headlines(home(*own(1), records=(record,)).sections(ADA, MAIL))[1:] == [""]
