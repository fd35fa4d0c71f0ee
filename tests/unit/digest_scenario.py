"""What a digest needs: a fleet, its people, stores in memory and a Slack in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.delegation import Delegation, live
from bailiff_bot.domain.delivery import BatchPlan, Delivery, MessageKind
from bailiff_bot.domain.digest import NUDGE, copy_name
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.owner import Owner
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import Refused
from bailiff_bot.leases import Leases
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.slack.client.channels import name_for_readers
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.braking import BRAKE_NOTICE
from bailiff_bot.usecases.delegating import DELEGATION_NOTICE
from bailiff_bot.usecases.digest_kinds import digest_kinds
from bailiff_bot.usecases.digest_messages import DigestMessages
from bailiff_bot.usecases.digests import DigestResult, Digests
from bailiff_bot.usecases.full_report import FULL_REPORT, FullReports
from bailiff_bot.usecases.new_digest import NewDigests
from bailiff_bot.usecases.nudge_messages import NudgeMessages
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.savings import Savings
from bailiff_bot.usecases.shared_report import SHARED_REPORT, SharedReports
from tests.builders import DIRECTORY, NOW, count_gaps, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.saving_store import FakeSavingStore
from tests.fakes.snapshots import make_snapshots
from tests.fakes.stores import (
    FakeAuditReader,
    FakeDigestHistoryStore,
    FakeExemptionStore,
    FakeLeaseStore,
    FakeOwnershipStore,
    FakeResultStore,
    FakeSnapshotStore,
)
from tests.fakes.transport import FakeTransport
from tests.fakes.users import FakeSlackUsers

ADA, MEL, PAM = Owner("U1", "Ada"), Owner("U2", "Mel"), Owner("U3", "Pam")
SLACK_USERS = {"agr@octo.example": ADA, "mlg@octo.example": MEL, "pade@octo.example": PAM}
ADA_INSTANCE, MEL_INSTANCE, PAM_INSTANCE = (
    instance(number, f"{identifier}-a", age=40) for number, identifier in enumerate(("agr", "mlg", "pade"), 1)
)
FLAGGED = (ADA_INSTANCE, MEL_INSTANCE, PAM_INSTANCE, instance(4, "zzz-a"))
CHANNEL = "C0DIGEST"
REPORT_MESSAGES = ReportMessages(render, pages, UTC)
MESSAGES = DigestMessages(REPORT_MESSAGES)
DAY = timedelta(days=1)
REMIND_AFTER = timedelta(days=7)


class ProcessKilledError(BaseException):
    """The process is killed here: no code in it may handle this."""


@dataclass(slots=True)
class DigestScenario:
    """The state that outlives a process. Each call of `digests` stands for a new process."""

    instances: Iterable[Instance] = FLAGGED
    implausible: tuple[str, ...] = ()
    """Why the counts are not plausible."""
    unread: tuple[Gap, ...] = ()
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    slack_users: FakeSlackUsers = field(default_factory=lambda: FakeSlackUsers(SLACK_USERS))
    delivery_store: FakeDeliveryStore = field(default_factory=FakeDeliveryStore)
    transport: FakeTransport = field(default_factory=FakeTransport)
    snapshot_store: FakeSnapshotStore = field(default_factory=FakeSnapshotStore)
    lease_store: FakeLeaseStore = field(default_factory=FakeLeaseStore)
    exemption_store: FakeExemptionStore = field(default_factory=FakeExemptionStore)
    ownership_store: FakeOwnershipStore = field(default_factory=FakeOwnershipStore)
    saving_store: FakeSavingStore = field(default_factory=FakeSavingStore)
    delegations: tuple[Delegation, ...] = ()
    actions: frozenset[Action] = frozenset()
    channel_error: Refused | None = None
    scans: int = 0

    def digests(self, nudges: str = "on", holder: str = "one", *, stopping: bool = False) -> Digests:
        """Return the digests of a new process."""

        def pause(seconds: float) -> bool:
            return stopping or self.clock.pause(seconds)

        snapshots = make_snapshots(
            self._take_snapshot, ImmediateExecutor(), self.clock, self.snapshot_store, self.lease_store, holder, pause
        )
        outbox = self.outbox(nudges, holder, stopping=stopping)
        return Digests(
            new_digests=NewDigests(
                Reports(snapshots, Policy(), self.clock, self.exemption_store, self.ownership_store),
                self.slack_users,
                FakeDigestHistoryStore(self.delivery_store),
                outbox.expire_late,
                FakeAuditReader(),
                tuple,
                REMIND_AFTER,
                Savings(self.saving_store, UTC).this_month,
            ),
            messages=MESSAGES,
            nudge_messages=NudgeMessages(
                REPORT_MESSAGES,
                name_for_readers(CHANNEL),
                Offers(self.actions, self.clock),
                str,
                FakeResultStore(),
                self._live_delegations,
            ),
            planner=Planner(self.delivery_store, self.clock),
            outbox=outbox,
            leases=Leases(self.lease_store, holder, self.clock),
            channel=self._channel_id,
            clock=self.clock,
            pause=pause,
            nudges=nudges,
            refresh_since=lambda _: None,
        )

    def outbox(self, nudges: str = "on", holder: str = "one", *, stopping: bool = False) -> Outbox:
        """Return the outbox of a new process. It sends before `submit` returns."""
        worker = self.worker(nudges, holder, stopping=stopping)
        return Outbox(worker, ImmediateExecutor, self.clock)

    def worker(self, nudges: str = "on", holder: str = "one", *, stopping: bool = False) -> OutboxWorker:
        """Return the worker of a new process."""

        def pause(seconds: float) -> bool:
            return stopping or self.clock.pause(seconds)

        sender = OutboxSender(self.delivery_store, self.transport, holder, self.clock, pause)
        kinds = {
            **digest_kinds(self._check_channel, nudges, MESSAGES.finalize, self._acts_for),
            BRAKE_NOTICE: BatchKind(),
            DELEGATION_NOTICE: BatchKind(),
            FULL_REPORT: BatchKind(),
            SHARED_REPORT: BatchKind(),
        }
        return OutboxWorker(self.delivery_store, sender, self.transport.edit, kinds, self.clock)

    def full_reports(self) -> FullReports:
        """Return the full reports of a new process."""
        return FullReports(Planner(self.delivery_store, self.clock), self.outbox(), REPORT_MESSAGES)

    def shared_reports(self) -> SharedReports:
        """Return the shared reports of a new process."""
        return SharedReports(Planner(self.delivery_store, self.clock), self.outbox(), REPORT_MESSAGES)

    def send_now(self, nudges: str = "on") -> DigestResult:
        """Send a digest by hand."""
        return self.digests(nudges).send_now().result()

    def expiry(self) -> datetime:
        """Return when a digest that starts now expires."""
        return self.clock() + timedelta(hours=8)

    @property
    def latest_plan(self) -> BatchPlan:
        """The plan that was saved last."""
        return self.delivery_store.plans[-1]

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The deliveries of the latest plan."""
        return self.delivery_store.deliveries(self.latest_plan.batch.id)

    def sent_kinds(self) -> list[str]:
        """Return the names of the messages sent to Slack, in order. A direct message's name includes its recipient."""
        names = [key.split("/")[-2:] for key in self.transport.sent_keys()]
        return [name if recipient == CHANNEL else f"{name} {recipient}" for name, recipient in names]

    def nudge_counts(self) -> dict[str, int]:
        """Return how many direct messages each user has in Slack."""
        nudges = {key: sent for key, sent in self.transport.in_slack.items() if "/nudge/" in key}
        users = {key.rpartition("/")[2] for key in nudges}
        return {user: sum(len(sent) for key, sent in nudges.items() if key.endswith(f"/{user}")) for user in users}

    def duplicates(self) -> set[str]:
        """Return the keys of the messages that Slack has more than once."""
        return {key for key, sent in self.transport.in_slack.items() if len(sent) > 1}

    def text_of_name(self, name: str) -> str:
        """Return the present plain text of the latest plan's messages of a name."""
        sent = [one for one in self.deliveries if one.name == name and one.ts]
        return "\n".join(self.text_of_message(one.ts) for one in sent)

    def text_of_message(self, ts: str) -> str:
        """Return the present plain text of a message."""
        payload: Mapping[str, Any] = self.transport.payloads[ts]
        return str(payload.get("plain", payload.get("content")))

    def nudge_text(self, owner: Owner, plan: BatchPlan | None = None) -> str:
        """Return the present text of the nudge to an owner in a plan (default: the latest)."""
        deliveries = self.delivery_store.deliveries((plan or self.latest_plan).batch.id)
        return next(
            self.text_of_message(one.ts)
            for one in deliveries
            if one.kind is MessageKind.DIRECT and one.recipient == owner.user_id and one.name == NUDGE
        )

    def copy_text(self, reader: Owner, owner: Owner, plan: BatchPlan | None = None) -> str:
        """Return the present text of the copy of an owner's nudge in a plan (default: the latest); empty if none."""
        deliveries = self.delivery_store.deliveries((plan or self.latest_plan).batch.id)
        found = (one for one in deliveries if (one.recipient, one.name) == (reader.user_id, copy_name(owner.user_id)))
        return next((self.text_of_message(one.ts) for one in found), "")

    def _take_snapshot(self) -> Snapshot:
        self.scans += 1
        return Snapshot(
            replace(inventory(self.instances, self.unread), scanned_at=self.clock()),
            DIRECTORY,
            count_gaps(*self.implausible),
        )

    def _live_delegations(self) -> tuple[Delegation, ...]:
        return live(self.delegations, self.clock())

    def _acts_for(self, delegate_id: str, owner_id: str) -> bool:
        return any((one.delegate_id, one.owner_id) == (delegate_id, owner_id) for one in self._live_delegations())

    def _check_channel(self, channel: str) -> None:
        assert channel == CHANNEL
        self._channel_id()

    def _channel_id(self) -> str:
        if self.channel_error:
            raise self.channel_error
        return CHANNEL
