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
    BatchKind,
    BatchPlan,
    Delivery,
    DeliveryState,
    MessageKind,
    OutgoingMessage,
)
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused, StoreError
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import MessageRef
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.transport import FakeTransport

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOON = timedelta(minutes=5)
TIMING = Timing()
LOST = Ambiguous("no answer")
BATCH = Batch("d1", BatchKind.SCHEDULED, "2026-11-23T09:00 UTC", "C1", START, START + timedelta(hours=8), {})
MESSAGES = (
    (MessageKind.PARENT, "C1", "parent"),
    (MessageKind.REPLY, "C1", "tables"),
    (MessageKind.FILE, "C1", "file"),
    (MessageKind.NUDGE, "U1", "nudge"),
    (MessageKind.NUDGE, "U2", "nudge"),
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
        messages = (OutgoingMessage(part, who, name, f"{name} {who}", EDIT_PAYLOAD) for part, who, name in MESSAGES)
        assert self.delivery_store.save_plan(BatchPlan(BATCH, tuple(messages)))

    def sender(self, holder: str = "one", *, stopping: bool = False) -> OutboxSender:
        def pause(seconds: float) -> bool:
            return stopping or self.clock.pause(seconds)

        return OutboxSender(self.delivery_store, self.transport, holder, self.clock, pause, TIMING, self.call_slots)

    def deliver(self, within: timedelta = SOON) -> dict[str, Delivery]:
        """Send, and return what became of each by its label."""
        return {one.label: one for one in self.sender().send_batch(BATCH, self.clock() + within)}

    def delivery(self, label: str) -> Delivery:
        return next(one for one in self.delivery_store.deliveries("d1") if one.label == label)

    def copies_in_slack(self) -> list[int]:
        """Return how often each message stands in Slack."""
        return [len(sent) for sent in self.transport.in_slack.values()]


@pytest.fixture
def scenario() -> OutboxScenario:
    return OutboxScenario()


ALL_ONCE = [1] * 5


def test_everything_is_sent_once_and_the_parent_first(scenario: OutboxScenario) -> None:
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE
    assert "parent" in scenario.transport.sent_keys()[0]


def test_what_was_sent_is_not_sent_again(scenario: OutboxScenario) -> None:
    scenario.deliver()
    scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE


@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
@pytest.mark.parametrize("late", [True, False], ids=["shown late", "shown at once"])
def test_what_gets_no_answer_comes_once(scenario: OutboxScenario, of: str, *, taken: bool, late: bool) -> None:
    scenario.transport.fail_next("send", LOST, of, accepted=taken)
    scenario.transport.hides_new = late
    scenario.deliver(timedelta(seconds=30))
    scenario.transport.show_hidden()
    scenario.clock.advance(TIMING.lease)
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_what_may_have_arrived_is_not_sent_again_before_slack_must_have_shown_it(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "parent")
    scenario.deliver(TIMING.max_send_duration + TIMING.visible_after)
    assert len(scenario.transport.sent_keys("parent")) == 1


def test_what_cannot_be_looked_up_is_not_sent_again(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1", accepted=True)
    scenario.transport.fail_next("find", LOST, times=1_000)
    assert scenario.deliver(timedelta(hours=1))["nudge U1"].state is DeliveryState.SENDING
    assert len(scenario.transport.sent_keys("nudge/U1")) == 1


def test_what_nobody_could_find_out_in_time_is_said_to_be_unknown_and_not_dropped(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1")
    scenario.transport.fail_next("find", Ambiguous("Slack is away"), times=100_000)
    unknown = scenario.deliver(timedelta(hours=9))["nudge U1"]
    assert unknown.state is DeliveryState.UNKNOWN
    assert "Slack is away" in unknown.reason


def test_what_was_too_late_to_be_sent_expires_with_the_reason(scenario: OutboxScenario) -> None:
    scenario.clock.advance(timedelta(hours=9))
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.EXPIRED}
    assert scenario.copies_in_slack() == []


@pytest.mark.parametrize(
    "error", [NotAcceptedYet("busy", "ratelimited", retry_after=20), NotAcceptedYet("nobody there", "unreachable")]
)
@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
def test_what_slack_certainly_did_not_take_is_sent_again_without_looking_it_up(
    scenario: OutboxScenario, error: NotAcceptedYet, of: str
) -> None:
    scenario.transport.fail_next("send", error, of, times=2)
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE
    assert [step for step, _ in scenario.transport.calls if step == "find"] == []


def test_slack_is_not_asked_again_before_it_said_it_may_be(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", NotAcceptedYet("busy", "ratelimited", retry_after=40), "parent")
    scenario.deliver(timedelta(seconds=39))
    assert len(scenario.transport.sent_keys("parent")) == 1
    scenario.deliver()
    assert scenario.clock() - START >= timedelta(seconds=40)


def test_while_slack_lets_nobody_post_in_a_conversation_another_process_does_not_either(
    scenario: OutboxScenario,
) -> None:
    scenario.transport.fail_next("send", NotAcceptedYet("busy", "ratelimited", retry_after=40), "parent")
    scenario.deliver(timedelta(seconds=1))
    assert scenario.delivery_store.reserve_send_time("C1", scenario.clock(), TIMING.send_interval) >= START + timedelta(
        seconds=40
    )


def test_one_conversation_that_has_to_wait_delays_no_other(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", NotAcceptedYet("busy", "ratelimited", retry_after=200), "nudge/U1")
    ended = scenario.deliver(timedelta(seconds=100))
    assert [label for label, one in ended.items() if one.state is not DeliveryState.SENT] == ["nudge U1"]


@pytest.mark.parametrize("step", ["prepare", "send"])
def test_a_refusal_ends_one_delivery_with_slacks_reason_and_no_other(scenario: OutboxScenario, step: str) -> None:
    scenario.transport.fail_next(
        "prepare" if step == "prepare" else "send", Refused("no such user", "user_disabled"), "nudge/U1"
    )
    ended = scenario.deliver()
    assert (ended["nudge U1"].state, ended["nudge U1"].reason) == (DeliveryState.REFUSED, "no such user")
    assert {one.state for label, one in ended.items() if label != "nudge U1"} == {DeliveryState.SENT}


def test_when_the_parent_is_refused_nothing_else_is_sent_and_each_says_why(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", Refused("not in the channel", "not_in_channel"), "parent")
    ended = scenario.deliver()
    assert ended.pop("parent C1").state is DeliveryState.REFUSED
    assert {one.state for one in ended.values()} == {DeliveryState.EXPIRED}
    assert all("not in the channel" in one.reason for one in ended.values())


def test_what_cannot_even_be_made_ends_one_delivery_and_no_other(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("prepare", ValueError("a bug"), "tables")
    with capture_logs() as logs:
        ended = scenario.deliver()
    assert (ended["tables C1"].state, "a bug" in ended["tables C1"].reason) == (DeliveryState.REFUSED, True)
    assert {one.state for label, one in ended.items() if label != "tables C1"} == {DeliveryState.SENT}
    assert logs


def test_an_upload_that_broke_off_before_anybody_could_see_it_is_made_again(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("prepare", LOST, "file")
    assert scenario.deliver()["file C1"].state is DeliveryState.SENT


def test_one_who_is_told_to_stop_sends_nothing_more_and_another_goes_on(scenario: OutboxScenario) -> None:
    scenario.sender(stopping=True).send_batch(BATCH, START + SOON)
    assert scenario.copies_in_slack() == []
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}


class ProcessKilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("taken", [True, False], ids=["after Slack took it", "before"])
@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
def test_when_a_process_is_killed_in_mid_sending_another_completes_it(
    scenario: OutboxScenario, of: str, *, taken: bool
) -> None:
    scenario.transport.fail_next("send", ProcessKilledError(), of, accepted=taken)
    with pytest.raises(ProcessKilledError):
        scenario.deliver()
    scenario.clock.advance(TIMING.lease)
    ended = scenario.sender("two").send_batch(BATCH, scenario.clock() + SOON)
    assert {one.state for one in ended} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_parent_that_was_posted_keeps_its_thread_though_another_process_completes_it(
    scenario: OutboxScenario,
) -> None:
    scenario.transport.fail_next("send", ProcessKilledError(), "tables")
    with pytest.raises(ProcessKilledError):
        scenario.deliver()
    before = scenario.delivery("parent C1").ts
    scenario.clock.advance(TIMING.lease)
    scenario.sender("two").send_batch(BATCH, scenario.clock() + SOON)
    assert scenario.delivery("parent C1").ts == before != ""


def pause_while_another_sends(scenario: OutboxScenario, of: str, *, by: str = "two") -> None:
    """Let the first process sleep with a message on its lips, while another has its turn."""
    left = [1]

    def sleep(delivery: Delivery) -> None:
        if of in delivery.key and left[0]:
            left[0] -= 1
            scenario.clock.advance(TIMING.lease)
            parent = None if delivery.kind is MessageKind.PARENT else scenario.delivery("parent C1")
            scenario.sender(by).attempt_delivery(delivery, parent, BATCH.expires_at)

    scenario.transport.before_post = sleep


@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
def test_who_slept_in_mid_sending_and_was_overtaken_takes_its_message_back(scenario: OutboxScenario, of: str) -> None:
    pause_while_another_sends(scenario, of)
    with capture_logs():
        scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE
    assert [step for step, _ in scenario.transport.calls].count("delete") == 1


@pytest.mark.parametrize("late", [True, False], ids=["shown late", "shown at once"])
def test_who_was_overtaken_and_got_no_answer_takes_back_what_it_finds(scenario: OutboxScenario, *, late: bool) -> None:
    pause_while_another_sends(scenario, "tables")

    def lose_the_sleepers(delivery: Delivery, sleep: Callable[[Delivery], None]) -> None:
        sleep(delivery)
        if "tables" in delivery.key and len(scenario.transport.sent_keys("tables")) == 1:
            scenario.transport.fail_next("send", LOST, "tables", accepted=True)

    scenario.transport.before_post = partial(lose_the_sleepers, sleep=scenario.transport.before_post)
    scenario.transport.hides_new = late
    pause = scenario.clock.pause

    def show_in_time(seconds: float) -> bool:
        scenario.transport.show_hidden()
        return pause(seconds)

    scenario.clock.pause = show_in_time  # type: ignore[method-assign]
    with capture_logs():
        scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_second_message_that_cannot_be_taken_back_is_told_to_the_administrator(scenario: OutboxScenario) -> None:
    pause_while_another_sends(scenario, "parent")
    scenario.transport.fail_next("delete", LOST)
    with capture_logs() as logs:
        scenario.deliver()
    assert sorted(scenario.copies_in_slack()) == [1, 1, 1, 1, 2]
    assert any(line["log_level"] == "error" and "duplicated" in line["event"] for line in logs)


def test_of_two_messages_that_are_found_under_one_key_the_first_stays(scenario: OutboxScenario) -> None:
    pause_while_another_sends(scenario, "tables")
    others_turn, asleep = scenario.transport.before_post, [False]

    def wake_though_the_other_died(delivery: Delivery) -> None:
        if "tables" in delivery.key and not asleep[0]:
            asleep[0] = True
            scenario.transport.fail_next("send", ProcessKilledError(), "tables", accepted=True)
            with suppress(ProcessKilledError):
                others_turn(delivery)
            others.extend(scenario.transport.in_slack[delivery.key])

    others: list[MessageRef] = []
    scenario.transport.before_post = wake_though_the_other_died
    with capture_logs():
        scenario.deliver()
    assert scenario.transport.in_slack[scenario.delivery("tables C1").key] == others
    assert [scenario.delivery("tables C1").ts] == [one.ts for one in others]
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_thread_that_slept_is_overtaken_by_another_of_its_own_process_as_by_anybody(scenario: OutboxScenario) -> None:
    pause_while_another_sends(scenario, "nudge/U1", by="one")
    with capture_logs():
        scenario.deliver()
    assert scenario.copies_in_slack() == ALL_ONCE


@pytest.mark.parametrize(
    "others", [NotAcceptedYet("busy", "ratelimited", retry_after=9), NotAcceptedYet("nobody there", "unreachable")]
)
def test_who_wakes_up_and_sends_completes_what_the_other_could_not(
    scenario: OutboxScenario, others: NotAcceptedYet
) -> None:
    pause_while_another_sends(scenario, "parent")
    scenario.transport.fail_next("send", others, "parent")  # the other's comes first
    with capture_logs():
        assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_who_lost_a_delivery_before_sending_does_not_send_it(scenario: OutboxScenario) -> None:
    parent = scenario.delivery("parent C1")
    taken = scenario.delivery_store.claim(parent.key, "one", START, START + TIMING.lease)
    assert taken
    scenario.clock.advance(TIMING.lease)
    scenario.sender("two").send_batch(BATCH, scenario.clock() + SOON)
    assert not scenario.delivery_store.mark_attempted(
        parent.key, "one", scenario.clock(), scenario.clock() + TIMING.lease
    )
    assert scenario.copies_in_slack() == ALL_ONCE


def test_an_earlier_message_is_not_replaced_by_one_that_did_not_arrive(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", Refused("no such user", "user_disabled"), "nudge/U2")
    ended = scenario.deliver()
    assert (ended["edit U2"].state, scenario.transport.payloads.get("0.001")) == (DeliveryState.EXPIRED, None)


def test_who_was_overtaken_while_editing_deletes_nothing(scenario: OutboxScenario) -> None:
    scenario.clock.advance(timedelta(hours=7, minutes=59))

    def sleep() -> None:
        scenario.transport.before_edit = lambda: None
        scenario.clock.advance(TIMING.lease)
        scenario.sender("two").attempt_delivery(
            scenario.delivery("edit U2"), scenario.delivery("parent C1"), BATCH.expires_at
        )

    scenario.transport.before_edit = sleep
    with capture_logs():
        assert scenario.deliver()["edit U2"].state is DeliveryState.EXPIRED
    assert [step for step, _ in scenario.transport.calls if step == "delete"] == []


def test_a_look_up_that_fails_unforeseen_is_made_again_for_the_message_may_have_arrived(
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


def test_slack_is_left_alone_with_look_ups_for_as_long_as_it_asks(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1", accepted=True)
    scenario.transport.fail_next("find", LOST, "nudge/U1")
    scenario.transport.fail_next("find", NotAcceptedYet("busy", "ratelimited", retry_after=50), "nudge/U1")
    scenario.deliver()
    finds = [key for step, key in scenario.transport.calls if step == "find"]
    assert len(finds) == 3
    assert scenario.clock() - START >= TIMING.lease + timedelta(seconds=50)


def test_a_conversation_that_may_not_be_spoken_in_for_long_is_not_waited_for(scenario: OutboxScenario) -> None:
    scenario.delivery_store.hold_until("U1", START + timedelta(hours=2))
    ended = scenario.deliver()
    assert ended["nudge U1"].state is DeliveryState.PENDING
    assert scenario.clock() - START < timedelta(minutes=1)


def test_what_a_later_message_replaces_is_looked_for_and_not_sent_again(scenario: OutboxScenario) -> None:
    scenario.transport.fail_next("send", LOST, "nudge/U1")
    scenario.deliver(timedelta(seconds=1))
    later = replace(BATCH, id="d2", slot="2026-11-23T17:00 UTC")
    assert scenario.delivery_store.save_plan(
        BatchPlan(later, (OutgoingMessage(MessageKind.NUDGE, "U1", "nudge", "a later one", {}),))
    )
    scenario.clock.advance(TIMING.lease)
    assert scenario.deliver()["nudge U1"].state is DeliveryState.EXPIRED
    assert len(scenario.transport.sent_keys("nudge/U1")) == 1


def test_when_the_database_goes_away_after_a_post_the_post_is_found_and_not_sent_again(
    scenario: OutboxScenario,
) -> None:
    def go_away(delivery: Delivery) -> None:
        if "nudge/U1" in delivery.key:
            scenario.delivery_store.unavailable = StoreError("the database does not answer")

    scenario.transport.before_post = go_away
    with pytest.raises(StoreError):
        scenario.deliver()
    scenario.delivery_store.unavailable = None
    scenario.transport.before_post = lambda _delivery: None
    scenario.clock.advance(TIMING.lease)
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert scenario.copies_in_slack() == ALL_ONCE


def test_a_conversation_gets_at_most_one_post_a_second(scenario: OutboxScenario) -> None:
    at: list[datetime] = []
    scenario.transport.before_post = lambda delivery: (
        at.append(scenario.clock()) if delivery.recipient == "C1" else None
    )
    scenario.deliver()
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(at))


def test_a_delivery_that_waits_is_marked_attempted_only_when_it_is_sent(scenario: OutboxScenario) -> None:
    class Busy(Semaphore):
        def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002
            scenario.clock.advance(timedelta(seconds=30))
            return super().acquire(blocking, timeout)

        __enter__ = acquire

    late = list[timedelta]()
    scenario.call_slots = Busy(1)
    scenario.transport.before_post = lambda delivery: late.append(scenario.clock() - attempted_at(scenario, delivery))
    scenario.deliver(timedelta(hours=1))
    assert late == [timedelta(0)] * len(ALL_ONCE)


def test_an_attempt_marked_too_late_is_marked_again_and_sent_once(scenario: OutboxScenario) -> None:
    stamp, slow = scenario.delivery_store.mark_attempted, iter([TIMING.max_send_delay + timedelta(seconds=1)])

    def late(key: str, holder: str, now: datetime, until: datetime) -> bool:
        held = stamp(key, holder, now, until)
        scenario.clock.advance(next(slow, timedelta(0)))
        return held

    scenario.delivery_store.mark_attempted = late  # type: ignore[method-assign]
    at = list[timedelta]()
    scenario.transport.before_post = lambda delivery: at.append(scenario.clock() - attempted_at(scenario, delivery))
    assert {one.state for one in scenario.deliver().values()} == {DeliveryState.SENT}
    assert at == [timedelta(0)] * len(ALL_ONCE)
    assert scenario.copies_in_slack() == ALL_ONCE


def attempted_at(scenario: OutboxScenario, delivery: Delivery) -> datetime:
    """Return when a delivery was stamped."""
    attempted = scenario.delivery_store.delivery(delivery.key).attempted_at
    assert attempted
    return attempted


def test_a_lease_that_does_not_outlast_a_call_and_its_settling_is_refused() -> None:
    with pytest.raises(ValueError, match="outlast"):
        Timing(lease=TIMING.max_send_duration + TIMING.visible_after + TIMING.clock_skew)
