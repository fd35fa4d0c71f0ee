"""A digest that several processes could send, or that one left unfinished, is sent once and completely."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.digest import DELIVERY_SUMMARY
from bailiff_bot.domain.owner import OwnersByAddress
from bailiff_bot.errors import SlackError, StoreError
from bailiff_bot.leases import LeaseTiming
from tests.unit.digest_scenario import DAY, DigestScenario, ProcessKilledError

LEASE_DURATION = LeaseTiming().duration

SLOT = "2026-11-23T09:00 UTC"


# --- other senders ---


def test_a_slot_is_sent_once() -> None:
    scenario = DigestScenario()
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry())
    assert scenario.digests(holder="two").send_scheduled(SLOT, scenario.expiry()) is None
    assert scenario.sent_kinds().count("parent") == 1


def test_the_next_day_has_its_own_slot() -> None:
    scenario = DigestScenario()
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry())
    scenario.clock.advance(DAY)
    assert scenario.digests().send_scheduled("2026-11-24T09:00 UTC", scenario.expiry())
    assert scenario.sent_kinds().count("parent") == 2


def test_nothing_is_scanned_while_another_process_plans_the_slot() -> None:
    scenario = DigestScenario()
    scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + timedelta(seconds=30))
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry()) is None
    assert (scenario.scans, scenario.delivery_store.plans) == (0, [])


def test_one_of_many_processes_plans_a_slot() -> None:
    scenario, together = DigestScenario(), Barrier(8)

    def send(number: int) -> bool:
        together.wait(5)
        return scenario.digests(holder=f"{number}").send_scheduled(SLOT, scenario.expiry()) is not None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send, range(8)))
    assert sum(outcomes) == len(scenario.delivery_store.plans) == 1
    assert scenario.duplicates() == set()


def test_a_digest_by_hand_waits_for_the_lease_of_another_process() -> None:
    scenario = DigestScenario()
    scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + timedelta(seconds=30))
    began = scenario.clock()
    scenario.send_now()
    assert scenario.clock() - began >= timedelta(seconds=30)


def test_a_digest_by_hand_stops_waiting_when_the_process_stops() -> None:
    scenario = DigestScenario()
    scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + timedelta(seconds=30))
    with pytest.raises(SlackError, match="Bailiff is stopping"):
        scenario.digests(stopping=True).send_now()
    assert scenario.delivery_store.plans == []


def test_a_digest_whose_lease_was_lost_during_the_scan_is_planned_by_the_new_holder() -> None:
    scenario = DigestScenario()
    look_up = scenario.slack_users.owners

    def lose_lease(addresses: frozenset[str]) -> OwnersByAddress:
        scenario.clock.advance(LEASE_DURATION)
        scenario.lease_store.acquire("digest", "another", scenario.clock(), scenario.clock() + LEASE_DURATION)
        return look_up(addresses)

    scenario.slack_users.owners = lose_lease  # type: ignore[method-assign]
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry()) is None
    assert scenario.delivery_store.plans == []


@pytest.mark.parametrize("written", [True, False])
def test_an_unconfirmed_plan_is_looked_up(*, written: bool) -> None:
    scenario = DigestScenario()
    save_plan = scenario.delivery_store.save_plan

    def lose_answer(*plans: BatchPlan) -> bool:
        if written:
            save_plan(*plans)
        raise StoreError("the database does not answer")

    scenario.delivery_store.save_plan = lose_answer  # type: ignore[method-assign]
    if written:
        scenario.send_now()
        assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}
    else:
        with pytest.raises(StoreError, match=r"^the database does not answer$"):
            scenario.send_now()


def test_a_plan_of_another_process_is_not_mistaken_for_an_unconfirmed_one() -> None:
    scenario = DigestScenario()
    save_plan = scenario.delivery_store.save_plan

    def save_plan_of_other(*plans: BatchPlan) -> bool:
        [plan] = plans
        assert save_plan(replace(plan, batch=replace(plan.batch, id="another")))
        raise StoreError("the database does not answer")

    scenario.delivery_store.save_plan = save_plan_of_other  # type: ignore[method-assign]
    with pytest.raises(StoreError, match=r"^the database does not answer$"):
        scenario.digests().send_scheduled(SLOT, scenario.expiry())


def test_the_error_says_that_an_unconfirmed_plan_may_have_been_saved() -> None:
    scenario = DigestScenario()

    def lose_database(_plan: BatchPlan) -> bool:
        scenario.delivery_store.unavailable = StoreError("The database does not answer.")
        raise scenario.delivery_store.unavailable

    scenario.delivery_store.save_plan = lose_database  # type: ignore[assignment, method-assign]
    with pytest.raises(StoreError, match="the running bot sends it then: check before you retry"):
        scenario.send_now()


def test_a_digest_by_hand_and_a_preview_do_not_use_the_slot() -> None:
    scenario = DigestScenario()
    scenario.send_now()
    scenario.digests().send_preview("U9").result()
    assert scenario.digests().send_scheduled(SLOT, scenario.expiry())


# --- unfinished digests ---


def message_names() -> list[str]:
    """Return the names of a digest's messages."""
    scenario = DigestScenario()
    scenario.send_now()
    return sorted(scenario.sent_kinds())


@pytest.mark.parametrize("arrived", [False, True], ids=["before Slack had it", "after"])
@pytest.mark.parametrize("name", message_names())
def test_another_process_completes_the_digest_of_a_killed_one_without_duplicates(name: str, *, arrived: bool) -> None:
    scenario = DigestScenario()
    key_part = "/".join(name.split()) if name.startswith("nudge") else f"/{name}/"
    scenario.transport.fail_next("send", ProcessKilledError(), key_part, accepted=arrived)
    with pytest.raises(ProcessKilledError):
        scenario.send_now()
    scenario.digests(holder="two").outbox.resume_unfinished()
    assert sorted({key.split("/")[-2] for key in scenario.transport.in_slack}) == sorted(
        ["parent", "tables 1", "owners", "file", "nudge"]
    )
    assert (scenario.duplicates(), scenario.nudge_counts()) == (set(), {"U1": 1, "U2": 1, "U3": 1})
    assert "Owners notified" in scenario.text_of_name(DELIVERY_SUMMARY)
    assert scenario.delivery_store.unfinished() == ()


def test_a_completed_thread_belongs_to_the_posted_parent() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", ProcessKilledError(), "/tables 1/")
    with pytest.raises(ProcessKilledError):
        scenario.send_now()
    scenario.digests(holder="two").outbox.resume_unfinished()
    assert scenario.sent_kinds().count("parent") == 1


def test_a_finished_digest_is_left_alone() -> None:
    scenario = DigestScenario()
    scenario.send_now()
    before = list(scenario.transport.calls)
    scenario.digests(holder="two").outbox.resume_unfinished()
    assert scenario.transport.calls == before


def test_messages_are_not_sent_after_the_digest_expired() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", ProcessKilledError(), "/tables 1/")
    with pytest.raises(ProcessKilledError):
        scenario.digests().send_scheduled(SLOT, scenario.expiry())
    scenario.clock.advance(DAY)
    scenario.digests(holder="two").outbox.resume_unfinished()
    assert scenario.delivery_store.unfinished() == ()
    assert "tables 1" not in {key.split("/")[-2] for key in scenario.transport.in_slack}


def test_nothing_is_sent_without_the_database() -> None:
    scenario = DigestScenario()
    scenario.delivery_store.unavailable = StoreError("The database is away")
    with pytest.raises(StoreError, match="away"):
        scenario.send_now()
    assert scenario.transport.calls == []
