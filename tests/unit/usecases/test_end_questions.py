"""Owners are asked once a month for the end of exempting tags, in one message each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.end_questions import END_QUESTION, EndQuestions
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeExemptionStore, FakeOwnershipStore
from tests.fakes.transport import FakeTransport

PARIS = ZoneInfo("Europe/Paris")
MORNING = datetime(2026, 11, 30, 9, tzinfo=PARIS)
EXEMPT = {"bailiff:exempt": ""}
TWO = (instance(1, "agr-box", tags=EXEMPT), instance(2, "agr-gpu", tags=EXEMPT))
DATED = instance(3, "agr-dated", tags={"bailiff:exempt": "2027-03-01"})
ADA, MEL = "U1", "U2"


@dataclass(slots=True)
class Scenario:
    """State that outlives a process."""

    instances: tuple[Instance, ...] = (*TWO, DATED)
    slack_answers: bool = True
    clock: FakeClock = field(default_factory=lambda: FakeClock(MORNING))
    deliveries: FakeDeliveryStore = field(default_factory=FakeDeliveryStore)
    transport: FakeTransport = field(default_factory=FakeTransport)

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        known = {"agr@octo.example": Owner(ADA, "Ada"), "mlg@octo.example": Owner(MEL, "Mel")}
        failed = NoOwner("Slack did not answer", lookup_failed=True)
        return {address: known[address] if self.slack_answers else failed for address in addresses}

    def process(self) -> EndQuestions:
        """Return the use case of a new process."""
        source = FakeSnapshotSource(Snapshot(inventory(self.instances), DIRECTORY))
        snapshots = make_snapshots(source, ImmediateExecutor(), self.clock)
        reports = Reports(snapshots, Policy(zone=PARIS), self.clock, FakeExemptionStore(), FakeOwnershipStore())
        snapshots.scan()
        sender = OutboxSender(self.deliveries, self.transport, "one", self.clock, self.clock.pause)
        worker = OutboxWorker(self.deliveries, sender, self.transport.edit, {END_QUESTION: BatchKind()}, self.clock)
        outbox = Outbox(worker, ImmediateExecutor, self.clock)
        messages, planner = ReportMessages(render, pages, PARIS), Planner(self.deliveries, self.clock)
        return EndQuestions(reports, self, messages, planner, outbox, self.clock, PARIS)

    def asked(self) -> list[str]:
        """Return who was asked, in order."""
        return [key.rpartition("/")[2] for key in self.transport.sent_keys()]


def test_an_owner_is_asked_once_for_all_tags_without_an_end() -> None:
    scenario = Scenario()
    for _ in range(2):
        process = scenario.process()
        process.send_due()
        process.send_due()
    assert scenario.asked() == [ADA]
    [plan] = scenario.deliveries.plans
    text = str(plan.messages[0].payload)
    assert "2 of your instances are exempt without an end" in text
    assert "agr-box" in text
    assert "agr-gpu" in text
    assert "agr-dated" not in text
    assert "bailiff:exempt=YYYY-MM-DD" in text
    assert "1 of 1 region read" in text


def test_each_owner_of_it_is_asked() -> None:
    scenario = Scenario((instance(1, "x", tags=EXEMPT | {"Owner": "agr@octo.example, mlg@octo.example"}),))
    scenario.process().send_due()
    assert scenario.asked() == [ADA, MEL]


def test_the_question_is_asked_again_in_the_next_month() -> None:
    scenario = Scenario()
    process = scenario.process()
    process.send_due()
    scenario.clock.pause(timedelta(days=1).total_seconds())
    process.send_due()
    process.send_due()
    assert scenario.asked() == [ADA, ADA]


@pytest.mark.parametrize("hour", [0, 8, 18, 23])
def test_nobody_is_woken(hour: int) -> None:
    scenario = Scenario(clock=FakeClock(MORNING.replace(hour=hour)))
    scenario.process().send_due()
    assert scenario.asked() == []


def test_nobody_is_asked_about_a_tag_with_an_end_and_of_nobodys_instance() -> None:
    scenario = Scenario((DATED, instance(2, "123", tags=EXEMPT)))
    scenario.process().send_due()
    assert scenario.asked() == []


def test_if_slack_does_not_answer_the_owner_is_asked_later() -> None:
    scenario = Scenario(slack_answers=False)
    process = scenario.process()
    process.send_due()
    scenario.slack_answers = True
    process.send_due()
    assert scenario.asked() == [ADA]
