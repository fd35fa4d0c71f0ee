from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from threading import Semaphore

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import (
    Batch,
    BatchPlan,
    Delivery,
    DeliveryState,
    MessageKind,
    OutgoingMessage,
)
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused, StoreError
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.timing import OutboxTiming
from bailiff_bot.outbox.transport import MessageRef
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.transport import FakeTransport

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOON = timedelta(minutes=5)
TIMING = OutboxTiming()
LOST = Ambiguous("no answer")
BATCH = Batch("d1", "scheduled", "2026-11-23T09:00 UTC", "C1", START, START + timedelta(hours=8), {})
MESSAGES = (
    (MessageKind.PARENT, "C1", "parent"),
    (MessageKind.REPLY, "C1", "tables"),
    (MessageKind.FILE, "C1", "file"),
    (MessageKind.DIRECT, "U1", "nudge"),
    (MessageKind.DIRECT, "U2", "nudge"),
    (MessageKind.EDIT, "U2", "edit"),
)
EDIT_PAYLOAD = {"channel": "D2", "ts": "0.001"}


class OutboxScenario:
    """A planned digest, and the processes that send it."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.delivery_store = FakeDeliveryStore()
        self.transport = FakeTransport()
        self.call_slots = Semaphore(5)
        messages = (
            OutgoingMessage(kind, recipient, name, f"{name} {recipient}", EDIT_PAYLOAD)
            for kind, recipient, name in MESSAGES
        )
        assert self.delivery_store.save_plan(BatchPlan(BATCH, tuple(messages)))

    def sender(self, holder: str = "one", *, stopping: bool = False) -> OutboxSender:
        def pause(seconds: float) -> bool:
            return stopping or self.clock.pause(seconds)

        return OutboxSender(self.delivery_store, self.transport, holder, self.clock, pause, TIMING, self.call_slots)

    def deliver(self, within: timedelta = SOON) -> dict[str, Delivery]:
        """Send the digest, and return each delivery by its label."""
        return {one.label: one for one in self.sender().send_batch(BATCH, self.clock() + within)}

    def delivery(self, label: str) -> Delivery:
        return next(one for one in self.delivery_store.deliveries("d1") if one.label == label)

    def copies_in_slack(self) -> list[int]:
        """Return how many copies of each message Slack has."""
        return [len(sent) for sent in self.transport.in_slack.values()]


@pytest.fixture
def scenario() -> OutboxScenario:
    return OutboxScenario()


ALL_ONCE = [1] * 5


def test_everything_is_sent_once_and_the_parent_first(scenario: OutboxScenario) -> None:
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE
    assert "parent" in scenario.transport.sent_keys()[0]


def test_a_sent_message_is_not_sent_again(scenario: OutboxScenario) -> None:
    scenario.deliver()
    scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE


@pytest.mark.parametrize("key_part", ["parent", "tables", "file", "nudge/U1"])
@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "not accepted"])
@pytest.mark.parametrize("late", [True, False], ids=["shown late", "shown at once"])
def test_a_message_without_an_answer_is_in_slack_once(
    scenario: OutboxScenario, key_part: str, *, accepted: bool, late: bool
) -> None:
    scenario.transport.fail_next("send", LOST, key_part, accepted=accepted)
    scenario.transport.hides_new = late
    scenario.deliver(timedelta(seconds=30))
    scenario.transport.show_hidden()
    scenario.clock.advance(TIMING.lease)
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_message_that_may_have_arrived_is_not_sent_again_before_slack_must_show_it(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "parent")
    scenario.deliver(TIMING.max_send_duration + TIMING.visible_after)
    assert len(scenario.transport.sent_keys("parent")) == 1


def test_a_message_that_cannot_be_looked_up_is_not_sent_again(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1", accepted=True)
    scenario.transport.fail_next("find", LOST, times=1_000)
    assert scenario.deliver(timedelta(hours=1))["nudge U1"].state is DeliveryState.SENDING
    assert len(scenario.transport.sent_keys("nudge/U1")) == 1


def test_a_delivery_that_is_uncertain_when_the_batch_expires_is_unknown(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1")
    scenario.transport.fail_next("find", Ambiguous("Slack is away"), times=100_000)
    unknown = scenario.deliver(timedelta(hours=9))["nudge U1"]
    assert unknown.state is DeliveryState.UNKNOWN
    assert "Slack is away" in unknown.reason


def test_a_delivery_that_was_not_sent_in_time_expires_with_the_reason(scenario: OutboxScenario) -> None:
    scenario.clock.advance(timedelta(hours=9))
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.EXPIRED}
    assert scenario.copies_in_slack() == []


@pytest.mark.parametrize(
    "error", [NotAcceptedYet("busy", "ratelimited", retry_after=20), NotAcceptedYet("nobody there", "unreachable")]
)
@pytest.mark.parametrize("key_part", ["parent", "tables", "file", "nudge/U1"])
def test_a_message_that_slack_did_not_accept_is_sent_again_without_a_lookup(
    scenario: OutboxScenario, error: NotAcceptedYet, key_part: str
) -> None:
    scenario.transport.fail_next("send", error, key_part, times=2)
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE
    assert [step for step, _ in scenario.transport.calls if step == "find"] == []


def test_slack_is_not_called_again_before_its_retry_time(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", NotAcceptedYet("busy", "ratelimited", retry_after=40), "parent")
    scenario.deliver(timedelta(seconds=39))
    assert len(scenario.transport.sent_keys("parent")) == 1
    scenario.deliver()
    assert scenario.clock() - START >= timedelta(seconds=40)


def test_a_rate_limited_conversation_is_held_for_other_processes_too(
    scenario: OutboxScenario,
) -> None:
    scenario.transport.fail_next("send", NotAcceptedYet("busy", "ratelimited", retry_after=40), "parent")
    scenario.deliver(timedelta(seconds=1))
    assert scenario.delivery_store.reserve_send_time("C1", scenario.clock(), TIMING.send_interval) >= START + timedelta(
        seconds=40
    )


def test_a_conversation_that_has_to_wait_delays_no_other(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", NotAcceptedYet("busy", "ratelimited", retry_after=200), "nudge/U1")
    deliveries = scenario.deliver(timedelta(seconds=100))
    assert [label for label, one in deliveries.items() if one.state is not DeliveryState.SENT] == ["nudge U1"]


@pytest.mark.parametrize("step", ["prepare", "send"])
def test_a_refusal_settles_only_its_own_delivery_with_the_reason_of_slack(scenario: OutboxScenario, step: str) -> None:
    scenario.transport.fail_next(
        "prepare" if step == "prepare" else "send", Refused("no such user", "user_disabled"), "nudge/U1"
    )
    deliveries = scenario.deliver()
    assert (deliveries["nudge U1"].state, deliveries["nudge U1"].reason) == (DeliveryState.REFUSED, "no such user")
    assert {one.state for label, one in deliveries.items() if label != "nudge U1"} == {DeliveryState.SENT}


def test_when_the_parent_is_refused_nothing_else_is_sent_and_each_says_why(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", Refused("not in the channel", "not_in_channel"), "parent")
    deliveries = scenario.deliver()
    assert deliveries.pop("parent C1").state is DeliveryState.REFUSED
    assert {one.state for one in deliveries.values()} == {DeliveryState.EXPIRED}
    assert all("not in the channel" in one.reason for one in deliveries.values())


def test_an_error_while_preparing_settles_only_its_own_delivery(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("prepare", ValueError("a bug"), "tables")
    with capture_logs() as logs:
        deliveries = scenario.deliver()
    assert (deliveries["tables C1"].state, "a bug" in deliveries["tables C1"].reason) == (DeliveryState.REFUSED, True)
    assert {one.state for label, one in deliveries.items() if label != "tables C1"} == {DeliveryState.SENT}
    assert logs


def test_an_upload_that_failed_before_anybody_could_see_it_is_repeated(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("prepare", LOST, "file")
    assert scenario.deliver()["file C1"].state is DeliveryState.SENT


def test_a_stopping_process_sends_nothing_more_and_another_continues(scenario: OutboxScenario) -> None:
    scenario.sender(stopping=True).send_batch(BATCH, START + SOON)
    assert scenario.copies_in_slack() == []
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}


class ProcessKilledError(BaseException):
    """The process is killed here."""


@pytest.mark.parametrize("accepted", [True, False], ids=["after Slack took it", "before"])
@pytest.mark.parametrize("key_part", ["parent", "tables", "file", "nudge/U1"])
def test_another_process_completes_what_a_killed_one_was_sending(
    scenario: OutboxScenario, key_part: str, *, accepted: bool
) -> None:
    scenario.transport.fail_next("send", ProcessKilledError(), key_part, accepted=accepted)
    with pytest.raises(ProcessKilledError):
        scenario.deliver()
    scenario.clock.advance(TIMING.lease)
    deliveries = scenario.sender("two").send_batch(BATCH, scenario.clock() + SOON)
    assert {one.state for one in deliveries} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_posted_parent_keeps_its_thread_when_another_process_completes_it(
    scenario: OutboxScenario,
) -> None:
    scenario.transport.fail_next("send", ProcessKilledError(), "tables")
    with pytest.raises(ProcessKilledError):
        scenario.deliver()
    before = scenario.delivery("parent C1").ts
    scenario.clock.advance(TIMING.lease)
    scenario.sender("two").send_batch(BATCH, scenario.clock() + SOON)
    assert scenario.delivery("parent C1").ts == before != ""


def pause_while_another_sends(scenario: OutboxScenario, key_part: str, *, by: str = "two") -> None:
    """Pause the first process while it sends a message. Another process then attempts the same delivery."""
    paused = [False]

    def pause(delivery: Delivery) -> None:
        if key_part in delivery.key and not paused[0]:
            paused[0] = True
            scenario.clock.advance(TIMING.lease)
            parent = None if delivery.kind is MessageKind.PARENT else scenario.delivery("parent C1")
            scenario.sender(by).attempt_delivery(delivery, parent, BATCH.expires_at)

    scenario.transport.before_post = pause


@pytest.mark.parametrize("key_part", ["parent", "tables", "file", "nudge/U1"])
def test_a_paused_sender_that_was_overtaken_deletes_its_message(scenario: OutboxScenario, key_part: str) -> None:
    pause_while_another_sends(scenario, key_part)
    with capture_logs():
        scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE
    assert [step for step, _ in scenario.transport.calls].count("delete") == 1


@pytest.mark.parametrize("late", [True, False], ids=["shown late", "shown at once"])
def test_an_overtaken_sender_without_an_answer_deletes_the_copy_that_it_finds(
    scenario: OutboxScenario, *, late: bool
) -> None:
    pause_while_another_sends(scenario, "tables")

    def lose_first_answer(delivery: Delivery, pause: Callable[[Delivery], None]) -> None:
        pause(delivery)
        if "tables" in delivery.key and len(scenario.transport.sent_keys("tables")) == 1:
            scenario.transport.fail_next("send", LOST, "tables", accepted=True)

    scenario.transport.before_post = partial(lose_first_answer, pause=scenario.transport.before_post)
    scenario.transport.hides_new = late
    pause = scenario.clock.pause

    def show_and_pause(seconds: float) -> bool:
        scenario.transport.show_hidden()
        return pause(seconds)

    scenario.clock.pause = show_and_pause  # type: ignore[method-assign]
    with capture_logs():
        scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_duplicate_that_cannot_be_deleted_is_logged_as_an_error(scenario: OutboxScenario) -> None:
    pause_while_another_sends(scenario, "parent")
    scenario.transport.fail_next("delete", LOST)
    with capture_logs() as logs:
        scenario.deliver()
    assert sorted(scenario.copies_in_slack()) == [1, 1, 1, 1, 2]
    assert any(line["log_level"] == "error" and "duplicated" in line["event"] for line in logs)


def test_of_two_messages_with_one_key_the_first_is_kept(scenario: OutboxScenario) -> None:
    pause_while_another_sends(scenario, "tables")
    let_other_send, paused = scenario.transport.before_post, [False]

    def continue_after_other_was_killed(delivery: Delivery) -> None:
        if "tables" in delivery.key and not paused[0]:
            paused[0] = True
            scenario.transport.fail_next("send", ProcessKilledError(), "tables", accepted=True)
            with suppress(ProcessKilledError):
                let_other_send(delivery)
            copies_of_other.extend(scenario.transport.in_slack[delivery.key])

    copies_of_other: list[MessageRef] = []
    scenario.transport.before_post = continue_after_other_was_killed
    with capture_logs():
        scenario.deliver()
    assert scenario.transport.in_slack[scenario.delivery("tables C1").key] == copies_of_other
    assert [scenario.delivery("tables C1").ts] == [one.ts for one in copies_of_other]
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_paused_thread_can_be_overtaken_by_another_thread_of_its_process(scenario: OutboxScenario) -> None:
    pause_while_another_sends(scenario, "nudge/U1", by="one")
    with capture_logs():
        scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE


@pytest.mark.parametrize(
    "error_of_other",
    [NotAcceptedYet("busy", "ratelimited", retry_after=9), NotAcceptedYet("nobody there", "unreachable")],
)
def test_a_paused_sender_completes_what_the_other_could_not_send(
    scenario: OutboxScenario, error_of_other: NotAcceptedYet
) -> None:
    pause_while_another_sends(scenario, "parent")
    scenario.transport.fail_next("send", error_of_other, "parent")  # the other sends first
    with capture_logs():
        assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_sender_that_lost_its_claim_before_sending_does_not_send(scenario: OutboxScenario) -> None:
    parent = scenario.delivery("parent C1")
    claimed = scenario.delivery_store.claim(parent.key, "one", START, START + TIMING.lease)
    assert claimed
    scenario.clock.advance(TIMING.lease)
    scenario.sender("two").send_batch(BATCH, scenario.clock() + SOON)
    assert not scenario.delivery_store.mark_attempted(
        parent.key, "one", scenario.clock(), scenario.clock() + TIMING.lease
    )
    assert scenario.copies_in_slack() == ALL_ONCE


def test_an_earlier_message_is_not_edited_if_the_new_one_did_not_arrive(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", Refused("no such user", "user_disabled"), "nudge/U2")
    deliveries = scenario.deliver()
    assert (deliveries["edit U2"].state, scenario.transport.payloads.get("0.001")) == (DeliveryState.EXPIRED, None)


def test_a_sender_that_was_overtaken_while_editing_deletes_nothing(scenario: OutboxScenario) -> None:
    scenario.clock.advance(timedelta(hours=7, minutes=59))

    def pause() -> None:
        scenario.transport.before_edit = lambda: None
        scenario.clock.advance(TIMING.lease)
        scenario.sender("two").attempt_delivery(
            scenario.delivery("edit U2"), scenario.delivery("parent C1"), BATCH.expires_at
        )

    scenario.transport.before_edit = pause
    with capture_logs():
        assert scenario.deliver()["edit U2"].state is DeliveryState.EXPIRED
    assert [step for step, _ in scenario.transport.calls if step == "delete"] == []


def test_a_lookup_with_an_unexpected_error_is_repeated_since_the_message_may_have_arrived(
    scenario: OutboxScenario,
) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1", accepted=True)
    scenario.transport.fail_next("find", KeyError("metadata"), "nudge/U1", times=2)
    with capture_logs():
        with suppress(KeyError):
            scenario.deliver()
        scenario.clock.advance(TIMING.lease)
        assert scenario.deliver()["nudge U1"].state is DeliveryState.SENT
    assert scenario.copies_in_slack() == ALL_ONCE


def test_lookups_wait_as_long_as_slack_asks(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1", accepted=True)
    scenario.transport.fail_next("find", LOST, "nudge/U1")
    scenario.transport.fail_next("find", NotAcceptedYet("busy", "ratelimited", retry_after=50), "nudge/U1")
    scenario.deliver()
    finds = [key for step, key in scenario.transport.calls if step == "find"]
    assert len(finds) == 3
    assert scenario.clock() - START >= TIMING.lease + timedelta(seconds=50)


def test_a_conversation_that_is_held_for_long_is_not_waited_for(scenario: OutboxScenario) -> None:
    scenario.delivery_store.hold_until("U1", START + timedelta(hours=2))
    deliveries = scenario.deliver()
    assert deliveries["nudge U1"].state is DeliveryState.PENDING
    assert scenario.clock() - START < timedelta(minutes=1)


def test_a_superseded_message_is_looked_up_and_not_sent_again(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1")
    scenario.deliver(timedelta(seconds=1))
    later = replace(BATCH, id="d2", slot="2026-11-23T17:00 UTC")
    assert scenario.delivery_store.save_plan(
        BatchPlan(later, (OutgoingMessage(MessageKind.DIRECT, "U1", "nudge", "a later one", {}),))
    )
    scenario.clock.advance(TIMING.lease)
    assert scenario.deliver()["nudge U1"].state is DeliveryState.EXPIRED
    assert len(scenario.transport.sent_keys("nudge/U1")) == 1


def test_a_post_before_a_database_outage_is_found_and_not_sent_again(
    scenario: OutboxScenario,
) -> None:
    def lose_database(delivery: Delivery) -> None:
        if "nudge/U1" in delivery.key:
            scenario.delivery_store.unavailable = StoreError("the database does not answer")

    scenario.transport.before_post = lose_database
    with pytest.raises(StoreError):
        scenario.deliver()
    scenario.delivery_store.unavailable = None
    scenario.transport.before_post = lambda _delivery: None
    scenario.clock.advance(TIMING.lease)
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_conversation_gets_at_most_one_post_a_second(scenario: OutboxScenario) -> None:
    times: list[datetime] = []
    scenario.transport.before_post = lambda delivery: (
        times.append(scenario.clock()) if delivery.recipient == "C1" else None
    )
    scenario.deliver()
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))


def test_a_waiting_delivery_is_marked_attempted_only_when_it_is_sent(scenario: OutboxScenario) -> None:
    class SlowSemaphore(Semaphore):
        def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002
            scenario.clock.advance(timedelta(seconds=30))
            return super().acquire(blocking, timeout)

        __enter__ = acquire

    delays = list[timedelta]()
    scenario.call_slots = SlowSemaphore(1)
    scenario.transport.before_post = lambda delivery: delays.append(scenario.clock() - attempted_at(scenario, delivery))
    scenario.deliver(timedelta(hours=1))
    assert delays == [timedelta(0)] * len(ALL_ONCE)


def test_an_attempt_marked_too_late_is_marked_again_and_sent_once(scenario: OutboxScenario) -> None:
    mark_attempted, delays = (
        scenario.delivery_store.mark_attempted,
        iter([TIMING.max_send_delay + timedelta(seconds=1)]),
    )

    def mark_late(key: str, holder: str, now: datetime, until: datetime) -> bool:
        held = mark_attempted(key, holder, now, until)
        scenario.clock.advance(next(delays, timedelta(0)))
        return held

    scenario.delivery_store.mark_attempted = mark_late  # type: ignore[method-assign]
    waits = list[timedelta]()
    scenario.transport.before_post = lambda delivery: waits.append(scenario.clock() - attempted_at(scenario, delivery))
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert waits == [timedelta(0)] * len(ALL_ONCE)
    assert scenario.copies_in_slack() == ALL_ONCE


def attempted_at(scenario: OutboxScenario, delivery: Delivery) -> datetime:
    """Return when a delivery was marked attempted."""
    attempted = scenario.delivery_store.delivery(delivery.key).attempted_at
    assert attempted
    return attempted


def test_a_lease_shorter_than_a_call_and_its_settling_is_refused() -> None:
    with pytest.raises(ValueError, match="lease should be longer"):
        OutboxTiming(lease=TIMING.max_send_duration + TIMING.visible_after + TIMING.clock_skew)
