"""`/bailiff brake`: who switches it, what is recorded, and who is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BrakeLimits, Slot
from bailiff_bot.domain.audit import AuditResult, Person
from bailiff_bot.errors import Refused
from bailiff_bot.messages.document import Document
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.braking import BrakeChannel, Braking
from tests.builders import HOSTILE_TEXTS, NOW
from tests.fakes.brakes import FakeBrakeStore
from tests.fakes.clock import FakeClock
from tests.message_checks import check_message, rendered, visible_text
from tests.unit.digest_scenario import REPORT_MESSAGES, DigestScenario

ADA, BILL, CAM = Person("U1", "Ada Granger"), Person("U9", "Bill Ledger"), Person("U8", "Cam Ito")
HOUR = timedelta(hours=1)
TRIAGE = "C0TRIAGE"
LIMITS = BrakeLimits(per_person=3, deletions_per_person=1, total=6)


def no_channel() -> str:
    raise Refused("#cloud-triage is archived: set BAILIFF_TRIAGE_CHANNEL to another channel")


@dataclass(slots=True)
class Scenario:
    """Two administrators, Bill and Cam, and Ada, who is none, with stores in memory."""

    slots: tuple[Slot, ...] = ()
    admins: frozenset[str] = frozenset({"U8", "U9"})
    channel: Callable[[], str] = field(default=lambda: TRIAGE)
    changes_aws: bool = True
    implausible: str = ""
    slack: DigestScenario = field(default_factory=DigestScenario)
    store: FakeBrakeStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = FakeBrakeStore(*self.slots, delivery_store=self.slack.delivery_store)

    @property
    def clock(self) -> FakeClock:
        return self.slack.clock

    def braking(self) -> Braking:
        reader = BrakeReader(self.store, LIMITS, lambda: self.implausible, self.clock)
        channel = BrakeChannel("#cloud-triage", self.channel)
        planner = Planner(self.slack.delivery_store, self.clock)
        return Braking(reader, self.admins, channel, planner, self.slack.outbox(), REPORT_MESSAGES, self.changes_aws)

    def show(self, user_id: str = "U1") -> str:
        return checked(self.braking().show(user_id))

    def switch(self, *, is_on: bool, by: Person = BILL) -> str:
        return checked(self.braking().switch(by, is_on=is_on))

    def told(self) -> list[tuple[str, str]]:
        """Return what was posted, and where."""
        batches = [plan.batch.id for plan in self.slack.delivery_store.plans]
        sent = [one for batch in batches for one in self.slack.delivery_store.deliveries(batch)]
        return [(one.recipient, self.slack.text_of_message(one.ts)) for one in sent]

    def results(self) -> list[tuple[str, AuditResult, str]]:
        return [(record.action, record.result, record.reason) for record in self.store.records]


def checked(document: Document) -> str:
    message = rendered(document)
    check_message(message)
    return visible_text(message)


def begun(user_id: str, count: int = 1, action: Action = Action.STOP) -> tuple[Slot, ...]:
    return tuple(Slot(user_id, action, NOW - (number + 1) * HOUR) for number in range(count))


def test_it_shows_the_state_and_how_much_of_the_limits_is_used() -> None:
    shown = Scenario((*begun("U1", 1, Action.DELETE), *begun("U2", 3))).show()
    assert shown.startswith("The brake is off")
    assert "All people: 4 of 6 actions" in shown
    assert "You: 1 of 3 actions, 1 of 1 deletion" in shown
    assert "The oldest stops counting on 24 Nov, 06:00 UTC." in shown
    assert "/bailiff brake on" in shown


def test_it_says_if_nothing_counts_and_if_nothing_is_offered() -> None:
    assert "stops counting" not in Scenario().show()
    assert "BAILIFF_ACTIONS allows neither rename, stop nor delete" in Scenario(changes_aws=False).show()


def test_it_says_why_nothing_is_done_although_it_is_off() -> None:
    implausible = Scenario(implausible="the fleet shrank").show()
    assert implausible.startswith("The brake is off, but the last scan is not plausible")
    assert "Bailiff stops, renames and deletes nothing until a scan is plausible again" in implausible
    used = Scenario(begun("U2", 6)).show()
    assert used.startswith("The brake is off, but the limit of all people is reached")
    assert "Bailiff stops, renames and deletes nothing until the oldest action stops counting" in used


def test_an_administrator_puts_it_on_and_the_channel_is_told_once() -> None:
    scenario = Scenario()
    answer = scenario.switch(is_on=True)
    assert answer.startswith("The brake is on\n")
    assert "Put on by Bill Ledger on 23 Nov, 09:00 UTC: Bailiff stops, renames and deletes nothing until" in answer
    assert "#cloud-triage is told." in answer
    [(channel, text)] = scenario.told()
    assert channel == TRIAGE
    assert text.startswith(
        "Bill Ledger put the brake on (23 Nov, 09:00 UTC): Bailiff stops, renames and deletes nothing"
    )
    [record] = scenario.store.records
    assert (record.action, record.actor, record.result) == ("brake", BILL, AuditResult.DONE)
    assert (record.before, record.after) == ({"brake": "off"}, {"brake": "on"})
    assert scenario.show().startswith("The brake is on\nPut on by Bill Ledger")


def test_off_takes_it_off_and_lifts_what_others_did() -> None:
    scenario = Scenario((*begun("U2", 3), *begun("U9", 1)))
    scenario.switch(is_on=True, by=CAM)
    scenario.clock.advance(HOUR)
    answer = scenario.switch(is_on=False)
    assert "Taken off by Bill Ledger on 23 Nov, 10:00 UTC. What others did before does not count" in answer
    assert "All people: 1 of 6 actions" in answer
    assert "Bill Ledger took the brake off (23 Nov, 10:00 UTC)" in scenario.told()[-1][1]
    assert scenario.store.records[-1].before == {"brake": "on"}


def test_who_took_it_off_is_shown_for_good_and_what_that_lifted_for_a_day() -> None:
    scenario = Scenario(begun("U2"))
    scenario.switch(is_on=False)
    scenario.clock.advance(25 * HOUR)
    assert "Taken off by Bill Ledger on 23 Nov, 09:00 UTC.\nAll people" in scenario.show()


def test_off_lifts_a_limit_also_where_nobody_put_the_brake_on() -> None:
    scenario = Scenario(begun("U2", 3))
    assert "All people: 0 of 6 actions" in scenario.switch(is_on=False)
    assert "Bill Ledger lifted the limits of what may be done in AWS" in scenario.told()[-1][1]


@pytest.mark.parametrize("is_on", [True, False])
def test_a_second_time_it_says_that_it_is_so_already(*, is_on: bool) -> None:
    scenario = Scenario(begun("U2"))
    scenario.switch(is_on=is_on)
    assert f"It is {'on' if is_on else 'off'} already" in scenario.switch(is_on=is_on, by=CAM)
    assert len(scenario.told()) == len(scenario.store.records) == len(scenario.store.switches) == 1


def test_of_two_administrators_at_once_one_puts_it_on() -> None:
    scenario = Scenario()
    braking = scenario.braking()
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda one: checked(braking.switch(one, is_on=True)), (BILL, CAM)))
    assert sum("It is on already." in answer for answer in answers) == 1
    assert len(scenario.store.switches) == len(scenario.store.records) == 1


@pytest.mark.parametrize("is_on", [True, False])
def test_nobody_else_switches_it_and_the_refusal_is_recorded(*, is_on: bool) -> None:
    scenario = Scenario(begun("U2"))
    answer = scenario.switch(is_on=is_on, by=ADA)
    assert answer == "Only an administrator of Bailiff switches the brake (BAILIFF_ADMINS): ask one of them."
    assert scenario.results() == [("brake", AuditResult.REFUSED, "not-an-administrator")]
    assert scenario.told() == []
    assert scenario.store.switches == []


def test_without_administrators_it_says_who_names_them() -> None:
    assert "name one in BAILIFF_ADMINS" in Scenario(admins=frozenset()).switch(is_on=True, by=ADA)


def test_who_ran_into_it_does_not_take_it_off_and_another_administrator_does() -> None:
    scenario = Scenario(begun("U9", 3))
    answer = scenario.switch(is_on=False)
    assert "another administrator has to take the brake off" in answer
    assert "the oldest action counts until 24 Nov, 06:00 UTC" in answer
    assert scenario.results() == [("brake", AuditResult.REFUSED, "ran-into-it")]
    assert "What others did before does not count towards the limits any more" in scenario.switch(is_on=False, by=CAM)


def test_it_is_switched_also_if_the_channel_cannot_be_told_and_the_answer_says_so() -> None:
    scenario = Scenario(channel=no_channel)
    answer = scenario.switch(is_on=True)
    assert "Nobody else is told, so tell them yourself: #cloud-triage is archived" in answer
    assert scenario.store.switches[-1].is_on
    assert scenario.told() == []


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_any_name_is_shown_safely(name: str) -> None:
    scenario = Scenario()
    scenario.switch(is_on=True, by=Person("U9", name))
    scenario.show()
    scenario.switch(is_on=False, by=CAM)
    assert len(scenario.told()) == 2
