"""An owner is assigned once, by an administrator, to somebody who can own it, of what is undecided at the click."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.action import Action, Membership, Refusal
from bailiff_bot.domain.action_brakes import Brakes
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.action_progress import progress
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.aws_step import StepOutcome, StepResult
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Assignment, OwnershipClaims, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.usecases.acting import Acting
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.assigning import AssignForm, Assigning
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.owner_tagging import OwnerTagging
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, NOW, instance, inventory
from tests.fakes.acting import FakeEc2, fake_facts
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeDelegationStore, FakeExemptionStore, FakeOwnershipStore
from tests.unit.triage_claims import assignment, disclaimer

BOX = instance(1, "agr-box", age=40)
ADMIN = Asker("U9", Membership.FULL, "Max", "max@octo.example", is_confirmed=True)
OWNER = Asker("U2", Membership.FULL, "Mel", "mlg@octo.example")
CLICK = Click("c", "offer", ADMIN.user_id, "", NOW)
POLICY = Policy()


@dataclass(slots=True)
class Scenario:
    """What there is at a click. It is each of the stores."""

    found: tuple[Instance, ...] = (BOX,)
    claims: OwnershipClaims = field(default_factory=lambda: OwnershipClaims((disclaimer(BOX),)))
    records: list[AuditRecord] = field(default_factory=list)
    done: list[ActionResult] = field(default_factory=list)
    clicks: dict[str, Click] = field(default_factory=dict)
    enabled: frozenset[Action] = frozenset({Action.NOT_MINE})
    ec2: FakeEc2 = field(default_factory=FakeEc2)
    brakes: list[Brakes | None] = field(default_factory=list)
    """With which each action in AWS was begun: it takes a slot if there are any."""

    def assigning(self) -> Assigning:
        clock, source = FakeClock(NOW + timedelta(hours=1)), FakeSnapshotSource(Snapshot(inventory([BOX]), DIRECTORY))
        snapshots = make_snapshots(source, ImmediateExecutor(), clock)
        reports = Reports(snapshots, POLICY, clock, FakeExemptionStore(), FakeOwnershipStore())
        decisions = Decisions(
            self.enabled,
            ActionLimits(ZoneInfo("UTC"), 30),
            frozenset({ADMIN.user_id}),
            _Offers(),
            _Results(self),
            FakeDelegationStore(),
            _Audit(self),
            CurrentInstances(_Reader(self), _Directory(), reports, snapshots),
            clock,
            fake_facts(),
        )
        return Assigning(
            decisions,
            Forms(_Clicks(self), decisions),
            _Results(self),
            _Ownership(self),
            POLICY,
            OwnerTagging(decisions, Acting(decisions, _Acting(self), clock, lambda _: None), self.ec2),
        )

    def assign(self, asker: Asker = ADMIN, owner: Asker = OWNER, offer: str = "offer") -> object:
        return self.assigning().assign(asker, replace(CLICK, offer=offer), owner)

    @property
    def audit(self) -> list[tuple[AuditResult, str]]:
        return [(one.result, one.reason) for one in self.records]


@dataclass(slots=True)
class _Part:
    scenario: Scenario


class _Offers:
    def get(self, key: str) -> Offer | None:
        made = Offer(key, instance_subject(BOX), "agr-box", "C1", "a message", NOW)
        return made if key.startswith("offer") else None


class _Clicks(_Part):
    def save(self, click: Click) -> None:
        self.scenario.clicks[click.id] = click

    def get(self, click_id: str) -> Click | None:
        return self.scenario.clicks.get(click_id)


class _Results(_Part):
    def get(self, offer_key: str, action: Action) -> ActionResult | None:
        return next((one for one in self.scenario.done if (one.offer.key, one.action) == (offer_key, action)), None)

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        return tuple(one for one in self.scenario.done if one.offer.message == message)

    def assign(
        self, result: ActionResult, assignment: Assignment, since: datetime, record: AuditRecord
    ) -> ActionResult | None:
        if any(one.assigned_at >= since for one in self.scenario.claims.assignments):
            return None
        self.scenario.claims = replace(self.scenario.claims, assignments=(assignment,))
        self.scenario.done.append(result)
        self.scenario.records.append(record)
        return result


class _Acting(_Part):
    def begin(self, result: ActionResult, brakes: Brakes | None, record: AuditRecord) -> Refusal | None:
        self.scenario.brakes.append(brakes)
        self.scenario.done.append(result)
        self.scenario.records.append(record)
        return None

    def note_request(self, result: ActionResult, request_id: str) -> None:
        assert result in self.scenario.done
        assert request_id

    def settle(self, result: ActionResult, record: AuditRecord, ends: tuple[str, ...] = ()) -> bool:
        assert not ends
        self.scenario.done[-1] = result
        self.scenario.records.append(record)
        return True


class _Ownership(_Part):
    def of(self, subject: Subject) -> OwnershipClaims:
        assert subject == instance_subject(BOX)
        return self.scenario.claims


class _Audit(_Part):
    def append(self, record: AuditRecord) -> int:
        self.scenario.records.append(record)
        return len(self.scenario.records)


class _Reader(_Part):
    def read(self, _target: Target, _instance_id: str | None) -> tuple[Instance, ...] | Gap:
        return self.scenario.found


class _Directory:
    def people(self) -> People:
        return DIRECTORY


def test_it_is_remembered_with_who_decided_it_and_as_the_instance_is_now() -> None:
    scenario = Scenario()
    outcome = scenario.assign()
    assert isinstance(outcome, ActionResult)
    [made] = scenario.claims.assignments
    assert (made.user_id, made.address, made.assigned_by) == (OWNER.user_id, OWNER.address, ADMIN.user_id)
    assert made.fingerprint == ownership_fingerprint(BOX, POLICY)
    assert (outcome.action, outcome.made_id, outcome.reason) == (Action.ASSIGN, made.id, "Mel")
    [record] = scenario.records
    assert record.before == {"not theirs": (Person("U1", "Ada", "agr@octo.example"),)}
    assert record.after["owner"] == Person("U2", "Mel", "mlg@octo.example")


def test_the_form_names_who_said_it_and_belongs_to_who_opened_it() -> None:
    scenario = Scenario()
    form = scenario.assigning().form(ADMIN, CLICK)
    assert isinstance(form, AssignForm)
    assert form.disclaimers == (disclaimer(BOX),)
    assert scenario.assigning().forms.clicked("c", ADMIN.user_id) == CLICK
    assert scenario.assigning().forms.clicked("c", "U1") is None
    assert scenario.assigning().forms.clicked("forged", ADMIN.user_id) is None


@pytest.mark.parametrize(
    ("scenario", "asker", "reason"),
    [
        (Scenario(), OWNER, Refusal.NOT_YOURS),
        (Scenario(), replace(ADMIN, membership=Membership.GUEST), Refusal.NOT_A_MEMBER),
        (Scenario(), replace(ADMIN, membership=Membership.UNASKED), Refusal.CANNOT_CHECK_YOU),
        (Scenario(found=()), ADMIN, Refusal.GONE),
        (Scenario(found=(instance(1, "hro-box", age=40),)), ADMIN, Refusal.DONE_ALREADY),  # it was renamed
        (Scenario(claims=OwnershipClaims((disclaimer(BOX, until=NOW),))), ADMIN, Refusal.DONE_ALREADY),
        (Scenario(claims=OwnershipClaims((disclaimer(BOX),), (assignment(BOX),))), ADMIN, Refusal.DONE_ALREADY),
    ],
)
def test_a_refusal_changes_nothing_and_is_audited(scenario: Scenario, asker: Asker, reason: Refusal) -> None:
    before = scenario.claims
    for outcome in (scenario.assigning().form(asker, CLICK), scenario.assign(asker)):
        assert isinstance(outcome, NotDone)
        assert outcome.reason is reason
    assert scenario.claims == before
    assert scenario.audit == [(AuditResult.REFUSED, str(reason))] * 2


@pytest.mark.parametrize(
    "owner", [replace(OWNER, address=""), *(replace(OWNER, membership=one) for one in Membership if one != "full")]
)
def test_only_a_full_member_with_an_address_can_own_it(owner: Asker) -> None:
    scenario = Scenario()
    outcome = scenario.assign(owner=owner)
    assert isinstance(outcome, AssignForm)
    assert outcome.wrong == owner
    assert scenario.claims.assignments == ()
    assert scenario.audit == [(AuditResult.REFUSED, "no-full-member-with-an-address")]


def test_a_second_click_is_shown_what_came_of_the_first_on_whatever_rendering() -> None:
    scenario = Scenario()
    first = scenario.assign()
    for offer in ("offer", "offer of another rendering"):
        again = scenario.assign(owner=ADMIN, offer=offer)
        assert isinstance(again, NotDone)
        assert (again.reason, again.earlier) == (Refusal.DONE_ALREADY, first)
    assert len(scenario.done) == 1


def test_an_unknown_button_is_audited() -> None:
    scenario = Scenario()
    outcome = scenario.assign(offer="forged")
    assert isinstance(outcome, NotDone)
    assert outcome.reason is None
    assert scenario.audit == [(AuditResult.REFUSED, "unknown-button")]


CAN_TAG = frozenset({Action.NOT_MINE, Action.RENAME})
TAG_BEGUN = ("tag", AuditResult.BEGUN)


def steps(scenario: Scenario) -> list[tuple[str, AuditResult]]:
    return [(one.action, one.result) for one in scenario.records]


def test_where_renaming_is_allowed_the_owner_is_written_into_a_tag_as_an_action_with_a_slot() -> None:
    scenario = Scenario(enabled=CAN_TAG)
    assert isinstance(scenario.assign(), ActionResult)
    assert scenario.ec2.calls == [("tag", ADMIN.user_id, BOX.id, "bailiff:owner", OWNER.address)]
    assert steps(scenario) == [("assign", AuditResult.DONE), TAG_BEGUN, ("tag", AuditResult.DONE)]
    assert scenario.done[-1].outcome is Outcome.DONE
    [brakes] = scenario.brakes
    assert brakes is not None


def test_a_tag_of_which_aws_says_nothing_stays_begun_until_the_instance_is_looked_at() -> None:
    scenario = Scenario(enabled=CAN_TAG, ec2=FakeEc2(answer=StepResult(StepOutcome.UNKNOWN, request_id="req")))
    scenario.assign()
    assert steps(scenario) == [("assign", AuditResult.DONE), TAG_BEGUN]
    assert scenario.done[-1].outcome is Outcome.PENDING
    later = NOW + timedelta(hours=1, minutes=5)
    assert progress(scenario.done[-1], BOX, later) == replace(
        scenario.done[-1],
        outcome=Outcome.FAILED,
        settled_at=later,
        detail="AWS was not reached, so nothing was changed: try again",
    )
    tagged = replace(BOX, tags={**BOX.tags, "bailiff:owner": OWNER.address})
    settled = progress(scenario.done[-1], tagged, later)
    assert settled is not None
    assert settled.outcome is Outcome.DONE


def test_a_tag_that_aws_refuses_leaves_the_assignment() -> None:
    refused = StepResult(StepOutcome.REFUSED, "the role may not tag it", code="UnauthorizedOperation")
    scenario = Scenario(enabled=CAN_TAG, ec2=FakeEc2(answer=refused))
    assert isinstance(scenario.assign(), ActionResult)
    assert steps(scenario)[-1] == ("tag", AuditResult.FAILED)
    assert [one.name for one in scenario.claims.assignments] == ["Mel"]


@pytest.mark.parametrize("enabled", [frozenset({Action.NOT_MINE}), frozenset({Action.NOT_MINE, Action.STOP})])
def test_where_renaming_is_not_allowed_no_tag_is_written(enabled: frozenset[Action]) -> None:
    scenario = Scenario(enabled=enabled)
    scenario.assign()
    assert not scenario.ec2.calls
