"""Reminders of exemptions that end: to whom, once each, and not when nothing would count again."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.delivery import BatchPlan, MessageKind
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.domain.ownership import Disclaimer, OwnershipClaims, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.leases import Leases
from bailiff_bot.messages.buttons import KEEP
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.exemption_reminders import ExemptionReminders
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.reminder_messages import EXEMPTION_REMINDER, ReminderMessages, reminder_kind
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, IRELAND, NOW, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeExemptionStore, FakeLeaseStore, FakeOwnershipStore, FakeResultStore
from tests.fakes.transport import FakeTransport

PARIS = ZoneInfo("Europe/Paris")
ADA, MEL = "U1", "U2"
BOX = instance(1, "agr-box", age=40)
SHARED = instance(1, "box", age=40, tags={"Owner": "agr@octo.example, mlg@octo.example"})
UNTIL = datetime(2026, 12, 1, 23, tzinfo=UTC)
DUE = datetime(2026, 11, 30, 9, tzinfo=PARIS)
SLOT = "exemption reminder g1"
GRANT = Grant("g1", instance_subject(BOX), frozenset(RuleId), UNTIL, "a <b> demo", ADA, "Ada Granger", NOW)


@dataclass(slots=True)
class Scenario:
    """State that outlives a process."""

    found: tuple[Instance, ...] | Gap = (BOX,)
    grants: list[Grant] = field(default_factory=lambda: [GRANT])
    members: frozenset[str] = frozenset({ADA, MEL})
    actions: frozenset[Action] = frozenset({Action.KEEP})
    unanswered: frozenset[str] = frozenset()
    """The addresses of which Slack does not say who that is."""
    claims: OwnershipClaims = field(default_factory=OwnershipClaims)
    clock: FakeClock = field(default_factory=lambda: FakeClock(DUE))
    deliveries: FakeDeliveryStore = field(default_factory=FakeDeliveryStore)
    transport: FakeTransport = field(default_factory=FakeTransport)
    leases: FakeLeaseStore = field(default_factory=FakeLeaseStore)
    results: FakeResultStore = field(default_factory=FakeResultStore)
    reads: int = 0

    def read(self, target: Target, instance_id: str | None) -> tuple[Instance, ...] | Gap:
        assert (target, instance_id) == (IRELAND, BOX.id)
        self.reads += 1
        return self.found

    def people(self) -> People:
        return DIRECTORY

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        known = {"agr@octo.example": Owner(ADA, "Ada"), "mlg@octo.example": Owner(MEL, "Mel")}
        unanswered = NoOwner("Slack did not answer", lookup_failed=True)
        return {address: unanswered if address in self.unanswered else known[address] for address in addresses}

    def is_member(self, user_id: str) -> bool:
        return user_id in self.members

    def exemptions(self) -> FakeExemptionStore:
        store = FakeExemptionStore()
        store.grants.extend(self.grants)
        return store

    def messages(self) -> ReminderMessages:
        reports = ReportMessages(render, pages, PARIS)
        offers = Offers(self.actions, self.clock)
        return ReminderMessages(reports, offers, self.exemptions(), self.results, self.deliveries, lambda: 1)

    def outbox(self, nudges: str = "on") -> Outbox:
        sender = OutboxSender(self.deliveries, self.transport, "one", self.clock, self.clock.pause)
        kinds = {EXEMPTION_REMINDER: reminder_kind(nudges, self.exemptions(), self.clock)}
        worker = OutboxWorker(self.deliveries, sender, self.transport.edit, kinds, self.clock)
        return Outbox(worker, ImmediateExecutor, self.clock)

    def process(self, holder: str = "one") -> ExemptionReminders:
        """Return the use case of a new process."""
        source = FakeSnapshotSource(Snapshot(inventory([BOX]), DIRECTORY))
        snapshots = make_snapshots(source, ImmediateExecutor(), self.clock)
        reports = Reports(snapshots, Policy(zone=PARIS), self.clock, self.exemptions(), FakeOwnershipStore(self.claims))
        return ExemptionReminders(
            self.exemptions(),
            self,
            CurrentInstances(self, self, reports, snapshots),
            self.messages(),
            Planner(self.deliveries, self.clock),
            self.outbox(),
            Leases(self.leases, holder, self.clock),
            self.clock,
            PARIS,
        )

    def reminded(self) -> list[str]:
        """Return who was reminded, in order."""
        return [key.rpartition("/")[2] for key in self.transport.sent_keys()]


def test_who_granted_it_and_the_owners_are_reminded_with_the_date_and_keep() -> None:
    scenario = Scenario(found=(SHARED,))
    scenario.process().send_due()
    assert scenario.reminded() == [ADA, MEL]
    plans: list[BatchPlan] = scenario.deliveries.plans
    assert [plan.batch.expires_at for plan in plans] == [UNTIL, UNTIL]
    [message] = plans[0].messages
    assert message.payload["text"] == f"The exemption of box ({BOX.id}) ends on 2026-12-01."
    assert "it is reported again: BOX is not in the directory, running for 46 days" in message.payload["plain"]
    assert "kept by Ada Granger: a <b> demo" in message.payload["plain"]
    assert KEEP in str(message.payload["blocks"])
    assert [(offer.subject, offer.recipient) for offer in message.offers] == [(GRANT.subject, ADA)]


def test_each_exemption_is_reminded_of_once_also_after_a_restart_and_by_two_replicas() -> None:
    scenario = Scenario()
    for holder in ("one", "two", "three"):
        scenario.process(holder).send_due()
        scenario.clock.pause(3600)
    assert scenario.reminded() == [ADA]


def test_an_extension_is_reminded_of_again() -> None:
    scenario = Scenario()
    scenario.process().send_due()
    extension = replace(GRANT, id="g2", until=UNTIL + timedelta(days=3), granted_at=scenario.clock(), extensions=1)
    scenario.grants.append(extension)
    scenario.clock.pause(timedelta(days=3).total_seconds())
    scenario.process().send_due()
    assert [plan.batch.slot for plan in scenario.deliveries.plans] == [
        "exemption reminder g1",
        "exemption reminder g2",
    ]


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(found=()),
        Scenario(found=(instance(1, "agr-box"),)),
        Scenario(found=unread_gap(IRELAND, UnreadReason.THROTTLED)),
        Scenario(grants=[GRANT, replace(GRANT, id="g2", until=UNTIL + timedelta(days=9))]),
        Scenario(grants=[replace(GRANT, until=DUE.astimezone(UTC))]),
        Scenario(clock=FakeClock(DUE + timedelta(hours=18))),
    ],
    ids=["gone", "compliant", "unread", "a longer one", "ended", "at three in the morning"],
)
def test_nobody_is_reminded_if_nothing_would_count_again(scenario: Scenario) -> None:
    scenario.process().send_due()
    assert (scenario.reminded(), scenario.deliveries.plans) == ([], [])


def test_what_could_not_be_read_is_read_again_a_quarter_of_an_hour_later() -> None:
    scenario = Scenario(found=unread_gap(IRELAND, UnreadReason.THROTTLED))
    process = scenario.process()
    for _ in range(5):
        process.send_due()
    assert scenario.reads == 1
    scenario.found = (BOX,)
    scenario.clock.pause(15 * 60)
    process.send_due()
    assert scenario.reminded() == [ADA]


def test_who_left_the_workspace_is_not_reminded() -> None:
    scenario = Scenario(grants=[replace(GRANT, granted_by="U9")])
    scenario.process().send_due()
    assert scenario.reminded() == [ADA]


def test_an_owner_is_waited_for_of_whom_slack_does_not_say_who_that_is() -> None:
    scenario = Scenario(found=(SHARED,), unanswered=frozenset({"mlg@octo.example"}))
    scenario.process().send_due()
    assert scenario.reminded() == []
    scenario.unanswered = frozenset()
    scenario.process().send_due()
    assert scenario.reminded() == [ADA, MEL]


def test_shortly_before_the_end_nobody_is_waited_for() -> None:
    shortly_before = FakeClock(datetime(2026, 12, 1, 13, tzinfo=PARIS))
    scenario = Scenario(found=(SHARED,), unanswered=frozenset({"mlg@octo.example"}), clock=shortly_before)
    scenario.process().send_due()
    assert scenario.reminded() == [ADA]


def test_who_granted_it_and_said_not_mine_since_is_not_reminded() -> None:
    name, print_ = "Ada Granger", ownership_fingerprint(SHARED, Policy(zone=PARIS))
    said = Disclaimer("d", GRANT.subject, "box", ADA, name, "agr@octo.example", NOW, NOW + timedelta(days=14), print_)
    scenario = Scenario(found=(SHARED,), claims=OwnershipClaims((said,)))
    scenario.process().send_due()
    assert scenario.reminded() == [MEL]


def test_without_actions_there_is_no_keep() -> None:
    scenario = Scenario(actions=frozenset())
    scenario.process().send_due()
    assert KEEP not in str(scenario.deliveries.plans[0].messages[0].payload)


@pytest.mark.parametrize(
    ("nudges", "until", "reason"),
    [("off", UNTIL, "BAILIFF_NUDGES is off"), ("on", DUE, "the exemption is over"), ("on", UNTIL, "")],
)
def test_one_that_waits_is_not_sent_after_a_change(nudges: str, until: datetime, reason: str) -> None:
    scenario = Scenario()
    row = scenario.process().current.find(GRANT.subject).row
    assert isinstance(row, Row)
    batch = Planner(scenario.deliveries, scenario.clock).scheduled_batch(EXEMPTION_REMINDER, SLOT, ADA, UNTIL)
    scenario.deliveries.save_plan(BatchPlan(batch, (scenario.messages().reminder(GRANT, row, ADA),)))
    scenario.grants[:] = [replace(GRANT, until=until)]
    scenario.outbox(nudges).resume_unfinished()
    assert scenario.reminded() == ([] if reason else [ADA])
    assert scenario.deliveries.deliveries(batch.id)[0].reason == reason


def test_after_keep_it_says_for_good_who_did_what() -> None:
    scenario = Scenario()
    scenario.process().send_due()
    [plan] = scenario.deliveries.plans
    [delivery] = scenario.deliveries.deliveries(plan.batch.id)
    assert scenario.messages().update(delivery.key, ADA) is None
    offer = Offer("k", GRANT.subject, f"agr-box ({BOX.id})", ADA, delivery.key, DUE)
    kept = ActionResult(offer, Action.KEEP, ADA, "Ada Granger", DUE, "g2", UNTIL + timedelta(days=7), "still in use")
    scenario.results.results.append(kept)
    edit = scenario.messages().update(delivery.key, ADA)
    assert edit
    assert (edit.kind, edit.edited_ts, edit.payload["channel"]) == (MessageKind.EDIT, delivery.ts, delivery.channel)
    assert f"Ada Granger keeps agr-box ({BOX.id}) until 2026-12-08: still in use" in edit.payload["plain"]
    assert KEEP not in str(edit.payload["blocks"])
    scenario.results.results.append(replace(kept, action=Action.UNDO, until=None, reason=""))
    undone = scenario.messages().update(delivery.key, ADA)
    assert undone
    assert KEEP in str(undone.payload["blocks"])
