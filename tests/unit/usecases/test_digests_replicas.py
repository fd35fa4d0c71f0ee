"""A digest that several processes could send, or that one began: it is sent once, and to its end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bailiff_bot.domain.delivery import BatchPlan, MessageKind
from bailiff_bot.domain.owner import OwnersByAddress
from bailiff_bot.errors import SlackError, StoreError
from bailiff_bot.leases import LEASE_DURATION
from tests.unit.digest_scenario import DAY, DigestScenario, ProcessKilledError

SLOT = "2026-11-23T09:00 UTC"


# --- who else sends ---


def test_a_slot_is_sent_once() -> None:
    scenario = DigestScenario()
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry())
    assert scenario.digests(holder="two").send_scheduled(SLOT, scenario.expiry()) is None
    assert scenario.sent_kinds().count("parent") == 1


def test_the_day_after_has_a_slot_of_its_own() -> None:
    scenario = DigestScenario()
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry())
    scenario.clock.advance(DAY)
    assert scenario.digests().send_scheduled("2026-11-24T09:00 UTC", scenario.expiry())
    assert scenario.sent_kinds().count("parent") == 2


def test_while_another_process_plans_a_slot_nothing_is_scanned() -> None:
    scenario = DigestScenario()
    scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + timedelta(seconds=30))
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry()) is None
    assert (scenario.scans, scenario.delivery_store.plans) == (0, [])


def test_of_many_who_plan_a_slot_at_the_same_time_one_does() -> None:
    scenario, together = DigestScenario(), Barrier(8)

    def scheduled(number: int) -> bool:
        together.wait(5)
        return scenario.digests(holder=f"{number}").send_scheduled(SLOT, scenario.expiry()) is not None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(scheduled, range(8)))
    assert sum(outcomes) == len(scenario.delivery_store.plans) == 1
    assert scenario.duplicates() == set()


def test_a_digest_by_hand_waits_for_the_lease_of_another_process() -> None:
    scenario = DigestScenario()
    scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + timedelta(seconds=30))
    began = scenario.clock()
    scenario.send_now()
    assert scenario.clock() - began >= timedelta(seconds=30)


def test_a_digest_by_hand_that_waits_stops_when_told_to() -> None:
    scenario = DigestScenario()
    scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + timedelta(seconds=30))
    with pytest.raises(SlackError, match="told to stop"):
        scenario.digests(stopping=True).send_now()
    assert scenario.delivery_store.plans == []


def test_a_digest_whose_lease_was_lost_during_the_scan_is_planned_by_the_new_holder() -> None:
    scenario = DigestScenario()
    seen = scenario.slack_users.owners

    def sleep(addresses: frozenset[str]) -> OwnersByAddress:
        scenario.clock.advance(LEASE_DURATION)
        scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + LEASE_DURATION)
        return seen(addresses)

    scenario.slack_users.owners = sleep  # type: ignore[method-assign]
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry()) is None
    assert scenario.delivery_store.plans == []


@pytest.mark.parametrize("written", [True, False])
def test_a_plan_of_which_the_database_tells_nothing_is_looked_for(*, written: bool) -> None:
    scenario = DigestScenario()
    plan = scenario.delivery_store.save_plan

    def lose_the_answer(one: BatchPlan) -> bool:
        if written:
            plan(one)
        raise StoreError("the database does not answer")

    scenario.delivery_store.save_plan = lose_the_answer  # type: ignore[assignment, method-assign]
    if written:
        scenario.send_now()
        assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}
    else:
        with pytest.raises(StoreError, match=r"^the database does not answer$"):
            scenario.send_now()


def test_a_slot_that_another_had_meanwhile_is_not_taken_for_a_plan_that_was_written() -> None:
    scenario = DigestScenario()
    plan = scenario.delivery_store.save_plan

    def be_late(one: BatchPlan) -> bool:
        other = replace(one, batch=replace(one.batch, id="another"))
        assert plan(other)
        raise StoreError("the database does not answer")

    scenario.delivery_store.save_plan = be_late  # type: ignore[assignment, method-assign]
    with pytest.raises(StoreError, match=r"^the database does not answer$"):
        scenario.digests().send_scheduled(SLOT, scenario.expiry())


def test_a_plan_that_cannot_be_looked_for_may_have_been_written_and_that_is_said() -> None:
    scenario = DigestScenario()

    def go_away(_plan: BatchPlan) -> bool:
        scenario.delivery_store.unavailable = StoreError("The database does not answer.")
        raise scenario.delivery_store.unavailable

    scenario.delivery_store.save_plan = go_away  # type: ignore[assignment, method-assign]
    with pytest.raises(StoreError, match="the running bot sends it: look before you ask again"):
        scenario.send_now()


def test_a_digest_by_hand_and_a_preview_leave_the_slot_free() -> None:
    scenario = DigestScenario()
    scenario.send_now()
    scenario.digests().send_preview("U9")
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry())


# --- what was begun ---


def messages_of_a_digest() -> list[str]:
    """Return what there is to send of a digest."""
    scenario = DigestScenario()
    scenario.send_now()
    return sorted(scenario.sent_kinds())


@pytest.mark.parametrize("arrived", [False, True], ids=["before Slack had it", "after"])
@pytest.mark.parametrize("kind", messages_of_a_digest())
def test_a_digest_whose_process_died_is_completed_by_another_and_nothing_comes_twice(
    kind: str, *, arrived: bool
) -> None:
    scenario = DigestScenario()
    of = "/".join(kind.split()) if kind.startswith("nudge") else f"/{kind}/"
    scenario.transport.fail_next("send", ProcessKilledError(), of, accepted=arrived)
    with pytest.raises(ProcessKilledError):
        scenario.send_now()
    scenario.digests(holder="two").worker.resume_unfinished()
    assert sorted({key.split("/")[-2] for key in scenario.transport.in_slack}) == sorted(
        ["parent", "tables 1", "owners", "file", "nudge"]
    )
    assert (scenario.duplicates(), scenario.nudge_counts()) == (set(), {"U1": 1, "U2": 1, "U3": 1})
    assert "Told in a direct message" in scenario.text_of_kind(MessageKind.DELIVERY_SUMMARY)
    assert scenario.delivery_store.unfinished() == ()


def test_a_thread_that_is_completed_hangs_on_the_parent_that_was_posted() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", ProcessKilledError(), "/tables 1/")
    with pytest.raises(ProcessKilledError):
        scenario.send_now()
    scenario.digests(holder="two").worker.resume_unfinished()
    assert scenario.sent_kinds().count("parent") == 1


def test_what_is_over_is_left_alone() -> None:
    scenario = DigestScenario()
    scenario.send_now()
    before = list(scenario.transport.calls)
    scenario.digests(holder="two").worker.resume_unfinished()
    assert scenario.transport.calls == before


def test_what_was_not_sent_in_time_is_not_sent_any_more() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", ProcessKilledError(), "/tables 1/")
    with pytest.raises(ProcessKilledError):
        scenario.digests().send_scheduled(SLOT, scenario.expiry())
    scenario.clock.advance(DAY)
    scenario.digests(holder="two").worker.resume_unfinished()
    assert scenario.delivery_store.unfinished() == ()
    assert "tables 1" not in {key.split("/")[-2] for key in scenario.transport.in_slack}


def test_a_database_that_is_away_sends_nothing() -> None:
    scenario = DigestScenario()
    scenario.delivery_store.unavailable = StoreError("The database is away")
    with pytest.raises(StoreError, match="away"):
        scenario.send_now()
    assert scenario.transport.calls == []
