"""An owner says that an instance is not theirs: decided at the click, done once, and undone for a while."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.action import Action, Membership, Refusal
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Disclaimer, OwnershipClaims, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.messages.action_results import result_text
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.not_mine import NotMine, NotMineForm
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.undoing import Undoing
from tests.builders import ASG, DIRECTORY, NOW, instance, inventory, report
from tests.fakes.acting import fake_facts, no_restarting
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeDelegationStore, FakeExemptionStore
from tests.unit.ownership_claims import TRIAGE_DAYS, disclaimer, renamed

ADA = Asker("U1", Membership.FULL, "Ada", "agr@octo.example")
MEL = Asker("U2", Membership.FULL, "Mel", "mlg@octo.example")
ADMIN = Asker("U9", Membership.FULL, "Max", "max@octo.example")
IDLE = instance(1, "agr-web", age=40)
SHARED = instance(1, "web", age=40, tags={"Owner": "AGR, MLG"})
POLICY = Policy()


class _Exemptions(FakeExemptionStore):
    def get(self, exemption_id: str) -> None:
        assert exemption_id


@dataclass(slots=True)
class Scenario:
    """The world at a click. It is every store itself."""

    found: tuple[Instance, ...] = (IDLE,)
    enabled: frozenset[Action] = frozenset(Action)
    subject: Subject = field(default_factory=lambda: instance_subject(IDLE))
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    said: list[Disclaimer] = field(default_factory=list)
    records: list[AuditRecord] = field(default_factory=list)
    done: dict[tuple[str, Action], ActionResult] = field(default_factory=dict)
    saved: dict[str, Click] = field(default_factory=dict)
    delegations: FakeDelegationStore = field(default_factory=FakeDelegationStore)

    def decisions(self) -> Decisions:
        snapshots = make_snapshots(
            FakeSnapshotSource(Snapshot(inventory(self.found), DIRECTORY)), ImmediateExecutor(), self.clock
        )
        reports = Reports(snapshots, POLICY, self.clock, FakeExemptionStore(), self)
        current = CurrentInstances(self, self, reports, snapshots)
        limits, admins = ActionLimits(ZoneInfo("UTC")), frozenset({ADMIN.user_id})
        offers, results = _Offers(self), _Results(self)
        return Decisions(
            self.enabled, limits, admins, offers, results, self.delegations, self, current, self.clock, fake_facts()
        )

    def not_mine(self) -> NotMine:
        decisions = self.decisions()
        return NotMine(decisions, Forms(_Clicks(self), decisions), _Results(self), POLICY, TRIAGE_DAYS)

    def disclaim(self, asker: Asker = ADA, offer: str = "1", hint: str = " ask Kim ") -> ActionResult | NotDone:
        return self.not_mine().disclaim(asker, Click("c", offer, asker.user_id, "", NOW), hint)

    def undo(self, asker: Asker = ADA) -> ActionResult | NotDone:
        decisions = self.decisions()
        return Undoing(decisions, _Results(self), _Exemptions(), self, no_restarting(decisions)).undo(asker, "undo")

    def live(self, now: datetime) -> OwnershipClaims:
        return OwnershipClaims(tuple(one for one in self.said if one.until > now))

    def disclaimer(self, disclaimer_id: str) -> Disclaimer | None:
        return next((one for one in self.said if one.id == disclaimer_id), None)

    def append(self, record: AuditRecord) -> int:
        self.records.append(record)
        return len(self.records)

    def read(self, target: Target, _: str | None) -> tuple[Instance, ...] | Gap:
        assert target == IDLE.target
        return self.found

    def people(self) -> People:
        return DIRECTORY


@dataclass(slots=True)
class _Offers:
    scenario: Scenario

    def get(self, key: str) -> Offer | None:
        made_id = self.scenario.said[-1].id if key == "undo" and self.scenario.said else ""
        made = Offer(key, self.scenario.subject, "agr-web", "U1", "a message", NOW, made_id)
        return None if key == "forged" else made


@dataclass(slots=True)
class _Clicks:
    scenario: Scenario

    def save(self, click: Click) -> None:
        self.scenario.saved[click.id] = click

    def get(self, click_id: str) -> Click | None:
        return self.scenario.saved.get(click_id)


@dataclass(slots=True)
class _Results:
    scenario: Scenario

    def get(self, offer_key: str, action: Action) -> ActionResult | None:
        return self.scenario.done.get((offer_key, action))

    def disclaim(self, result: ActionResult, disclaimer: Disclaimer, record: AuditRecord) -> ActionResult:
        self.scenario.said.append(disclaimer)
        return self._save(result, record)

    def end(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        said = self.scenario.said
        said[:] = [replace(one, until=result.at) if one.id == result.made_id else one for one in said]
        return self._save(result, record)

    def ended(self, made_id: str) -> ActionResult | None:
        endings = (one for one in self.scenario.done.values() if one.action is Action.UNDO and one.made_id == made_id)
        return next(endings, None)

    def _save(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        self.scenario.records.append(record)
        return self.scenario.done.setdefault((result.offer.key, result.action), result)


def refusal(outcome: object) -> Refusal | None:
    assert isinstance(outcome, NotDone)
    return outcome.reason


def test_it_is_remembered_with_who_said_it_and_until_when() -> None:
    scenario = Scenario()
    outcome = scenario.disclaim()
    assert isinstance(outcome, ActionResult)
    [said] = scenario.said
    assert (said.user_id, said.name, said.address) == ("U1", "Ada", "agr@octo.example")
    assert (said.said_at, said.until, said.fingerprint) == (NOW, NOW + TRIAGE_DAYS, ownership_fingerprint(IDLE, POLICY))
    assert (outcome.made_id, outcome.until, outcome.reason) == (said.id, said.until, "ask Kim")
    [record] = scenario.records
    assert (record.action, record.result, record.why) == ("not-mine", AuditResult.DONE, "ask Kim")
    assert record.after == {"disclaimer": said.id, "until": said.until.isoformat()}


def test_the_form_says_until_when_and_remembers_the_click() -> None:
    scenario = Scenario()
    form = scenario.not_mine().form(ADA, Click("c", "1", "U1", "", NOW))
    assert isinstance(form, NotMineForm)
    assert form.until == NOW + TRIAGE_DAYS
    assert scenario.not_mine().forms.clicked("c", "U1") == form.click
    assert scenario.not_mine().forms.clicked("c", "U2") is None
    assert scenario.records == []


@pytest.mark.parametrize(
    ("scenario", "asker", "expected"),
    [
        (Scenario(), MEL, Refusal.NOT_YOURS),
        (Scenario(), ADMIN, Refusal.NOT_YOURS),
        (Scenario(), replace(ADA, membership=Membership.GUEST), Refusal.NOT_A_MEMBER),
        (Scenario(), replace(ADA, membership=Membership.UNASKED, address=""), Refusal.CANNOT_CHECK_YOU),
        (Scenario(found=()), ADA, Refusal.GONE),
        (Scenario(found=(renamed(IDLE, "mlg-web"),)), ADA, Refusal.NOT_YOURS),
        (Scenario(found=(instance(1, "agr-web", age=4),)), ADA, Refusal.COMPLIANT),
        (Scenario(enabled=frozenset({Action.KEEP})), ADA, Refusal.NOT_ENABLED),
    ],
)
def test_a_refusal_changes_nothing_and_is_audited(scenario: Scenario, asker: Asker, expected: Refusal) -> None:
    assert refusal(scenario.not_mine().form(asker, Click("c", "1", asker.user_id, "", NOW))) is expected
    assert refusal(scenario.disclaim(asker)) is expected
    assert (scenario.said, scenario.saved) == ([], {})
    assert [(one.result, one.reason) for one in scenario.records] == [(AuditResult.REFUSED, str(expected))] * 2


def test_the_same_offer_is_done_once_and_another_one_is_refused() -> None:
    scenario = Scenario()
    first, again = scenario.disclaim(), scenario.disclaim()
    assert isinstance(again, NotDone)
    assert (again.reason, again.earlier) == (Refusal.DONE_ALREADY, first)
    assert refusal(scenario.disclaim(offer="2")) is Refusal.NOT_YOURS
    assert refusal(scenario.disclaim(offer="forged")) is None
    assert len(scenario.said) == 1


def test_the_other_owner_is_still_one() -> None:
    scenario = Scenario(found=(SHARED,))
    assert isinstance(scenario.disclaim(), ActionResult)
    assert isinstance(scenario.disclaim(MEL, "2"), ActionResult)
    assert [one.user_id for one in scenario.said] == ["U1", "U2"]


def test_it_can_be_said_again_after_its_end_or_after_a_change() -> None:
    scenario = Scenario()
    scenario.disclaim()
    scenario.found = (renamed(IDLE, "agr-web2"),)
    assert isinstance(scenario.disclaim(offer="2"), ActionResult)
    assert refusal(scenario.disclaim(offer="3")) is Refusal.NOT_YOURS
    scenario.clock.pause(TRIAGE_DAYS.total_seconds())
    assert isinstance(scenario.disclaim(offer="4"), ActionResult)


def test_a_controller_is_said_to_be_somebody_elses() -> None:
    machine = instance(7, "agr-web", age=40, tags={ASG: "agr-web"})
    [row] = report(machine).flagged
    scenario = Scenario(found=(machine,), subject=subject_of(row))
    assert isinstance(scenario.disclaim(), ActionResult)
    assert refusal(scenario.disclaim(offer="2")) is Refusal.NOT_YOURS
    assert scenario.said[0].subject == subject_of(row)


def test_it_is_taken_back_by_who_said_it_for_ten_minutes() -> None:
    scenario = Scenario()
    scenario.disclaim()
    assert refusal(scenario.undo(MEL)) is Refusal.NOT_YOURS
    scenario.clock.pause(60)
    assert isinstance(scenario.undo(), ActionResult)
    assert scenario.said[0].until == NOW + timedelta(minutes=1)
    record = scenario.records[-1]
    assert (record.action, record.before["disclaimer"]) == ("undo", scenario.said[0].id)
    assert refusal(scenario.undo()) is Refusal.DONE_ALREADY
    assert isinstance(scenario.disclaim(offer="2"), ActionResult)


def test_it_is_taken_back_by_an_administrator_and_not_later() -> None:
    scenario = Scenario(said=[disclaimer(IDLE)])
    scenario.clock.pause(599)
    assert isinstance(scenario.undo(ADMIN), ActionResult)
    scenario = Scenario(said=[disclaimer(IDLE)])
    scenario.clock.pause(600)
    assert refusal(scenario.undo()) is Refusal.TOO_LATE
    assert refusal(scenario.undo(ADMIN)) is Refusal.TOO_LATE


@pytest.mark.parametrize(("length", "acceptable"), [(0, True), (300, True), (301, False)])
def test_a_hint_has_at_most_300_characters(length: int, *, acceptable: bool) -> None:
    assert NotMine.is_acceptable("x" * length) is acceptable


@pytest.mark.parametrize("identifier", ["", "AGR", "ADA"])
def test_a_delegate_takes_back_only_what_the_delegation_is_about(identifier: str) -> None:
    scenario = Scenario(
        delegations=FakeDelegationStore(
            Delegation("1", "U1", "Ada", "agr@octo.example", "U2", "Mel", identifier, NOW, NOW + timedelta(days=14))
        )
    )
    scenario.disclaim()
    outcome = scenario.undo(MEL)
    if identifier == "ADA":
        assert refusal(outcome) is Refusal.NOT_YOURS
        return
    assert isinstance(outcome, ActionResult)
    assert outcome.acted_for == "Ada"
    assert scenario.records[-1].after["for"] == Person("U1", "Ada", "agr@octo.example")


def test_a_delegate_says_it_of_the_owner_and_takes_it_back() -> None:
    scenario = Scenario()
    until = NOW + timedelta(days=14)
    scenario.delegations = FakeDelegationStore(
        Delegation("1", "U1", "Ada", "agr@octo.example", "U2", "Mel", "", NOW, until)
    )
    result = scenario.disclaim(MEL)
    assert isinstance(result, ActionResult)
    assert (result.user_id, result.acted_for) == ("U2", "Ada")
    assert result_text(result, ZoneInfo("UTC")).startswith("Mel for Ada says that agr-web is not Ada's")
    assert (scenario.said[0].user_id, scenario.said[0].address) == ("U1", "agr@octo.example")
    assert scenario.records[-1].after["for"] == Person("U1", "Ada", "agr@octo.example")
    assert refusal(scenario.undo(replace(MEL, user_id="U3"))) is Refusal.NOT_YOURS
    assert isinstance(scenario.undo(MEL), ActionResult)
    assert scenario.said[0].until == NOW
