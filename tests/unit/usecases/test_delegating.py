"""Who becomes a delegate, who may end that, and what both are told."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bailiff_bot.domain.action import Membership
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.identity import People, people_from_entries
from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.delegating import Delegating, Wanted
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, HOSTILE_TEXTS, NOW, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeDelegationStore, FakeExemptionStore, FakeOwnershipStore
from tests.message_checks import check_message, rendered, visible_text
from tests.unit.digest_scenario import REPORT_MESSAGES, DigestScenario

ADA = Person("U1", "Ada Granger", "agr@octo.example")
MEL = Owner("U2", "Mel Legrand")
DAY, FORTNIGHT = timedelta(days=1), timedelta(days=14)
INCOMPLETE = people_from_entries([("MLG", "mlg@octo.example")], ["page 2 was not read"])


def wanted(time: timedelta | None = FORTNIGHT, identifier: str = "", delegate: Owner | NoOwner = MEL) -> Wanted:
    user_id = delegate.user_id if isinstance(delegate, Owner) else "U2"
    return Wanted(user_id, delegate, "@mel", time, identifier)


def asker(user_id: str, membership: Membership = Membership.FULL) -> Asker:
    return Asker(user_id, membership, {"U1": "Ada Granger", "U2": "Mel Legrand"}.get(user_id, "Pam"))


@dataclass(slots=True)
class Scenario:
    """An owner and a colleague, with stores in memory."""

    people: People = DIRECTORY
    slack: DigestScenario = field(default_factory=DigestScenario)
    store: FakeDelegationStore = field(init=False)
    refusals: list[AuditRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = FakeDelegationStore(delivery_store=self.slack.delivery_store)

    @property
    def clock(self) -> FakeClock:
        return self.slack.clock

    def delegating(self) -> Delegating:
        source = FakeSnapshotSource(Snapshot(inventory([instance(1, "agr-web", age=40)]), self.people))
        snapshots = make_snapshots(source, ImmediateExecutor(), self.clock)
        reports = Reports(snapshots, Policy(), self.clock, FakeExemptionStore(), FakeOwnershipStore())
        planner = Planner(self.slack.delivery_store, self.clock)
        return Delegating(self.store, self, reports, planner, self.slack.outbox(), REPORT_MESSAGES, self.clock)

    def append(self, record: AuditRecord) -> int:
        self.refusals.append(record)
        return len(self.refusals)

    def begin(self, asked: Wanted | None = None, owner: Person = ADA) -> str:
        return self.delegating().begin(owner, asked or wanted()).summary

    @property
    def only(self) -> Delegation:
        [found] = self.store.delegations
        return found

    def notice(self) -> tuple[str, str]:
        """Return to whom the last notice was sent, and what it says."""
        [sent] = self.slack.deliveries
        return sent.recipient, self.slack.text_of_message(sent.ts)

    @property
    def notices(self) -> list[BatchPlan]:
        return self.slack.delivery_store.plans

    def reasons(self) -> list[str]:
        return [record.reason for record in self.refusals if record.result is AuditResult.REFUSED]


def test_a_colleague_acts_for_the_owner_until_the_end_and_is_told() -> None:
    scenario = Scenario()
    answer = scenario.begin(wanted(FORTNIGHT, "AGR"))
    assert "Mel Legrand acts for you until 7 Dec, 09:00 UTC, on your instances named AGR" in answer
    assert (scenario.only.since, scenario.only.until, scenario.only.identifier) == (NOW, NOW + FORTNIGHT, "AGR")
    recipient, text = scenario.notice()
    assert recipient == "U2"
    assert "You act for Ada Granger until 7 Dec, 09:00 UTC" in text
    assert "for their instances named AGR" in text
    assert "/bailiff mine agr@octo.example" in text
    [record] = scenario.store.records
    assert (record.action, record.actor, record.subject) == ("delegate", ADA, None)
    assert record.after["delegate"] == Person("U2", "Mel Legrand")


def test_without_a_duration_it_lasts_two_weeks() -> None:
    scenario = Scenario()
    scenario.begin(wanted(None))
    assert scenario.only.until == NOW + FORTNIGHT


def test_a_second_one_to_the_same_person_replaces_the_first_and_both_are_told() -> None:
    scenario = Scenario()
    scenario.begin()
    scenario.clock.advance(DAY)
    assert "This replaces what ended on 7 Dec, 09:00 UTC." in scenario.begin(wanted(DAY))
    assert scenario.only.until == NOW + 2 * DAY
    assert "This replaces what ended on 7 Dec" in scenario.notice()[1]
    assert scenario.store.records[-1].before["until"] == (NOW + FORTNIGHT).isoformat()
    slots = [notice.batch.slot for notice in scenario.notices]
    assert len(set(slots)) == 2


@pytest.mark.parametrize(
    ("asked", "owner", "sentence", "reason"),
    [
        (wanted(delegate=Owner("U1", "Ada")), ADA, "You act for yourself already: name a colleague.", "oneself"),
        (wanted(delegate=NoOwner("a guest in Slack")), ADA, "@mel is a guest in Slack, so they cannot", "not-a-member"),
        (wanted(delegate=NoOwner("a bot in Slack")), ADA, "@mel is a bot in Slack, so", "not-a-member"),
        (wanted(), Person("U1", "Ada"), "Slack does not show Bailiff your e-mail address", "no-address"),
        (wanted(identifier="AGX"), ADA, "AGX is not an identifier of yours. Did you mean “AGR”? Yours: AGR.", None),
        (wanted(identifier="MLG"), ADA, "MLG is not an identifier of yours. Yours: AGR.", "not-their-identifier"),
        (wanted(identifier="OFFF"), ADA, "Did you mean “off”?", "not-their-identifier"),
        (wanted(identifier="AGR"), Person("U9", "Zoe", "z@b.example"), "Leave it out", "not-their-identifier"),
    ],
)
def test_who_cannot_become_a_delegate_is_said_in_a_sentence_and_recorded(
    asked: Wanted, owner: Person, sentence: str, reason: str | None
) -> None:
    scenario = Scenario()
    assert sentence in scenario.begin(asked, owner)
    assert not scenario.store.delegations
    assert not scenario.notices
    assert scenario.reasons() == [reason or "not-their-identifier"]


def test_an_incomplete_directory_is_not_taken_for_an_answer() -> None:
    scenario = Scenario(INCOMPLETE)
    assert "The people directory did not say whether AGR is yours" in scenario.begin(wanted(identifier="AGR"))


@pytest.mark.parametrize(
    ("by", "other", "answer", "told"),
    [
        ("U1", "U2", "Mel Legrand does not act for you any more", "You do not act for Ada Granger any more: Ada"),
        ("U2", "U1", "You do not act for Ada Granger any more", "Mel Legrand does not act for you any more: Mel"),
    ],
)
def test_either_of_the_two_may_end_it_and_the_other_is_told(by: str, other: str, answer: str, told: str) -> None:
    scenario = Scenario()
    scenario.begin()
    scenario.clock.advance(DAY)
    ended = scenario.delegating().end(asker(by), scenario.only.id)
    assert ended.is_over
    assert answer in ended.text
    recipient, text = scenario.notice()
    assert recipient == other
    assert told in text
    assert scenario.only.until == NOW + DAY
    assert scenario.store.records[-1].action == "end-delegation"


def test_a_second_end_says_since_when_it_is_over_and_tells_nobody() -> None:
    scenario = Scenario()
    scenario.begin()
    scenario.delegating().end(asker("U1"), scenario.only.id)
    scenario.clock.advance(DAY)
    again = scenario.delegating().end(asker("U2"), scenario.only.id)
    assert again.is_over
    assert "any more (ended 23 Nov, 09:00 UTC)" in again.text
    assert len(scenario.notices) == 2
    assert scenario.reasons() == ["done-already"]


@pytest.mark.parametrize(
    ("by", "sentence", "reason"),
    [
        (asker("U3"), "Only the owner and the delegate can end this", "not-yours"),
        (asker("U2", Membership.GUEST), "Only full members of this workspace", "not-a-member"),
        (asker("U2", Membership.UNASKED), "try again in a minute", "cannot-check-you"),
    ],
)
def test_nobody_else_ends_it(by: Asker, sentence: str, reason: str) -> None:
    scenario = Scenario()
    scenario.begin()
    ended = scenario.delegating().end(by, scenario.only.id)
    assert not ended.is_over
    assert sentence in ended.text
    assert scenario.only.until == NOW + FORTNIGHT
    assert scenario.reasons() == [reason]


def test_a_forged_button_ends_nothing() -> None:
    scenario = Scenario()
    ended = scenario.delegating().end(asker("U1"), "forged")
    assert "too old, or not one of Bailiff's" in ended.text
    assert scenario.reasons() == ["unknown-button"]


def test_it_is_ended_by_the_command_too() -> None:
    scenario = Scenario()
    scenario.begin()
    assert "Mel Legrand does not act for you" in scenario.delegating().end_of(ADA, "U2", "@mel").summary
    assert scenario.delegating().end_of(ADA, "U2", "@mel").summary == (
        "@mel does not act for you, so there is nothing to end."
    )


def test_the_list_shows_both_sides_until_they_end() -> None:
    scenario = Scenario()
    scenario.begin(wanted(DAY))
    owner, delegate = (visible_text(rendered(scenario.delegating().list_of(user))) for user in ("U1", "U2"))
    assert "1 person acts for you, and you act for nobody" in owner
    assert "Mel Legrand until 24 Nov, 09:00 UTC, on all of your instances" in owner
    assert "Ada Granger until 24 Nov, 09:00 UTC, on all of their instances: /bailiff mine agr@" in delegate
    scenario.clock.advance(DAY)
    assert "Nobody acts for you" in visible_text(rendered(scenario.delegating().list_of("U1")))


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_no_name_breaks_a_message(name: str) -> None:
    scenario = Scenario()
    hostile = Person("U1", f"Ada {name}", "agr@octo.example")
    check_message(rendered(scenario.delegating().begin(hostile, wanted(delegate=Owner("U2", f"Mel {name}")))))
    check_message(rendered(scenario.delegating().list_of("U1")))
    check_message(rendered(scenario.delegating().list_of("U2")))
    scenario.delegating().end(Asker("U2", Membership.FULL, f"Mel {name}"), scenario.only.id)
    assert len(scenario.notices) == 2
