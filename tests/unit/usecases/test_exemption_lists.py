"""The list of exemptions: each that counts, in the order of its end, with *End* for those who may end it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.offer import ANSWER, Offer
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.messages.buttons import END
from bailiff_bot.messages.document import Document, Item, text_of
from bailiff_bot.messages.exemption_list import extension_line
from bailiff_bot.render.text import as_text
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, HOSTILE_TEXTS, IRELAND, NOW, OWN_ACCOUNT, PARIS, days_ago, instance, inventory
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
from tests.message_checks import check_message, rendered

ADA, MEL, ADMIN, OTHER = "U1", "U2", "U3", "U4"
AGR, MLG, NOBODY = "agr@octo.example", "mlg@octo.example", ""
BOX, GPU = instance(1, "agr-box", age=40), instance(2, "mlg-gpu", age=40, target=PARIS)
ENDLESS = instance(3, "agr-demo", tags={"bailiff:exempt": "the fair"})
DATED = instance(4, "mlg-tag", tags={"bailiff:exempt": "2026-11-30"})
EXACT = instance(5, "agr-exact", tags={"keep": "yes"})
CLOSED = Target(OWN_ACCOUNT, "sa-east-1")
POLICY = Policy(exempt_tags=("bailiff:exempt", "keep=yes"))
ALL = ReportQuery(View.EXEMPTIONS)


def grant(number: int, subject: Instance | Subject, days: int, **changes: Any) -> Grant:
    of = instance_subject(subject) if isinstance(subject, Instance) else subject
    rules = frozenset({RuleId.STOPPED_WHEN_UNUSED})
    until = NOW + timedelta(days=days)
    return replace(Grant(f"g{number}", of, rules, until, "a demo", ADA, "Ada Granger", days_ago(1)), **changes)


def lists(
    *grants: Grant, results: tuple[ActionResult, ...] = (), instances: tuple[Instance, ...] = ()
) -> ExemptionLists:
    found = inventory(
        instances or (BOX, GPU, ENDLESS, DATED, EXACT),
        [unread_gap(CLOSED, UnreadReason.ACCESS_DENIED)],
        (IRELAND, PARIS),
    )
    clock, store = FakeClock(NOW), FakeExemptionStore()
    store.grants.extend(grants)
    snapshots = make_snapshots(FakeSnapshotSource(Snapshot(found, DIRECTORY)), ImmediateExecutor(), clock)
    reports, offers = Reports(snapshots, POLICY, clock, store, FakeOwnershipStore()), FakeOfferStore()
    own_actions = OwnActions(Offers(frozenset(), clock), offers, FakeResultStore(), FakeDelegationStore(), clock)
    answers = Answers(reports, POLICY.zone, own_actions, str)
    return ExemptionLists(answers, reports, offers, FakeResultStore(*results), frozenset({ADMIN}))


def items(document: Document) -> list[Item]:
    return [part for part in document.parts if isinstance(part, Item)]


def lines(document: Document) -> list[str]:
    return ["".join(map(text_of, item.line)) for item in items(document)]


def ending(document: Document) -> list[str]:
    """Return the names of the instances whose exemption can be ended."""
    with_button = [item for item in items(document) if item.buttons.buttons]
    assert {button.key for item in with_button for button in item.buttons.buttons} <= {END}
    return [text_of(item.line[0]).split(" ")[0] for item in with_button]


def test_each_exemption_is_listed_in_the_order_of_its_end_those_without_one_last() -> None:
    answer = lists(grant(1, BOX, 14), grant(2, GPU, 3, extensions=2)).answer(ALL, OTHER, NOBODY)
    assert answer.headline == "5 exemptions"
    where, end = "t3.micro in eu-west-1", "remove the tag bailiff:exempt in the AWS console, or set its last day: "
    hint = f"{where}\nTo end it, {end}bailiff:exempt=YYYY-MM-DD."
    gpu, dated, box, demo, exact = lines(answer)
    kept = "kept until 2026-11-26 (long running) by Ada Granger, extended 2 times: a demo"
    assert gpu == f"mlg-gpu ({GPU.id}): {kept} · t3.micro in eu-west-3"
    tag = "exempt by the tag bailiff:exempt"
    assert dated == f"mlg-tag ({DATED.id}): {tag}, “2026-11-30”, until 2026-11-30 · {hint}"
    assert box == f"agr-box ({BOX.id}): kept until 2026-12-07 (long running) by Ada Granger: a demo · {where}"
    assert demo == f"agr-demo ({ENDLESS.id}): {tag}, “the fair”, no end · {hint}"
    by_tag = "exempt by the tag keep, “yes”, no end"
    assert exact == f"agr-exact ({EXACT.id}): {by_tag} · {where}\nTo end it, remove the tag keep in the AWS console."
    assert "2 of 3 regions read" in as_text(answer)


@pytest.mark.parametrize(
    ("user", "address", "expected"),
    [
        (ADA, NOBODY, ["agr-box"]),
        (OTHER, MLG, ["mlg-gpu"]),
        (MEL, AGR, ["mlg-gpu", "agr-box"]),
        (ADMIN, NOBODY, ["mlg-gpu", "agr-box"]),
        (OTHER, NOBODY, []),
        (OTHER, "somebody@octo.example", []),
    ],
)
def test_who_granted_it_an_owner_and_an_administrator_may_end_it(user: str, address: str, expected: list[str]) -> None:
    listed = lists(grant(1, BOX, 14), grant(2, GPU, 3, granted_by=MEL, granter="Mel")).answer(ALL, user, address)
    assert ending(listed) == expected


def test_an_offer_to_end_it_names_the_exemption_and_the_command() -> None:
    use_case = lists(grant(1, BOX, 14))
    use_case.answer(ReportQuery(View.EXEMPTIONS, ReportFilter(owners=("AGR",))), ADA, AGR)
    assert isinstance(use_case.offers, FakeOfferStore)
    [offer] = use_case.offers.offers
    assert (offer.made_id, offer.message, offer.query, offer.recipient) == ("g1", ANSWER, "exemptions AGR", ADA)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ReportFilter(owners=("MLG",)), ["mlg-gpu", "mlg-tag"]),
        (ReportFilter(owners=(AGR,)), ["agr-box", "agr-demo", "agr-exact"]),
        (ReportFilter(regions=("eu-west-3",)), ["mlg-gpu"]),
        (ReportFilter(regions=("sa-east-1",)), ["i-9"]),
        (ReportFilter(rules=(RuleId.NAMED,)), ["mlg-tag", "agr-demo", "agr-exact"]),
        (ReportFilter(owners=("AGR",), rules=(RuleId.STOPPED_WHEN_UNUSED,)), ["agr-box", "agr-demo", "agr-exact"]),
    ],
)
def test_it_is_filtered_like_a_report(wanted: ReportFilter, expected: list[str]) -> None:
    use_case = lists(grant(1, BOX, 14), grant(2, GPU, 3), grant(3, Subject(CLOSED, "i-9"), 5))
    answer = use_case.answer(ReportQuery(View.EXEMPTIONS, wanted), OTHER, NOBODY)
    assert [line.replace(":", " ").split(" ")[0] for line in lines(answer)] == expected


def test_what_is_gone_is_left_out_and_what_was_not_read_is_not() -> None:
    answer = lists(grant(1, Subject(IRELAND, "i-gone"), 3), grant(2, Subject(CLOSED, "i-9"), 3)).answer(
        ALL, OTHER, NOBODY
    )
    assert lines(answer)[0] == (
        "i-9: kept until 2026-11-26 (long running) by Ada Granger: a demo · "
        f"{OWN_ACCOUNT}/sa-east-1, which was not read"
    )
    assert "i-gone" not in as_text(answer)


def test_of_two_that_were_granted_the_longest_is_listed() -> None:
    assert "until 2026-12-07" in lines(lists(grant(1, BOX, 3), grant(2, BOX, 14)).answer(ALL, OTHER, NOBODY))[1]
    assert len(lines(lists(grant(1, BOX, 3), grant(2, BOX, 14)).answer(ALL, OTHER, NOBODY))) == 4


def test_an_exemption_that_is_over_is_not_listed() -> None:
    assert len(lines(lists(grant(1, BOX, 0)).answer(ALL, OTHER, NOBODY))) == 3


def test_without_any_it_says_so() -> None:
    answer = lists(instances=(BOX,)).answer(ALL, OTHER, NOBODY)
    assert (answer.headline, lines(answer)) == ("No exemption", [])


def test_who_ended_one_is_said_in_the_answer_that_replaces_it() -> None:
    offer = Offer("k", instance_subject(BOX), "agr-box (i-1)", ADA, "exemptions", NOW, "g1")
    ended = ActionResult(offer, Action.END, ADA, "Ada Granger", NOW, "g1")
    assert (
        "Ada Granger ended the exemption of agr-box (i-1) (" in lines(lists(results=(ended,)).answer(ALL, ADA, AGR))[0]
    )


def test_more_than_slack_shows_are_counted() -> None:
    many = tuple(instance(number, f"agr-{number}", age=40) for number in range(1, 80))
    use_case = lists(*(grant(number, one, 14) for number, one in enumerate(many)), instances=many)
    message = rendered(use_case.answer(ALL, ADMIN, NOBODY))
    assert len(message.blocks) <= 50
    check_message(message, use_case.reports.current())
    assert "55 more: filter it, as in /bailiff exemptions AGR." in str(message.blocks)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_nothing_that_somebody_typed_does_harm(text: str) -> None:
    tagged = instance(6, text, tags={"bailiff:exempt": text})
    use_case = lists(grant(1, BOX, 14, reason=text, granter=text), instances=(BOX, tagged))
    check_message(rendered(use_case.answer(ALL, ADMIN, NOBODY)), use_case.reports.current())


def test_only_the_second_extension_and_later_ones_are_shown_to_administrators() -> None:
    use_case = lists(grant(1, BOX, 14, extensions=1), grant(2, GPU, 3, extensions=3))
    [extended] = use_case.extended_again()
    assert extension_line(extended, POLICY.zone) == (
        f"mlg-gpu ({GPU.id}): kept until 2026-11-26, the 3rd extension, by Ada Granger: a demo"
    )


def test_a_filter_by_cost_is_refused_in_one_line_as_what_is_exempt_has_none() -> None:
    wanted = ReportFilter(cost=CostFloor(Decimal(100)))
    answer = lists(grant(1, BOX, 14)).answer(ReportQuery(View.EXEMPTIONS, wanted), ADMIN, NOBODY)
    assert as_text(answer) == "Exemptions cannot be filtered by cost: what is exempt has none. Leave out the cost."
