"""What is decided at the click: from the instance, the person and the directory as they are then."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.action import (
    Action,
    ActionInput,
    ActionWarning,
    DueDeletion,
    ImageState,
    Membership,
    Refusal,
    Verdict,
)
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.usecases.acting_facts import ActingFacts
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ending import Ending
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.keeping import KeepForm, Keeping
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.undoing import Undoing
from tests.builders import ASG, DIRECTORY, IRELAND, NOW, instance, inventory, report, with_usage
from tests.fakes.acting import RUNNING, FakeEc2, fake_facts, no_restarting
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeDelegationStore, FakeOwnershipStore

PARIS = ZoneInfo("Europe/Paris")
ADA = Asker("U1", Membership.FULL, "Ada", "agr@octo.example")
MEL = Asker("U2", Membership.FULL, "Mel", "mlg@octo.example")
ADMIN = Asker("U9", Membership.FULL, "Max", "max@octo.example")
IDLE = instance(1, "agr-web", age=40)
TOMORROW = date(2026, 11, 24)
ALL = frozenset(Action)
POLICY = Policy(zone=PARIS)


@dataclass(slots=True)
class Scenario:
    """The world at a click, with stores in memory."""

    found: tuple[Instance, ...] | Gap = (IDLE,)
    people: People = DIRECTORY
    enabled: frozenset[Action] = ALL
    subject: Subject = field(default_factory=lambda: instance_subject(IDLE))
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    grants: list[Grant] = field(default_factory=list)
    records: list[AuditRecord] = field(default_factory=list)
    done: dict[tuple[str, Action], ActionResult] = field(default_factory=dict)
    clicks_by_id: dict[str, Click] = field(default_factory=dict)
    read_ids: list[str | None] = field(default_factory=list)
    undo_of: str = ""
    delegations: FakeDelegationStore = field(default_factory=FakeDelegationStore)
    facts: ActingFacts = field(default_factory=fake_facts)
    scanned: Instance = IDLE
    policy: Policy = POLICY

    def decisions(self) -> Decisions:
        source = FakeSnapshotSource(Snapshot(inventory([self.scanned]), DIRECTORY))
        snapshots = make_snapshots(source, ImmediateExecutor(), self.clock)
        reports = Reports(snapshots, self.policy, self.clock, _Exemptions(self), FakeOwnershipStore())
        return Decisions(
            self.enabled,
            ActionLimits(PARIS, 30),
            frozenset({ADMIN.user_id}),
            _Offers(self),
            _Results(self),
            self.delegations,
            _Audit(self),
            CurrentInstances(_Reader(self), _Directory(self), reports, snapshots),
            self.clock,
            self.facts,
        )

    def keeping(self) -> Keeping:
        decisions = self.decisions()
        return Keeping(decisions, Forms(_Clicks(self), decisions), _Results(self), _Exemptions(self))

    def undoing(self) -> Undoing:
        decisions, results = self.decisions(), _Results(self)
        return Undoing(decisions, results, _Exemptions(self), FakeOwnershipStore(), no_restarting(decisions))

    def ending(self) -> Ending:
        return Ending(self.decisions(), _Results(self), _Exemptions(self))

    def keep(self, asker: Asker = ADA, until: date = TOMORROW, offer: str = "1", reason: str = "a demo") -> object:
        return self.keeping().keep(asker, offer, until, reason)

    def form(self, asker: Asker = ADA) -> KeepForm | NotDone:
        return self.keeping().form(asker, Click("c", "1", asker.user_id, "", NOW))


@dataclass(slots=True)
class _Part:
    scenario: Scenario


class _Offers(_Part):
    def get(self, key: str) -> Offer | None:
        known = key.isdigit() or key == "undo"
        made = Offer(key, self.scenario.subject, "agr-web", "U1", "a message", NOW, self.scenario.undo_of)
        return made if known else None


class _Clicks(_Part):
    def save(self, click: Click) -> None:
        self.scenario.clicks_by_id[click.id] = click

    def get(self, click_id: str) -> Click | None:
        return self.scenario.clicks_by_id.get(click_id)


class _Results(_Part):
    def get(self, offer_key: str, action: Action) -> ActionResult | None:
        return self.scenario.done.get((offer_key, action))

    def keep(self, result: ActionResult, grant: Grant, record: AuditRecord) -> ActionResult:
        self.scenario.grants.append(grant)
        return self._save(result, record)

    def end(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        grants = self.scenario.grants
        grants[:] = [replace(one, until=result.at) if one.id == result.made_id else one for one in grants]
        return self._save(result, record)

    def ended(self, exemption_id: str) -> ActionResult | None:
        ended = (one for one in self.scenario.done.values() if one.made_id == exemption_id and one.until is None)
        return next(ended, None)

    def _save(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        self.scenario.records.append(record)
        return self.scenario.done.setdefault((result.offer.key, result.action), result)


class _Exemptions(_Part):
    def live(self, now: datetime) -> tuple[Grant, ...]:
        return tuple(one for one in self.scenario.grants if one.until > now)

    def of(self, subject: Subject) -> tuple[Grant, ...]:
        return tuple(one for one in self.scenario.grants if one.subject == subject)

    def get(self, exemption_id: str) -> Grant | None:
        return next((one for one in self.scenario.grants if one.id == exemption_id), None)


class _Audit(_Part):
    def append(self, record: AuditRecord) -> int:
        self.scenario.records.append(record)
        return len(self.scenario.records)


class _Reader(_Part):
    def read(self, target: Target, instance_id: str | None) -> tuple[Instance, ...] | Gap:
        assert target == IRELAND
        self.scenario.read_ids.append(instance_id)
        return self.scenario.found


class _Directory(_Part):
    def people(self) -> People:
        return self.scenario.people


def refusal(outcome: object) -> Refusal | None:
    assert isinstance(outcome, NotDone)
    return outcome.reason


def test_it_is_kept_until_the_end_of_the_day_in_the_teams_calendar() -> None:
    scenario = Scenario()
    outcome = scenario.keep()
    assert isinstance(outcome, ActionResult)
    assert outcome.until == datetime(2026, 11, 24, 23, tzinfo=UTC)  # midnight in Paris
    [grant] = scenario.grants
    assert (grant.rules, grant.reason, grant.granter) == (frozenset({RuleId.STOPPED_WHEN_UNUSED}), "a demo", "Ada")
    [record] = scenario.records
    assert (record.result, record.why, record.message) == (AuditResult.DONE, "a demo", "a message")


def test_it_exempts_from_the_rules_that_are_broken_now_and_from_no_other() -> None:
    scenario = Scenario(found=(replace(IDLE, tags={"Name": "agr-web"}, state=InstanceState.RUNNING),))
    scenario.keep()
    assert RuleId.OWNED not in scenario.grants[0].rules


def test_an_extension_does_not_add_up_and_has_a_number() -> None:
    scenario = Scenario()
    for number in range(3):
        scenario.keep(offer=str(number + 1), until=TOMORROW + timedelta(days=number))
    assert [one.extensions for one in scenario.grants] == [0, 1, 2]
    assert scenario.grants[-1].until == datetime(2026, 11, 26, 23, tzinfo=UTC)


def test_an_earlier_day_extends_nothing_and_the_later_one_counts() -> None:
    scenario = Scenario()
    scenario.keep(until=TOMORROW + timedelta(days=5))
    scenario.keep(offer="2", until=TOMORROW)
    assert [one.extensions for one in scenario.grants] == [0, 0]
    form = scenario.form()
    assert isinstance(form, NotDone)  # the offer was used
    assert isinstance(another := scenario.keeping().form(ADA, Click("c", "3", ADA.user_id, "", NOW)), KeepForm)
    assert (another.kept_until, another.extension) == (scenario.grants[0].until, 1)


def test_after_its_end_it_is_no_extension() -> None:
    scenario = Scenario()
    scenario.keep()
    scenario.clock.pause(timedelta(days=3).total_seconds())
    scenario.keep(offer="2", until=TOMORROW + timedelta(days=5))
    assert scenario.grants[-1].extensions == 0


@pytest.mark.parametrize(
    ("scenario", "asker", "expected"),
    [
        (Scenario(), MEL, Refusal.NOT_YOURS),
        (Scenario(), replace(ADA, membership=Membership.GUEST), Refusal.NOT_A_MEMBER),
        (Scenario(), replace(ADA, membership=Membership.UNASKED, address=""), Refusal.CANNOT_CHECK_YOU),
        (Scenario(found=()), ADA, Refusal.GONE),
        (Scenario(found=unread_gap(IRELAND, UnreadReason.ACCESS_DENIED)), ADA, Refusal.UNREAD),
        (Scenario(found=(instance(1, "mlg-web", age=40),)), ADA, Refusal.NOT_YOURS),  # it changed hands
        (Scenario(found=(instance(1, "agr-web", age=4),)), ADA, Refusal.COMPLIANT),
        (Scenario(enabled=frozenset()), ADA, Refusal.NOT_ENABLED),
        (Scenario(people=People(gaps=(Gap(GapSource.DIRECTORY, None, "down"),))), ADA, Refusal.CANNOT_CHECK_YOU),
        (Scenario(), replace(ADA, address=""), Refusal.NOT_YOURS),
    ],
)
def test_a_refusal_changes_nothing_and_is_audited(scenario: Scenario, asker: Asker, expected: Refusal) -> None:
    assert refusal(scenario.form(asker)) is expected
    assert refusal(scenario.keep(asker)) is expected
    assert scenario.grants == []
    assert [(one.result, one.reason) for one in scenario.records] == [(AuditResult.REFUSED, str(expected))] * 2


def test_an_administrator_may_keep_for_a_year() -> None:
    scenario = Scenario()
    assert refusal(scenario.keep(ADA, NOW.date() + timedelta(days=31))) is Refusal.INPUT
    assert isinstance(scenario.keep(ADMIN, NOW.date() + timedelta(days=365)), ActionResult)


def test_the_same_offer_is_done_once_and_its_result_is_shown_again() -> None:
    scenario = Scenario()
    first = scenario.keep()
    again = scenario.keep()
    assert isinstance(again, NotDone)
    assert (again.reason, again.earlier) == (Refusal.DONE_ALREADY, first)
    assert len(scenario.grants) == 1


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.EXTERNAL, Membership.UNASKED])
def test_what_came_of_a_click_is_not_shown_to_who_is_no_member(membership: Membership) -> None:
    scenario = Scenario()
    scenario.keep()
    refused = scenario.keep(replace(ADA, membership=membership))
    assert isinstance(refused, NotDone)
    assert refused.earlier is None


def test_a_controller_is_found_by_its_machines() -> None:
    machine = instance(7, "agr-web", age=40, tags={ASG: "agr-web"})
    [row] = report(machine).flagged
    scenario = Scenario(found=(machine,), subject=subject_of(row))
    assert isinstance(scenario.keep(), ActionResult)
    assert scenario.read_ids == [None]


def test_an_instance_that_a_controller_manages_since_is_kept_as_that_controller() -> None:
    machine = instance(1, "agr-web", age=40, tags={ASG: "agr-web"})
    [row] = report(machine).flagged
    scenario = Scenario(found=(machine,))
    scenario.keep()
    assert scenario.grants[0].subject == subject_of(row)


def test_an_unknown_button_is_audited_without_a_subject() -> None:
    scenario = Scenario()
    assert refusal(scenario.keep(offer="forged")) is None
    assert (scenario.records[0].subject, scenario.records[0].reason) == (None, "unknown-button")


def undo(scenario: Scenario, asker: Asker = ADA) -> object:
    scenario.undo_of = scenario.grants[0].id
    return scenario.undoing().undo(asker, "undo")


def test_undo_ends_the_exemption_at_once() -> None:
    scenario = Scenario()
    scenario.keep()
    scenario.clock.pause(60)
    assert isinstance(undo(scenario), ActionResult)
    assert scenario.grants[0].until == NOW + timedelta(minutes=1)


def test_undo_is_possible_for_ten_minutes_and_only_by_who_granted_it() -> None:
    scenario = Scenario()
    scenario.keep()
    assert refusal(undo(scenario, MEL)) is Refusal.NOT_YOURS
    scenario.clock.pause(600)
    assert refusal(undo(scenario)) is Refusal.TOO_LATE
    assert len(scenario.keeping().exemptions.of(scenario.subject)) == 1


@pytest.mark.parametrize(
    ("until", "reason", "wrong"),
    [
        (TOMORROW, "a demo", set()),
        (None, "a demo", {"until"}),
        (NOW.date(), "x", {"until"}),
        (TOMORROW, "  ", {"reason"}),
        (TOMORROW + timedelta(days=30), "x" * 301, {"until", "reason"}),
    ],
)
def test_what_is_quick_to_check_is_checked_at_once(until: date | None, reason: str, wrong: Iterable[str]) -> None:
    assert Scenario().keeping().wrong_input(ADA.user_id, until, reason) == set(wrong)


def test_what_was_typed_wrongly_is_recorded_with_its_instance() -> None:
    scenario = Scenario()
    scenario.form()
    for click_id, subject in (("c", scenario.subject), ("forged", None)):
        scenario.keeping().forms.record_wrong_input(ADA, Action.KEEP, click_id)
        record = scenario.records[-1]
        assert (record.action, record.result, record.reason) == ("keep", AuditResult.REFUSED, "input")
        assert (record.subject, record.why) == (subject, "")


def test_a_modal_belongs_to_who_opened_it() -> None:
    scenario = Scenario()
    scenario.form()
    assert scenario.keeping().forms.clicked("c", ADA.user_id)
    assert scenario.keeping().forms.clicked("c", MEL.user_id) is None
    assert scenario.keeping().forms.clicked("forged", ADA.user_id) is None


@pytest.mark.parametrize(("hours_later", "outcome"), [(-1, Verdict.DO), (1, Refusal.EXEMPT)])
def test_who_keeps_an_instance_after_asking_for_its_deletion_stops_that(
    hours_later: int, outcome: Verdict | Refusal
) -> None:
    old = instance(1, "agr-web", age=90, stopped=60)
    details = replace(RUNNING, state=InstanceState.STOPPED)
    scenario = Scenario(found=(old,), facts=fake_facts(FakeEc2(found=details)))
    asked_at = NOW - timedelta(hours=24)
    scenario.keep(replace(ADA, is_confirmed=True))
    [grant] = scenario.grants
    scenario.grants[:] = [replace(grant, granted_at=asked_at + timedelta(hours=hours_later))]
    decisions, offer = scenario.decisions(), _Offers(scenario).get("2")
    assert offer
    due = DueDeletion(ImageState.AVAILABLE, asked_at=asked_at)
    asker, typed = replace(ADA, is_confirmed=True), ActionInput(confirmation=old.id)
    asked = decisions.ask(asker, offer, Action.DELETE, typed, due=due)
    assert decisions.decide(asked).outcome is outcome


@pytest.mark.parametrize(("cpu", "warnings"), [(30, [ActionWarning.IN_USE]), (1, []), (6, [])])
def test_the_usage_of_the_last_scan_warns_before_a_used_instance_is_stopped(
    cpu: float, warnings: list[ActionWarning]
) -> None:
    elsewhere = frozenset({"us-east-1"})
    scenario = Scenario(
        scanned=with_usage(IDLE, cpu), policy=replace(POLICY, reads_usage=True, allowed_regions=elsewhere)
    )
    decisions, offer = scenario.decisions(), _Offers(scenario).get("1")
    assert offer
    assert decisions.current.snapshots.scan()
    decided = decisions.decide(decisions.ask(replace(ADA, is_confirmed=True), offer, Action.STOP))
    assert (decided.outcome, list(decided.warnings)) == (Verdict.DO, warnings)
