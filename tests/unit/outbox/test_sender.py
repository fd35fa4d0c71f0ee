from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from threading import Semaphore

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Delivery, Dispatch, Draft, Occasion, Part, Plan, State
from bailiff_bot.errors import Ambiguous, NotNow, Refused, StoreError
from bailiff_bot.outbox.sender import Courier
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import Sent
from tests.fakes.adapters import FakeClock
from tests.fakes.outbox import FakeCarrier, FakeLedger

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOON = timedelta(minutes=5)
TIMING = Timing()
LOST = Ambiguous("no answer")
DISPATCH = Dispatch("d1", Occasion.SCHEDULED, "2026-11-23T09:00 UTC", "C1", START, START + timedelta(hours=8), {})
DRAFTS = (
    (Part.PARENT, "C1", "parent"),
    (Part.REPLY, "C1", "tables"),
    (Part.FILE, "C1", "file"),
    (Part.NUDGE, "U1", "nudge"),
    (Part.NUDGE, "U2", "nudge"),
    (Part.EDIT, "U2", "edit"),
)
EDITED = {"channel": "D2", "ts": "0.001"}


class World:
    """A planned digest, and the processes that send it."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.ledger = FakeLedger()
        self.carrier = FakeCarrier()
        self.calls = Semaphore(5)
        drafts = (Draft(part, who, name, f"{name} {who}", EDITED) for part, who, name in DRAFTS)
        assert self.ledger.plan(Plan(DISPATCH, tuple(drafts)))

    def courier(self, holder: str = "one", *, stopping: bool = False) -> Courier:
        def pause(seconds: float) -> bool:
            return stopping or self.clock.pause(seconds)

        return Courier(self.ledger, self.carrier, holder, self.clock, pause, TIMING, self.calls)

    def deliver(self, within: timedelta = SOON) -> dict[str, Delivery]:
        """Send, and return what became of each by its label."""
        return {one.label: one for one in self.courier().deliver(DISPATCH, self.clock() + within)}

    def of(self, label: str) -> Delivery:
        return next(one for one in self.ledger.deliveries("d1") if one.label == label)

    def standing(self) -> list[int]:
        """Return how often each message stands in Slack."""
        return [len(sent) for sent in self.carrier.standing.values()]


@pytest.fixture
def world() -> World:
    return World()


ALL_ONCE = [1] * 5


def test_everything_is_sent_once_and_the_parent_first(world: World) -> None:
    assert {one.state for one in world.deliver().values()} == {State.SENT}
    assert world.standing() == ALL_ONCE
    assert "parent" in world.carrier.sent()[0]


def test_what_was_sent_is_not_sent_again(world: World) -> None:
    world.deliver()
    world.deliver()
    assert world.standing() == ALL_ONCE


@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
@pytest.mark.parametrize("late", [True, False], ids=["shown late", "shown at once"])
def test_what_gets_no_answer_comes_once(world: World, of: str, *, taken: bool, late: bool) -> None:
    world.carrier.fail("send", LOST, of, taken=taken)
    world.carrier.late = late
    world.deliver(timedelta(seconds=30))
    world.carrier.show()
    world.clock.move(TIMING.lease)
    assert {one.state for one in world.deliver().values()} == {State.SENT}
    assert world.standing() == ALL_ONCE


def test_what_may_have_arrived_is_not_sent_again_before_slack_must_have_shown_it(world: World) -> None:
    world.carrier.fail("send", LOST, "parent")
    world.deliver(TIMING.call + TIMING.settle)
    assert len(world.carrier.sent("parent")) == 1


def test_what_cannot_be_looked_up_is_not_sent_again(world: World) -> None:
    world.carrier.fail("send", LOST, "nudge/U1", taken=True)
    world.carrier.fail("find", LOST, times=1_000)
    assert world.deliver(timedelta(hours=1))["nudge U1"].state is State.SENDING
    assert len(world.carrier.sent("nudge/U1")) == 1


def test_what_nobody_could_find_out_in_time_is_said_to_be_unknown_and_not_dropped(world: World) -> None:
    world.carrier.fail("send", LOST, "nudge/U1")
    world.carrier.fail("find", Ambiguous("Slack is away"), times=100_000)
    unknown = world.deliver(timedelta(hours=9))["nudge U1"]
    assert unknown.state is State.UNKNOWN
    assert "Slack is away" in unknown.reason


def test_what_was_too_late_to_be_sent_expires_with_the_reason(world: World) -> None:
    world.clock.move(timedelta(hours=9))
    assert {one.state for one in world.deliver().values()} == {State.EXPIRED}
    assert world.standing() == []


@pytest.mark.parametrize("error", [NotNow("busy", "ratelimited", after=20), NotNow("nobody there", "unreachable")])
@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
def test_what_slack_certainly_did_not_take_is_sent_again_without_looking_it_up(
    world: World, error: NotNow, of: str
) -> None:
    world.carrier.fail("send", error, of, times=2)
    assert {one.state for one in world.deliver().values()} == {State.SENT}
    assert world.standing() == ALL_ONCE
    assert [step for step, _ in world.carrier.events if step == "find"] == []


def test_slack_is_not_asked_again_before_it_said_it_may_be(world: World) -> None:
    world.carrier.fail("send", NotNow("busy", "ratelimited", after=40), "parent")
    world.deliver(timedelta(seconds=39))
    assert len(world.carrier.sent("parent")) == 1
    world.deliver()
    assert world.clock() - START >= timedelta(seconds=40)


def test_while_slack_lets_nobody_post_in_a_conversation_another_process_does_not_either(world: World) -> None:
    world.carrier.fail("send", NotNow("busy", "ratelimited", after=40), "parent")
    world.deliver(timedelta(seconds=1))
    assert world.ledger.reserve("C1", world.clock(), TIMING.pace) >= START + timedelta(seconds=40)


def test_one_conversation_that_has_to_wait_delays_no_other(world: World) -> None:
    world.carrier.fail("send", NotNow("busy", "ratelimited", after=200), "nudge/U1")
    ended = world.deliver(timedelta(seconds=100))
    assert [label for label, one in ended.items() if one.state is not State.SENT] == ["nudge U1"]


@pytest.mark.parametrize("step", ["prepare", "send"])
def test_a_refusal_ends_one_delivery_with_slacks_reason_and_no_other(world: World, step: str) -> None:
    world.carrier.fail("prepare" if step == "prepare" else "send", Refused("no such user", "user_disabled"), "nudge/U1")
    ended = world.deliver()
    assert (ended["nudge U1"].state, ended["nudge U1"].reason) == (State.REFUSED, "no such user")
    assert {one.state for label, one in ended.items() if label != "nudge U1"} == {State.SENT}


def test_when_the_parent_is_refused_nothing_else_is_sent_and_each_says_why(world: World) -> None:
    world.carrier.fail("send", Refused("not in the channel", "not_in_channel"), "parent")
    ended = world.deliver()
    assert ended.pop("parent C1").state is State.REFUSED
    assert {one.state for one in ended.values()} == {State.EXPIRED}
    assert all("not in the channel" in one.reason for one in ended.values())


def test_what_cannot_even_be_made_ends_one_delivery_and_no_other(world: World) -> None:
    world.carrier.fail("prepare", ValueError("a bug"), "tables")
    with capture_logs() as logs:
        ended = world.deliver()
    assert (ended["tables C1"].state, "a bug" in ended["tables C1"].reason) == (State.REFUSED, True)
    assert {one.state for label, one in ended.items() if label != "tables C1"} == {State.SENT}
    assert logs


def test_an_upload_that_broke_off_before_anybody_could_see_it_is_made_again(world: World) -> None:
    world.carrier.fail("prepare", LOST, "file")
    assert world.deliver()["file C1"].state is State.SENT


def test_one_who_is_told_to_stop_sends_nothing_more_and_another_goes_on(world: World) -> None:
    world.courier(stopping=True).deliver(DISPATCH, START + SOON)
    assert world.standing() == []
    assert {one.state for one in world.deliver().values()} == {State.SENT}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("taken", [True, False], ids=["after Slack took it", "before"])
@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
def test_when_a_process_is_killed_in_mid_sending_another_completes_it(world: World, of: str, *, taken: bool) -> None:
    world.carrier.fail("send", Killed(), of, taken=taken)
    with pytest.raises(Killed):
        world.deliver()
    world.clock.move(TIMING.lease)
    ended = world.courier("two").deliver(DISPATCH, world.clock() + SOON)
    assert {one.state for one in ended} == {State.SENT}
    assert world.standing() == ALL_ONCE


def test_a_parent_that_was_posted_keeps_its_thread_though_another_process_completes_it(world: World) -> None:
    world.carrier.fail("send", Killed(), "tables")
    with pytest.raises(Killed):
        world.deliver()
    before = world.of("parent C1").ts
    world.clock.move(TIMING.lease)
    world.courier("two").deliver(DISPATCH, world.clock() + SOON)
    assert world.of("parent C1").ts == before != ""


def overtake(world: World, of: str, *, by: str = "two") -> None:
    """Let the first process sleep with a message on its lips, while another has its turn."""
    left = [1]

    def sleep(delivery: Delivery) -> None:
        if of in delivery.key and left[0]:
            left[0] -= 1
            world.clock.move(TIMING.lease)
            parent = None if delivery.part is Part.PARENT else world.of("parent C1")
            world.courier(by).step(delivery, parent, DISPATCH.expires)

    world.carrier.on_wire = sleep


@pytest.mark.parametrize("of", ["parent", "tables", "file", "nudge/U1"])
def test_who_slept_in_mid_sending_and_was_overtaken_takes_its_message_back(world: World, of: str) -> None:
    overtake(world, of)
    with capture_logs():
        world.deliver()
    assert world.standing() == ALL_ONCE
    assert [step for step, _ in world.carrier.events].count("take_back") == 1


@pytest.mark.parametrize("late", [True, False], ids=["shown late", "shown at once"])
def test_who_was_overtaken_and_got_no_answer_takes_back_what_it_finds(world: World, *, late: bool) -> None:
    overtake(world, "tables")

    def lose_the_sleepers(delivery: Delivery, sleep: Callable[[Delivery], None]) -> None:
        sleep(delivery)
        if "tables" in delivery.key and len(world.carrier.sent("tables")) == 1:
            world.carrier.fail("send", LOST, "tables", taken=True)

    world.carrier.on_wire = partial(lose_the_sleepers, sleep=world.carrier.on_wire)
    world.carrier.late = late
    pause = world.clock.pause

    def show_in_time(seconds: float) -> bool:
        world.carrier.show()
        return pause(seconds)

    world.clock.pause = show_in_time  # type: ignore[method-assign]
    with capture_logs():
        world.deliver()
    assert world.standing() == ALL_ONCE


def test_a_second_message_that_cannot_be_taken_back_is_told_to_the_administrator(world: World) -> None:
    overtake(world, "parent")
    world.carrier.fail("take_back", LOST)
    with capture_logs() as logs:
        world.deliver()
    assert sorted(world.standing()) == [1, 1, 1, 1, 2]
    assert any(line["log_level"] == "error" and "twice" in line["event"] for line in logs)


def test_of_two_messages_that_are_found_under_one_key_the_first_stays(world: World) -> None:
    overtake(world, "tables")
    others_turn, asleep = world.carrier.on_wire, [False]

    def wake_though_the_other_died(delivery: Delivery) -> None:
        if "tables" in delivery.key and not asleep[0]:
            asleep[0] = True
            world.carrier.fail("send", Killed(), "tables", taken=True)
            with suppress(Killed):
                others_turn(delivery)
            others.extend(world.carrier.standing[delivery.key])

    others: list[Sent] = []
    world.carrier.on_wire = wake_though_the_other_died
    with capture_logs():
        world.deliver()
    assert world.carrier.standing[world.of("tables C1").key] == others
    assert [world.of("tables C1").ts] == [one.ts for one in others]
    assert world.standing() == ALL_ONCE


def test_a_thread_that_slept_is_overtaken_by_another_of_its_own_process_as_by_anybody(world: World) -> None:
    overtake(world, "nudge/U1", by="one")
    with capture_logs():
        world.deliver()
    assert world.standing() == ALL_ONCE


@pytest.mark.parametrize("others", [NotNow("busy", "ratelimited", after=9), NotNow("nobody there", "unreachable")])
def test_who_wakes_up_and_sends_completes_what_the_other_could_not(world: World, others: NotNow) -> None:
    overtake(world, "parent")
    world.carrier.fail("send", others, "parent")  # the other's comes first
    with capture_logs():
        assert {one.state for one in world.deliver().values()} == {State.SENT}
    assert world.standing() == ALL_ONCE


def test_who_lost_a_delivery_before_sending_does_not_send_it(world: World) -> None:
    parent = world.of("parent C1")
    taken = world.ledger.take(parent.key, "one", START, START + TIMING.lease)
    assert taken
    world.clock.move(TIMING.lease)
    world.courier("two").deliver(DISPATCH, world.clock() + SOON)
    assert not world.ledger.stamp(parent.key, "one", world.clock(), world.clock() + TIMING.lease)
    assert world.standing() == ALL_ONCE


def test_an_earlier_message_is_not_replaced_by_one_that_did_not_arrive(world: World) -> None:
    world.carrier.fail("send", Refused("no such user", "user_disabled"), "nudge/U2")
    ended = world.deliver()
    assert (ended["edit U2"].state, world.carrier.payloads.get("0.001")) == (State.EXPIRED, None)


def test_who_was_overtaken_while_editing_deletes_nothing(world: World) -> None:
    world.clock.move(timedelta(hours=7, minutes=59))

    def sleep() -> None:
        world.carrier.on_edit = lambda: None
        world.clock.move(TIMING.lease)
        world.courier("two").step(world.of("edit U2"), world.of("parent C1"), DISPATCH.expires)

    world.carrier.on_edit = sleep
    with capture_logs():
        assert world.deliver()["edit U2"].state is State.EXPIRED
    assert [step for step, _ in world.carrier.events if step == "take_back"] == []


def test_a_look_up_that_fails_unforeseen_is_made_again_for_the_message_may_have_arrived(world: World) -> None:
    world.carrier.fail("send", LOST, "nudge/U1", taken=True)
    world.carrier.fail("find", KeyError("metadata"), "nudge/U1", times=2)
    with capture_logs():
        with suppress(KeyError):
            world.deliver()
        world.clock.move(TIMING.lease)
        assert world.deliver()["nudge U1"].state is State.SENT
    assert world.standing() == ALL_ONCE


def test_slack_is_left_alone_with_look_ups_for_as_long_as_it_asks(world: World) -> None:
    world.carrier.fail("send", LOST, "nudge/U1", taken=True)
    world.carrier.fail("find", LOST, "nudge/U1")
    world.carrier.fail("find", NotNow("busy", "ratelimited", after=50), "nudge/U1")
    world.deliver()
    finds = [key for step, key in world.carrier.events if step == "find"]
    assert len(finds) == 3
    assert world.clock() - START >= TIMING.lease + timedelta(seconds=50)


def test_a_conversation_that_may_not_be_spoken_in_for_long_is_not_waited_for(world: World) -> None:
    world.ledger.hold_back("U1", START + timedelta(hours=2))
    ended = world.deliver()
    assert ended["nudge U1"].state is State.PENDING
    assert world.clock() - START < timedelta(minutes=1)


def test_what_a_later_message_replaces_is_looked_for_and_not_sent_again(world: World) -> None:
    world.carrier.fail("send", LOST, "nudge/U1")
    world.deliver(timedelta(seconds=1))
    later = replace(DISPATCH, id="d2", slot="2026-11-23T17:00 UTC")
    assert world.ledger.plan(Plan(later, (Draft(Part.NUDGE, "U1", "nudge", "a later one", {}),)))
    world.clock.move(TIMING.lease)
    assert world.deliver()["nudge U1"].state is State.EXPIRED
    assert len(world.carrier.sent("nudge/U1")) == 1


def test_when_the_database_goes_away_after_a_post_the_post_is_found_and_not_sent_again(world: World) -> None:
    def go_away(delivery: Delivery) -> None:
        if "nudge/U1" in delivery.key:
            world.ledger.away = StoreError("the database does not answer")

    world.carrier.on_wire = go_away
    with pytest.raises(StoreError):
        world.deliver()
    world.ledger.away = None
    world.carrier.on_wire = lambda _delivery: None
    world.clock.move(TIMING.lease)
    assert {one.state for one in world.deliver().values()} == {State.SENT}
    assert world.standing() == ALL_ONCE


def test_a_conversation_gets_at_most_one_post_a_second(world: World) -> None:
    at: list[datetime] = []
    world.carrier.on_wire = lambda delivery: at.append(world.clock()) if delivery.recipient == "C1" else None
    world.deliver()
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(at))


def test_what_waits_for_others_to_be_sent_is_stamped_when_it_is_its_turn(world: World) -> None:
    class Busy(Semaphore):
        def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002
            world.clock.move(timedelta(seconds=30))
            return super().acquire(blocking, timeout)

        __enter__ = acquire

    late = list[timedelta]()
    world.calls = Busy(1)
    world.carrier.on_wire = lambda delivery: late.append(world.clock() - stamped(world, delivery))
    world.deliver(timedelta(hours=1))
    assert late == [timedelta(0)] * len(ALL_ONCE)


def test_what_a_slow_database_stamped_too_late_is_stamped_anew_and_sent_once(world: World) -> None:
    stamp, slow = world.ledger.stamp, iter([TIMING.head_start + timedelta(seconds=1)])

    def late(key: str, holder: str, now: datetime, until: datetime) -> bool:
        held = stamp(key, holder, now, until)
        world.clock.move(next(slow, timedelta(0)))
        return held

    world.ledger.stamp = late  # type: ignore[method-assign]
    at = list[timedelta]()
    world.carrier.on_wire = lambda delivery: at.append(world.clock() - stamped(world, delivery))
    assert {one.state for one in world.deliver().values()} == {State.SENT}
    assert at == [timedelta(0)] * len(ALL_ONCE)
    assert world.standing() == ALL_ONCE


def stamped(world: World, delivery: Delivery) -> datetime:
    """Return when a delivery was stamped."""
    attempted = world.ledger.delivery(delivery.key).attempted
    assert attempted
    return attempted


def test_a_lease_that_does_not_outlast_a_call_and_its_settling_is_refused() -> None:
    with pytest.raises(ValueError, match="outlast"):
        Timing(lease=TIMING.call + TIMING.settle + TIMING.skew)
