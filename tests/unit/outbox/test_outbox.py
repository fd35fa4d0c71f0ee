"""The outbox's threads: no kind waits for another, and what this version does not know is left alone."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Batch, BatchPlan, Delivery, DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.errors import NotAcceptedYet, SlackError, UnknownKind
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox, OutboxLoad
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.executors import DeferredExecutor, ImmediateExecutor
from tests.fakes.transport import FakeTransport

MINUTE = timedelta(minutes=1)
KINDS = {"digest": BatchKind(), "report": BatchKind()}
IN_RATE_LIMIT = NotAcceptedYet("busy", "ratelimited", retry_after=60)


@dataclass
class OutboxScenario:
    """An outbox, with a Slack in memory. A wait for Slack lasts until `continued` is set."""

    clock: FakeClock = field(default_factory=FakeClock)
    delivery_store: FakeDeliveryStore = field(default_factory=FakeDeliveryStore)
    transport: FakeTransport = field(default_factory=FakeTransport)
    continued: Event = field(default_factory=Event)
    stopping: bool = False

    def outbox(self, new_executor: Callable[[], Executor] = ImmediateExecutor) -> Outbox:
        """Return the outbox of a process."""
        sender = OutboxSender(self.delivery_store, self.transport, "one", self.clock, self._pause)
        worker = OutboxWorker(self.delivery_store, sender, self.transport.edit, KINDS, self.clock)
        return Outbox(worker, new_executor, self.clock)

    def plan(self, kind: str, name: str) -> Batch:
        """Save a plan of one message to a recipient of that name."""
        now = self.clock()
        batch = Batch(f"id of {name}", kind, name, name, now, now + 60 * MINUTE, {})
        message = OutgoingMessage(MessageKind.PARENT, name, "parent", name, {"text": name})
        assert self.delivery_store.save_plan(BatchPlan(batch, (message,)))
        return batch

    def _pause(self, seconds: float) -> bool:
        if seconds > 1 and not self.stopping:
            assert self.continued.wait(10)
        return self.stopping or self.clock.pause(seconds)


@pytest.fixture
def scenario() -> Iterator[OutboxScenario]:
    scenario = OutboxScenario()
    yield scenario
    scenario.continued.set()


def test_a_digest_is_sent_while_all_threads_of_full_reports_wait_in_a_rate_limit(scenario: OutboxScenario) -> None:
    outbox = scenario.outbox(partial(ThreadPoolExecutor, 8))
    scenario.transport.fail_next("send", IN_RATE_LIMIT, "report", times=8)
    reports = [outbox.submit(scenario.plan("report", f"report {number}")) for number in range(9)]
    digest = outbox.submit(scenario.plan("digest", "digest"))
    assert digest.result(5).unsettled == 0
    assert not any(report.done() for report in reports)
    scenario.continued.set()
    assert all(report.result(5).unsettled == 0 for report in reports)
    outbox.stop()


def test_the_load_counts_what_waits_and_what_is_sent(scenario: OutboxScenario) -> None:
    executor, loads = DeferredExecutor(), list[OutboxLoad]()
    outbox = scenario.outbox(lambda: executor)
    scenario.transport.before_post = lambda _: loads.append(outbox.load())
    outbox.submit(scenario.plan("digest", "digest"))
    scenario.clock.advance(MINUTE)
    outbox.submit(scenario.plan("report", "report"))
    assert outbox.load() == OutboxLoad(waiting=2, sending=0, oldest_wait=MINUTE)
    executor.run_pending()
    assert loads[0] == OutboxLoad(waiting=1, sending=1, oldest_wait=timedelta(0))
    assert outbox.load() == OutboxLoad(waiting=0, sending=0, oldest_wait=timedelta(0))


def test_a_batch_that_waits_or_is_sent_is_not_resumed(scenario: OutboxScenario) -> None:
    executor = DeferredExecutor()
    outbox = scenario.outbox(lambda: executor)
    resumed_while_sending = list[int]()
    scenario.transport.before_post = lambda _: resumed_while_sending.append(len(outbox.resume_unfinished()))
    outbox.submit(scenario.plan("digest", "digest"))
    assert outbox.resume_unfinished() == ()
    executor.run_pending()
    assert resumed_while_sending == [0]


def test_a_batch_that_a_tick_resumes_before_its_planner_hands_it_over_is_sent_once(scenario: OutboxScenario) -> None:
    executor = DeferredExecutor()
    outbox = scenario.outbox(lambda: executor)
    batch = scenario.plan("digest", "digest")
    [resumed] = outbox.resume_unfinished()
    submitted = outbox.submit(batch)
    executor.run_pending()
    resumed.result()
    assert submitted.result().unsettled == 0
    assert scenario.transport.sent_keys() == ["digest/parent/digest"]
    assert outbox.load() == OutboxLoad(waiting=0, sending=0, oldest_wait=timedelta(0))


def test_resuming_does_not_wait_for_slack(scenario: OutboxScenario) -> None:
    scenario.plan("report", "report")
    outbox = scenario.outbox(partial(ThreadPoolExecutor, 1))
    scenario.transport.fail_next("send", IN_RATE_LIMIT, "report")
    [resumed] = outbox.resume_unfinished()
    assert not resumed.done()
    scenario.continued.set()
    resumed.result(5)
    assert scenario.delivery_store.unfinished() == ()


def test_a_stop_ends_what_waits_and_sends_nothing_more(scenario: OutboxScenario) -> None:
    outbox = scenario.outbox(partial(ThreadPoolExecutor, 1))
    scenario.transport.fail_next("send", IN_RATE_LIMIT, "first")
    sending = [outbox.submit(scenario.plan("report", name)) for name in ("first", "second")]
    scenario.stopping = True
    scenario.continued.set()
    outbox.stop()
    assert all(one.done() for one in sending)
    assert len(scenario.delivery_store.unfinished()) == 2


def test_a_batch_that_is_planned_after_a_stop_is_left_to_the_next_start(scenario: OutboxScenario) -> None:
    outbox = scenario.outbox(partial(ThreadPoolExecutor, 1))
    outbox.stop()
    sending = outbox.submit(scenario.plan("digest", "digest"))
    with pytest.raises(SlackError, match="the next start sends it"):
        sending.result()
    assert outbox.load().waiting == 0
    wait(scenario.outbox().resume_unfinished())
    assert scenario.transport.sent_keys() == ["digest/parent/digest"]


def test_a_batch_of_a_kind_of_another_version_is_left_alone_with_one_log_line(scenario: OutboxScenario) -> None:
    scenario.plan("survey", "survey")
    scenario.plan("digest", "digest")
    outbox = scenario.outbox()
    with capture_logs() as logs:
        outbox.resume_unfinished()
        scenario.clock.advance(120 * MINUTE)
        outbox.expire_late()
        outbox.resume_unfinished()
    assert scenario.transport.sent_keys() == ["digest/parent/digest"]
    assert [line["slot"] for line in logs if line["event"] == "batch.left_alone"] == ["survey"]
    assert _states(scenario, "survey") == [DeliveryState.PENDING]


def test_a_batch_with_a_message_of_another_version_is_left_alone_with_one_log_line(scenario: OutboxScenario) -> None:
    class NewerDeliveryStore(FakeDeliveryStore):
        def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
            if batch_id == "id of newer":
                raise UnknownKind("the kind of a message, 'canvas'")
            return super().deliveries(batch_id)

    scenario.delivery_store = NewerDeliveryStore()
    scenario.plan("digest", "newer")
    scenario.plan("digest", "digest")
    outbox = scenario.outbox()
    with capture_logs() as logs:
        outbox.resume_unfinished()
        outbox.resume_unfinished()
    assert scenario.transport.sent_keys() == ["digest/parent/digest"]
    [line] = [line for line in logs if line["event"] == "batch.left_alone"]
    assert line["reason"] == "this version does not know the kind of a message, 'canvas'"


def test_what_a_late_batch_has_not_sent_expires(scenario: OutboxScenario) -> None:
    scenario.plan("digest", "late")
    scenario.clock.advance(61 * MINUTE)
    scenario.plan("digest", "in time")
    scenario.outbox().expire_late()
    assert _states(scenario, "late") == [DeliveryState.EXPIRED]
    assert _states(scenario, "in time") == [DeliveryState.PENDING]


def _states(scenario: OutboxScenario, name: str) -> list[DeliveryState]:
    return [one.state for one in scenario.delivery_store.deliveries(f"id of {name}")]
