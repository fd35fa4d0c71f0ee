"""A digest that several processes could send, or that one began: it is sent once, and to its end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bailiff_bot.domain.delivery import Part, Plan
from bailiff_bot.domain.owner import Owners
from bailiff_bot.errors import SlackError, StoreError
from bailiff_bot.leases import LEASE
from tests.unit.digest_scenario import DAY, KilledError, World

SLOT = "2026-11-23T09:00 UTC"


# --- who else sends ---


def test_a_slot_is_sent_once() -> None:
    world = World()
    assert world.digests().scheduled(SLOT, world.expires())
    assert world.digests(holder="two").scheduled(SLOT, world.expires()) is None
    assert world.kinds().count("parent") == 1


def test_the_day_after_has_a_slot_of_its_own() -> None:
    world = World()
    assert world.digests().scheduled(SLOT, world.expires())
    world.clock.move(DAY)
    assert world.digests().scheduled("2026-11-24T09:00 UTC", world.expires())
    assert world.kinds().count("parent") == 2


def test_while_another_plans_a_slot_nothing_is_looked_at() -> None:
    world = World()
    world.leases.take("digest", "another", world.clock(), world.clock() + timedelta(seconds=30))
    assert world.digests().scheduled(SLOT, world.expires()) is None
    assert (world.scans, world.ledger.plans) == (0, [])


def test_of_many_who_plan_a_slot_at_the_same_time_one_does() -> None:
    world, together = World(), Barrier(8)

    def scheduled(number: int) -> bool:
        together.wait(5)
        return world.digests(holder=f"{number}").scheduled(SLOT, world.expires()) is not None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(scheduled, range(8)))
    assert sum(outcomes) == len(world.ledger.plans) == 1
    assert world.twice() == set()


def test_a_digest_by_hand_waits_for_the_turn_of_another() -> None:
    world = World()
    world.leases.take("digest", "another", world.clock(), world.clock() + timedelta(seconds=30))
    began = world.clock()
    world.sends()
    assert world.clock() - began >= timedelta(seconds=30)


def test_a_digest_by_hand_that_waits_stops_when_told_to() -> None:
    world = World()
    world.leases.take("digest", "another", world.clock(), world.clock() + timedelta(seconds=30))
    with pytest.raises(SlackError, match="told to stop"):
        world.digests(stopping=True).by_hand()
    assert world.ledger.plans == []


def test_a_digest_whose_turn_was_lost_while_aws_was_read_is_planned_by_whoever_has_it_now() -> None:
    world = World()
    seen = world.roster.owners

    def sleep(addresses: frozenset[str]) -> Owners:
        world.clock.move(LEASE)
        world.leases.take("digest", "another", world.clock(), world.clock() + LEASE)
        return seen(addresses)

    world.roster.owners = sleep  # type: ignore[method-assign]
    assert world.digests().scheduled(SLOT, world.expires()) is None
    assert world.ledger.plans == []


@pytest.mark.parametrize("written", [True, False])
def test_a_plan_of_which_the_database_tells_nothing_is_looked_for(*, written: bool) -> None:
    world = World()
    plan = world.ledger.plan

    def lose_the_answer(one: Plan) -> bool:
        if written:
            plan(one)
        raise StoreError("the database does not answer")

    world.ledger.plan = lose_the_answer  # type: ignore[assignment, method-assign]
    if written:
        world.sends()
        assert world.told() == {"U1": 1, "U2": 1, "U3": 1}
    else:
        with pytest.raises(StoreError, match=r"^the database does not answer$"):
            world.sends()


def test_a_slot_that_another_had_meanwhile_is_not_taken_for_a_plan_that_was_written() -> None:
    world = World()
    plan = world.ledger.plan

    def be_late(one: Plan) -> bool:
        other = replace(one, dispatch=replace(one.dispatch, id="another"))
        assert plan(other)
        raise StoreError("the database does not answer")

    world.ledger.plan = be_late  # type: ignore[assignment, method-assign]
    with pytest.raises(StoreError, match=r"^the database does not answer$"):
        world.digests().scheduled(SLOT, world.expires())


def test_a_plan_that_cannot_be_looked_for_may_have_been_written_and_that_is_said() -> None:
    world = World()

    def go_away(_plan: Plan) -> bool:
        world.ledger.away = StoreError("The database does not answer.")
        raise world.ledger.away

    world.ledger.plan = go_away  # type: ignore[assignment, method-assign]
    with pytest.raises(StoreError, match="the running bot sends it: look before you ask again"):
        world.sends()


def test_a_digest_by_hand_and_a_preview_leave_the_slot_free() -> None:
    world = World()
    world.sends()
    world.digests().preview("U9")
    assert world.digests().scheduled(SLOT, world.expires())


# --- what was begun ---


def positions() -> list[str]:
    """Return what there is to send of a digest."""
    world = World()
    world.sends()
    return sorted(world.kinds())


@pytest.mark.parametrize("arrived", [False, True], ids=["before Slack had it", "after"])
@pytest.mark.parametrize("kind", positions())
def test_a_digest_whose_process_died_is_completed_by_another_and_nothing_comes_twice(
    kind: str, *, arrived: bool
) -> None:
    world = World()
    of = "/".join(kind.split()) if kind.startswith("nudge") else f"/{kind}/"
    world.carrier.fail("send", KilledError(), of, taken=arrived)
    with pytest.raises(KilledError):
        world.sends()
    world.digests(holder="two").dispatcher.complete()
    assert sorted({key.split("/")[-2] for key in world.carrier.standing}) == sorted(
        ["parent", "tables 1", "owners", "file", "nudge"]
    )
    assert (world.twice(), world.told()) == (set(), {"U1": 1, "U2": 1, "U3": 1})
    assert "Told in a direct message" in world.words(Part.ROLL)
    assert world.ledger.unfinished() == ()


def test_a_thread_that_is_completed_hangs_on_the_parent_that_was_posted() -> None:
    world = World()
    world.carrier.fail("send", KilledError(), "/tables 1/")
    with pytest.raises(KilledError):
        world.sends()
    world.digests(holder="two").dispatcher.complete()
    assert world.kinds().count("parent") == 1


def test_what_is_over_is_left_alone() -> None:
    world = World()
    world.sends()
    before = list(world.carrier.events)
    world.digests(holder="two").dispatcher.complete()
    assert world.carrier.events == before


def test_what_was_not_sent_in_time_is_not_sent_any_more() -> None:
    world = World()
    world.carrier.fail("send", KilledError(), "/tables 1/")
    with pytest.raises(KilledError):
        world.digests().scheduled(SLOT, world.expires())
    world.clock.move(DAY)
    world.digests(holder="two").dispatcher.complete()
    assert world.ledger.unfinished() == ()
    assert "tables 1" not in {key.split("/")[-2] for key in world.carrier.standing}


def test_a_database_that_is_away_sends_nothing() -> None:
    world = World()
    world.ledger.away = StoreError("The database is away")
    with pytest.raises(StoreError, match="away"):
        world.sends()
    assert world.carrier.events == []
