"""The answers to "why"."""

import json
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.grants import NO_GRANTS
from bailiff_bot.domain.history import FindingKey, LastNudge
from bailiff_bot.domain.instance import FirstExempt, Instance, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.notification import Notification
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.render.text import as_text
from bailiff_bot.usecases.explain import Explain
from tests.builders import (
    ASG,
    DEFAULT_POLICY,
    HOSTILE_TEXTS,
    NOW,
    OWN_ACCOUNT,
    Fleet,
    days_ago,
    example_count,
    fleets,
    instance,
    report,
)
from tests.fakes.clock import FakeClock
from tests.message_checks import check_message, rendered

BOX = instance(1, "AGR-box", age=40)
ADA, WEEK = Owner("U1", "Ada Lovelace"), timedelta(days=7)
TOLD = Notification(
    "U1",
    "Ada Lovelace (AGR): 1 instance",
    days_ago(3),
    DeliveryState.SENT,
    frozenset({RuleId.STOPPED_WHEN_UNUSED}),
    frozenset({RuleId.STOPPED_WHEN_UNUSED}),
    channel="D1",
    ts="1.0",
)


class FakeNotifications:
    def __init__(self, notifications: dict[Subject, tuple[Notification, ...]]) -> None:
        self.notifications = notifications

    def listing(self, subject: Subject) -> tuple[Notification, ...]:
        return self.notifications.get(subject, ())


def explain(judged: Report, **changes: Any) -> Explain:
    def owners(addresses: frozenset[str]) -> OwnersByAddress:
        return {one: ADA if one.startswith("agr") else NoOwner("a guest in Slack") for one in addresses}

    use_case = Explain(
        report=lambda: judged,
        grants=lambda: NO_GRANTS,
        owners=owners,
        notifications=FakeNotifications({}),
        last_nudges=dict,
        delegations=tuple,
        deletions=tuple,
        message_link=lambda channel, ts: f"https://slack.example/{channel}/{ts}",
        remind_after=WEEK,
        zone=UTC,
        clock=FakeClock(NOW),
    )
    return replace(use_case, **changes)


def text(typed: str, *instances: Instance, policy: Policy = DEFAULT_POLICY, unread: tuple[Gap, ...] = ()) -> str:
    return as_text(explain(report(*instances, policy=policy, unread=unread)).answer(typed)[0])


def test_a_broken_rule_has_its_threshold_and_the_dates_with_their_sources() -> None:
    answer = text("agr-box", BOX)
    assert answer.startswith("AGR-box (i-00000000000000001): breaks 1 rule\nRead 2026-11-23 08:56 UTC:\n")
    assert (
        "- Running for 30 days or more: a question (running for 40 days): stop it if nobody uses it; to keep it, add "
        "the tag bailiff:exempt=YYYY-MM-DD · threshold: running for 30 days · state: running (EC2's State) · "
        "launched: 2026-10-14 09:00 UTC (EC2's LaunchTime)\n"
    ) in answer


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (DeletionStage.WAITING, "- 2026-11-24 09:00 UTC: it is deleted, if it still may be and nobody cancels that"),
        (DeletionStage.TERMINATING, "- it is being deleted now"),
    ],
)
def test_a_deletion_that_waits_is_told(stage: DeletionStage, said: str) -> None:
    offer = Offer("key", instance_subject(BOX), "AGR-box", "U1", "a message", NOW)
    result = ActionResult(offer, Action.DELETE, "U1", "Ada", NOW, "deletion", NOW + timedelta(days=1))
    waiting = Deletion("deletion", result, stage, NOW, "agr@octo.example", "")
    answer = as_text(explain(report(BOX), deletions=lambda: (waiting,)).answer(BOX.id)[0])
    assert f"{said}; Ada asked for it on 2026-11-23 09:00 UTC" in answer


def test_a_compliant_instance_is_explained_too() -> None:
    answer = text("agr-box", instance(1, "AGR-box", age=2))
    assert answer.startswith("AGR-box (i-00000000000000001): breaks no rule\n")
    assert "2026-12-21 09:00 UTC: running for 30 days; it breaks “Running for 30 days or more”" in answer


def test_a_grace_is_told_with_its_end() -> None:
    answer = text(BOX.id, instance(1, None, age=0.5))
    assert "breaks no rule, as far as Bailiff can tell" in answer
    assert "No name: Bailiff cannot tell now (just created) · threshold: 24 hours after its creation, reached" in answer
    assert "- 2026-11-23 21:00 UTC: 24 hours after its creation; it breaks “No name”" in answer


@pytest.mark.parametrize(
    ("name", "tags", "lines"),
    [
        ("AGR-x", {}, ["Identifier in the name: AGR", "AGR: Ada Lovelace in Slack (agr@octo.example)"]),
        ("AGR-x", {"Owner": "mlg"}, ["“mlg” names MLG; not used, because the identifier in the name counts first"]),
        ("ZZZ-x", {"Owner": "mlg"}, ["ZZZ, the directory does not know it", "“mlg” names MLG; this tag counts"]),
        ("ZZZ-x", {"Owner": "mlg"}, ["MLG: nobody in Slack (mlg@octo.example): a guest in Slack"]),
        ("prod-x", {}, ["none; PROD means a machine (BAILIFF_NOT_IDENTIFIERS)", "no owner: neither the name nor"]),
        ("x", {"Owner": "?"}, ["Tag Owner: “?” names nobody"]),
        ("duo-x", {}, ["DUO: nobody in Slack: two people claim it in the directory"]),
    ],
)
def test_the_owners_chain_is_told_step_by_step(name: str, tags: dict[str, str], lines: list[str]) -> None:
    answer = text(BOX.id, instance(1, name, tags=tags))
    assert [line for line in lines if line not in answer] == []


@pytest.mark.parametrize(
    ("value", "effect", "verdict"),
    [
        ("2026-12-31", "exempts it from all rules, until 2026-12-31", "exempt, until 2026-12-31"),
        ("", "exempts it from all rules, no end", "exempt, no end"),
        ("2026-11-01", "ended; its last day was 2026-11-01", "breaks 1 rule"),
        ("no", "exempts it from nothing", "breaks 1 rule"),
    ],
)
def test_an_exempting_tag_is_told_with_its_end(value: str, effect: str, verdict: str) -> None:
    answer = text(BOX.id, replace(BOX, tags={**BOX.tags, "bailiff:exempt": value}))
    assert f"the tag bailiff:exempt, “{value}”, {effect}" in answer
    assert f": {verdict}\n" in answer


@pytest.mark.parametrize(
    ("value", "days", "effect"),
    [
        ("", 90, "exempts it from all rules, until 2027-02-01; first seen"),
        ("since 2026-01-01", 90, "exempts it from all rules, until 2027-02-01 (date not understood); first seen"),
        ("", 10, "ended; its last day was 2026-11-13; first seen"),
        ("2026-12-31", 10, "exempts it from all rules, until 2026-12-31\n"),
    ],
)
def test_an_exempting_tag_that_a_setting_ends_is_told_with_the_reason(value: str, days: int, effect: str) -> None:
    seen = FirstExempt("keep", days_ago(20))
    box = replace(BOX, tags={**BOX.tags, "bailiff:exempt": value}, first_exempt=seen)
    answer = as_text(explain(report(box, policy=Policy(exempt_tag_days=days))).answer(BOX.id)[0])
    assert f"the tag bailiff:exempt, “{value}”, {effect}" in answer
    reason = f"; first seen with the tag keep on 2026-11-03, and BAILIFF_EXEMPT_TAG_DAYS is {days}\n"
    assert (reason in answer) == ("first seen" in effect)


def test_a_machine_is_explained_by_its_controller() -> None:
    machines = [instance(number, "node", age=40 + number, tags={ASG: "web"}) for number in (1, 2)]
    answer = text(machines[0].id, *machines)
    assert answer.startswith("auto-scaling group web, 2 machines: breaks 2 rules\n")
    assert "the auto-scaling group replaces its machines, so it is judged instead of them" in answer
    assert f"you asked for {machines[0].id}, one of them" in answer
    assert "scale it to zero or delete it" in answer


def told(reader: str) -> str:
    judged = report(BOX)
    notifications = FakeNotifications({instance_subject(BOX): (TOLD,)})
    keys: frozenset[FindingKey] = frozenset()
    last = {"U1": LastNudge("U1", days_ago(3), keys, keys, "D1", "1.0")}
    document, _ = explain(judged, notifications=notifications, last_nudges=lambda: last).answer(BOX.id, reader)
    return as_text(document) + json.dumps(rendered(document).blocks)


def test_who_was_told_is_said_to_everybody_and_the_link_is_the_readers_alone() -> None:
    line = "Ada Lovelace (AGR): 1 instance: told on 2026-11-20 09:00 UTC: long running; the message still lists it"
    assert line in told("U1")
    assert line in told("U2")
    assert "https://slack.example/D1/1.0" in told("U1")
    assert "https://slack.example" not in told("U2")
    assert "https://slack.example" not in told("")


def test_a_message_of_which_nobody_knows_whether_it_arrived_has_no_link() -> None:
    uncertain = replace(TOLD, state=DeliveryState.UNKNOWN, ts="", channel="", reason="Slack did not answer")
    notifications = FakeNotifications({instance_subject(BOX): (uncertain,)})
    answer = as_text(explain(report(BOX), notifications=notifications).answer(BOX.id, "U1")[0])
    assert "may have been told on 2026-11-20 09:00 UTC (Slack did not answer): long running\n" in answer


@pytest.mark.parametrize(
    ("remind_after", "name", "line"),
    [
        (WEEK, "AGR-box", "the next digest tells Ada Lovelace"),
        (None, "AGR-box", "nobody is told, because BAILIFF_NUDGES is not on"),
        (WEEK, "nobodys", "nobody is told, because no owner was found in Slack"),
    ],
)
def test_who_is_told_next(remind_after: timedelta | None, name: str, line: str) -> None:
    judged = report(instance(1, name, age=40))
    assert f"- {line}\n" in as_text(explain(judged, remind_after=remind_after).answer(BOX.id)[0])


def test_the_same_name_twice_is_answered_with_the_id_of_each() -> None:
    document, explained = explain(report(BOX, instance(2, "agr-BOX", age=2))).answer("AGR-box")
    assert not explained
    assert "2 matches for “AGR-box”. Ask again with an id" in as_text(document)
    assert "i-00000000000000001" in as_text(document)
    assert "i-00000000000000002" in as_text(document)


def test_what_is_not_found_may_be_meant_otherwise_or_be_unread() -> None:
    unread = (unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED),)
    answer = text("agr-bxo", BOX, unread=unread)
    assert answer.startswith("No instance has the id or the name “agr-bxo”. Did you mean “AGR-box”? It may be where")
    assert "not read: sa-east-1 (access denied)" in answer
    assert "could not read" not in text("agr-bxo", BOX)


def test_nothing_typed_is_asked_for() -> None:
    document, explained = explain(report(BOX)).answer("  ")
    assert not explained
    assert document.summary.startswith("Which instance?")


@given(fleets(20), st.sampled_from(HOSTILE_TEXTS))
@example_count(30)
def test_every_answer_fits_into_a_message_of_slack(fleet: Fleet, typed: str) -> None:
    use_case = explain(fleet.report, owners=lambda addresses: dict.fromkeys(addresses, Owner("U1", typed or "x")))
    for one in (typed, *(one.id for one in fleet.inventory.instances)):
        check_message(rendered(use_case.answer(one)[0]), fleet.report)
