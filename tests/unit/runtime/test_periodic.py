"""What the bot does at each tick: on schedule, after a crash, and beside other replicas."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Batch, Delivery
from bailiff_bot.domain.digest import DELIVERY_SUMMARY, SCHEDULED_DIGEST
from bailiff_bot.domain.owner import OwnersByAddress
from bailiff_bot.errors import Refused, SlackError, StoreError
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.runtime.periodic import PeriodicWork, run_each
from bailiff_bot.runtime.slots import parse_slots
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.stores import FakeScheduleStore
from tests.fakes.users import FakeSlackUsers
from tests.unit.digest_scenario import DAY, DigestScenario, ProcessKilledError

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BEFORE = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
"""Ten minutes before nine in Paris, on a Monday."""
PARIS = "Europe/Paris"


@dataclass(slots=True)
class ReplicaScenario:
    """Any number of bots with one database."""

    digests: DigestScenario = field(default_factory=lambda: DigestScenario(clock=FakeClock(BEFORE)))
    pruned_at: list[datetime] = field(default_factory=list)
    reminded_at: list[datetime] = field(default_factory=list)
    cron: str = "0 9 * * *"

    def __post_init__(self) -> None:
        self._schedules = FakeScheduleStore(self.digests.delivery_store)

    _schedules: FakeScheduleStore = field(init=False)

    def periodic_work(self, holder: str = "one", *, channel: bool = True) -> PeriodicWork:
        """Return the periodic work of a new process."""
        return PeriodicWork(
            digests=self.digests.digests(holder=holder),
            resume_unfinished=self.digests.outbox(holder=holder).resume_unfinished,
            schedules=self._schedules,
            clock=self.digests.clock,
            slots=parse_slots(self.cron, PARIS) if channel else None,
            schedule_text=f"{self.cron} {PARIS}",
            until=time(20),
            prune=lambda: self.pruned_at.append(self.digests.clock()),
            remind=lambda: self.reminded_at.append(self.digests.clock()),
        )

    @property
    def slots(self) -> list[str]:
        """The slots of the planned digests."""
        batches = [plan.batch for plan in self.digests.delivery_store.plans]
        return [one.slot for one in batches if one.kind == SCHEDULED_DIGEST]

    @property
    def parents(self) -> int:
        """How many parents were posted."""
        return self.digests.sent_kinds().count("parent")


class UnavailableSlackUsers(FakeSlackUsers):
    """Fails every lookup."""

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        raise SlackError(f"Slack is away, and tells nothing of {len(addresses)} people")


@pytest.mark.parametrize("failing", range(3))
def test_a_part_that_fails_blocks_no_other(failing: int) -> None:
    ran: list[int] = []

    def run(number: int) -> None:
        ran.append(number)
        if number == failing:
            raise StoreError("away")

    with pytest.raises(StoreError, match="away"):
        run_each(*(partial(run, number) for number in range(3)))
    assert ran == [0, 1, 2]


def test_of_several_errors_the_first_is_raised_and_the_others_are_logged() -> None:
    def fail(error: Exception) -> None:
        raise error

    errors = [StoreError("the database is away"), SlackError("Slack is away"), ValueError("a bug")]
    with capture_logs() as logs, pytest.raises(StoreError, match="the database is away"):
        run_each(*(partial(fail, error) for error in errors))
    assert [(line["reason"], line["exc_info"]) for line in logs] == [("Slack is away", None), ("a bug", errors[2])]


@pytest.fixture
def scenario() -> ReplicaScenario:
    return ReplicaScenario()


def run_due_after(scenario: ReplicaScenario, elapsed: timedelta, work: PeriodicWork | None = None) -> PeriodicWork:
    """Let time pass, run what is due, and return the periodic work."""
    scenario.digests.clock.advance(elapsed)
    work = work or scenario.periodic_work()
    work.run_due()
    return work


# --- on schedule ---


def test_a_digest_is_sent_once_when_its_slot_has_come(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0))
    assert scenario.slots == []
    run_due_after(scenario, 10 * MINUTE, periodic_work)
    assert scenario.slots == ["2026-11-23T09:00 Europe/Paris"]
    for _ in range(20):
        run_due_after(scenario, MINUTE, periodic_work)
    assert (scenario.parents, len(scenario.slots)) == (1, 1)


def test_a_digest_is_sent_every_day(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0))
    for _ in range(3 * 24):
        run_due_after(scenario, HOUR, periodic_work)
    assert scenario.slots == [f"2026-11-{day}T09:00 Europe/Paris" for day in (23, 24, 25)]
    assert scenario.digests.duplicates() == set()


def test_a_slot_before_the_schedule_was_followed_is_not_sent_late(scenario: ReplicaScenario) -> None:
    scenario.digests.clock.advance(30 * MINUTE)
    run_due_after(scenario, timedelta(0))
    assert scenario.slots == []


def test_a_changed_schedule_applies_from_then_on(scenario: ReplicaScenario) -> None:
    run_due_after(scenario, 10 * MINUTE)
    scenario.cron = "30 8 * * *"
    run_due_after(scenario, MINUTE)
    assert scenario.slots == ["2026-11-23T09:00 Europe/Paris"]


def test_a_sent_digest_is_not_sent_again_after_a_restart(scenario: ReplicaScenario) -> None:
    run_due_after(scenario, timedelta(0))
    run_due_after(scenario, 10 * MINUTE)
    run_due_after(scenario, MINUTE)
    assert (scenario.parents, len(scenario.slots)) == (1, 1)


@pytest.mark.parametrize(("down_for", "sent"), [(6 * HOUR, 1), (11 * HOUR, 1), (12 * HOUR, 0)])
def test_a_late_digest_is_sent_on_the_same_day_until_the_configured_time(
    scenario: ReplicaScenario, down_for: timedelta, sent: int
) -> None:
    run_due_after(scenario, timedelta(0))
    periodic_work = run_due_after(scenario, down_for)
    run_due_after(scenario, MINUTE, periodic_work)
    assert (scenario.parents, len(scenario.slots)) == (sent, sent)


def test_one_digest_is_sent_after_three_days_down(scenario: ReplicaScenario) -> None:
    run_due_after(scenario, timedelta(0))
    periodic_work = run_due_after(scenario, 3 * DAY + 30 * MINUTE)
    run_due_after(scenario, MINUTE, periodic_work)
    assert scenario.slots == ["2026-11-26T09:00 Europe/Paris"]
    assert scenario.parents == 1


def test_without_a_channel_nothing_is_due(scenario: ReplicaScenario) -> None:
    periodic_work = scenario.periodic_work(channel=False)
    run_due_after(scenario, timedelta(0), periodic_work)
    run_due_after(scenario, DAY, periodic_work)
    assert scenario.slots == []


# --- other replicas ---


def test_a_slot_that_another_replica_sent_is_not_sent_again(scenario: ReplicaScenario) -> None:
    run_due_after(scenario, timedelta(0))
    run_due_after(scenario, 10 * MINUTE, scenario.periodic_work("one"))
    run_due_after(scenario, MINUTE, scenario.periodic_work("two"))
    assert (scenario.parents, len(scenario.slots)) == (1, 1)


def test_a_slot_that_another_replica_is_planning_is_left_to_it(scenario: ReplicaScenario) -> None:
    run_due_after(scenario, timedelta(0))
    scenario.digests.clock.advance(10 * MINUTE)
    now = scenario.digests.clock()
    scenario.digests.lease_store.acquire("digest", "another", now, now + MINUTE)
    scenario.periodic_work().run_due()
    assert scenario.slots == []


def test_a_slot_whose_replica_was_killed_while_planning_is_sent_by_another(scenario: ReplicaScenario) -> None:
    run_due_after(scenario, timedelta(0))
    scenario.digests.clock.advance(10 * MINUTE)
    now = scenario.digests.clock()
    scenario.digests.lease_store.acquire("digest", "dead", now, now + MINUTE)
    periodic_work = run_due_after(scenario, timedelta(0))
    run_due_after(scenario, MINUTE, periodic_work)
    assert scenario.parents == 1


# --- failures ---


def crash_after_parent(scenario: ReplicaScenario) -> None:
    """Kill a bot after it posted the first message of a digest."""
    run_due_after(scenario, timedelta(0))
    scenario.digests.transport.fail_next("send", ProcessKilledError(), key_part="/tables 1/")
    with pytest.raises(ProcessKilledError):
        run_due_after(scenario, 10 * MINUTE)


def crash_while_posting_parent(scenario: ReplicaScenario) -> None:
    """Kill a bot while it posts the first message of a digest. Slack has the message; nobody continues the batch."""
    run_due_after(scenario, timedelta(0))
    scenario.digests.clock.advance(10 * MINUTE)
    scenario.digests.transport.fail_next("send", ProcessKilledError(), key_part="/parent/", accepted=True)
    with pytest.raises(ProcessKilledError):
        scenario.periodic_work().digests.send_scheduled(
            "2026-11-23T09:00 Europe/Paris", scenario.digests.clock() + 11 * HOUR
        )
    assert scenario.digests.nudge_counts() == {}


def test_the_next_bot_completes_what_a_killed_one_left_unfinished(scenario: ReplicaScenario) -> None:
    crash_after_parent(scenario)
    run_due_after(scenario, MINUTE)
    assert (scenario.parents, scenario.digests.duplicates(), scenario.digests.delivery_store.unfinished()) == (
        1,
        set(),
        (),
    )
    assert scenario.digests.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}


def test_unfinished_batches_are_completed_without_a_channel_too(scenario: ReplicaScenario) -> None:
    crash_after_parent(scenario)
    run_due_after(scenario, MINUTE, scenario.periodic_work(channel=False))
    assert scenario.digests.delivery_store.unfinished() == ()


def test_a_digest_that_fails_before_it_is_planned_is_tried_again_at_the_next_tick(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0))
    scenario.digests.channel_error = Refused("no such channel")
    with pytest.raises(Refused):
        run_due_after(scenario, 10 * MINUTE, periodic_work)
    scenario.digests.channel_error = None
    run_due_after(scenario, MINUTE, periodic_work)
    assert scenario.parents == 1


def test_a_digest_that_fails_at_every_tick_does_not_stop_unfinished_batches(scenario: ReplicaScenario) -> None:
    crash_after_parent(scenario)
    scenario.digests.slack_users = UnavailableSlackUsers()
    with pytest.raises(SlackError, match="away"):
        run_due_after(scenario, DAY)
    assert scenario.digests.delivery_store.unfinished() == ()


def test_a_failed_digest_is_not_tried_again_at_once_since_each_attempt_scans(
    scenario: ReplicaScenario,
) -> None:
    scenario.digests.slack_users = UnavailableSlackUsers()
    periodic_work = run_due_after(scenario, timedelta(0))
    with pytest.raises(SlackError):
        run_due_after(scenario, 10 * MINUTE, periodic_work)
    run_due_after(scenario, MINUTE / 2, periodic_work)
    assert scenario.digests.scans == 1


def test_a_batch_is_not_continued_in_a_channel_that_another_company_has_joined(
    scenario: ReplicaScenario,
) -> None:
    scenario.digests.transport.fail_next("send", ProcessKilledError(), key_part="/tables 1/")
    with pytest.raises(ProcessKilledError):
        scenario.digests.send_now()
    sent = len(scenario.digests.transport.sent_keys())
    scenario.digests.channel_error = Refused("shared with another company", "shared_channel")
    scenario.digests.clock.advance(2 * MINUTE)
    with capture_logs() as logs:
        scenario.periodic_work().digests.outbox.resume_unfinished()
    assert len(scenario.digests.transport.sent_keys()) == sent
    assert any("shared with another company" in str(line.get("reason")) for line in logs)


def test_owners_not_notified_by_an_expired_digest_are_notified_by_the_next(scenario: ReplicaScenario) -> None:
    crash_while_posting_parent(scenario)
    periodic_work = run_due_after(scenario, DAY + HOUR)
    assert scenario.slots == [f"2026-11-{day}T09:00 Europe/Paris" for day in (23, 24)]
    run_due_after(scenario, MINUTE, periodic_work)
    assert scenario.digests.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}
    assert scenario.digests.delivery_store.unfinished() == ()


def test_a_batch_for_a_refused_channel_ends_when_it_expires(
    scenario: ReplicaScenario,
) -> None:
    crash_while_posting_parent(scenario)
    sent = len(scenario.digests.transport.sent_keys())
    scenario.digests.channel_error = Refused("is archived", "is_archived")
    scenario.digests.clock.advance(DAY)
    with capture_logs():
        scenario.periodic_work(channel=False).run_due()
    assert scenario.digests.delivery_store.unfinished() == ()
    assert len(scenario.digests.transport.sent_keys()) == sent
    assert [step for step, _ in scenario.digests.transport.calls if step == "edit"] == []


def test_a_batch_is_checked_against_its_own_channel(scenario: ReplicaScenario) -> None:
    crash_while_posting_parent(scenario)
    checked = list[str]()
    worker = scenario.digests.worker()

    def record(batch: Batch) -> None:
        checked.append(batch.recipient)

    kinds = {kind: replace(hooks, guard=record) for kind, hooks in worker.kinds.items()}
    scenario.digests.clock.advance(MINUTE)
    Outbox(replace(worker, kinds=kinds), ImmediateExecutor, scenario.digests.clock).resume_unfinished()
    assert set(checked) == {scenario.digests.latest_plan.batch.recipient}


def test_owners_are_not_notified_once_nudges_are_switched_off(scenario: ReplicaScenario) -> None:
    crash_while_posting_parent(scenario)
    scenario.digests.clock.advance(MINUTE)
    scenario.digests.digests("off").outbox.resume_unfinished()
    assert scenario.digests.nudge_counts() == {}
    assert scenario.digests.delivery_store.unfinished() == ()
    assert "BAILIFF_NUDGES is off" in scenario.digests.text_of_name(DELIVERY_SUMMARY)


def test_one_batch_that_cannot_be_completed_does_not_stop_the_others(scenario: ReplicaScenario) -> None:
    for _ in range(2):
        scenario.digests.transport.fail_next("send", ProcessKilledError(), key_part="/tables 1/")
        with pytest.raises(ProcessKilledError):
            scenario.digests.send_now()
    first, _ = scenario.digests.delivery_store.unfinished()

    class FailingSender(OutboxSender):
        def send_batch(self, batch: Batch, until: datetime) -> tuple[Delivery, ...]:
            if batch == first:
                raise ValueError("of another version")
            return super().send_batch(batch, until)

    worker = scenario.digests.worker()
    sender = worker.sender
    failing = FailingSender(sender.store, sender.transport, sender.holder, sender.clock, sender.pause)
    outbox = Outbox(replace(worker, sender=failing), ImmediateExecutor, scenario.digests.clock)
    scenario.digests.clock.advance(MINUTE)
    with capture_logs() as logs:
        outbox.resume_unfinished()
    assert scenario.digests.delivery_store.unfinished() == (first,)
    assert any(line["log_level"] == "error" and line["slot"] == first.slot for line in logs)
    scenario.digests.clock.advance(DAY)
    with capture_logs():
        outbox.resume_unfinished()
    assert scenario.digests.delivery_store.unfinished() == ()


def test_a_digest_that_slack_refuses_is_not_tried_again_until_its_next_slot(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0))
    scenario.digests.transport.fail_next("send", Refused("not in the channel"))
    with capture_logs() as logs:
        run_due_after(scenario, 10 * MINUTE, periodic_work)
    [failed] = [line for line in logs if line["event"] == "digest.failed"]
    assert failed["reason"] == "It was not sent: not in the channel"
    run_due_after(scenario, MINUTE, periodic_work)
    assert (scenario.parents, len(scenario.slots)) == (1, 1)
    run_due_after(scenario, DAY, periodic_work)
    assert len(scenario.slots) == 2


def test_nothing_is_sent_until_the_database_is_back(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0))
    scenario.digests.delivery_store.unavailable = StoreError("away")
    with pytest.raises(StoreError):
        run_due_after(scenario, 10 * MINUTE, periodic_work)
    assert scenario.parents == 0
    scenario.digests.delivery_store.unavailable = None
    run_due_after(scenario, MINUTE, periodic_work)
    assert scenario.parents == 1


def test_each_problem_of_a_digest_is_logged(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0))
    scenario.digests.transport.fail_next("send", Refused("Slack said no"), key_part="nudge/U2")
    with capture_logs() as logged:
        run_due_after(scenario, 10 * MINUTE, periodic_work)
    assert [line["reason"] for line in logged if line["log_level"] == "error"] == [
        "Mel (MLG): 1 instance could not be notified: Slack said no"
    ]
    [sent] = [line for line in logged if line["event"] == "digest.sent"]
    assert (sent["slot"], sent["flagged"], sent["owners"], sent["notified"]) == (
        "2026-11-23T09:00 Europe/Paris",
        4,
        3,
        2,
    )


# --- retention ---


def test_old_rows_are_pruned_at_the_start_and_once_a_day(scenario: ReplicaScenario) -> None:
    periodic_work = run_due_after(scenario, timedelta(0), scenario.periodic_work(channel=False))
    for _ in range(47):
        run_due_after(scenario, HOUR, periodic_work)
    assert scenario.pruned_at == [BEFORE, BEFORE + DAY]


def test_a_failed_pruning_is_repeated_at_the_next_tick(scenario: ReplicaScenario) -> None:
    periodic_work, attempts = scenario.periodic_work(), list[datetime]()
    prune = periodic_work.prune

    def fail() -> None:
        attempts.append(scenario.digests.clock())
        raise StoreError("away")

    periodic_work.prune = fail
    with pytest.raises(StoreError):
        periodic_work.run_due()
    periodic_work.prune = prune
    run_due_after(scenario, MINUTE, periodic_work)
    assert (attempts, scenario.pruned_at) == ([BEFORE], [BEFORE + MINUTE])


def test_reminders_are_looked_for_at_every_tick(scenario: ReplicaScenario) -> None:
    work = run_due_after(scenario, MINUTE)
    run_due_after(scenario, MINUTE, work)
    assert scenario.reminded_at == [BEFORE + MINUTE, BEFORE + 2 * MINUTE]
