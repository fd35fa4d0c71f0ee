"""Since when an instance is seen stopped: what one scan adds to what is recorded, and what it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.stopped_instances import InstanceKey, stop_times
from tests.builders import IRELAND, NOW, PARIS, instance

HOUR = timedelta(hours=1)
STOPPED = instance(1, age=40, state=InstanceState.STOPPED)
KEY: InstanceKey = (IRELAND, STOPPED.id)


def scan(*instances: Instance, at: datetime = NOW, read: tuple[Target, ...] = (IRELAND,)) -> Inventory:
    return Inventory(instances, read, (), at)


def test_the_first_scan_that_sees_an_undated_stop_dates_it() -> None:
    times = stop_times(scan(STOPPED, instance(2)), {})
    assert [one.first_seen_stopped for one in times.inventory.instances] == [NOW, None]
    assert (times.new, times.restarted) == ({KEY: NOW}, ())


def test_a_later_scan_keeps_the_first_time() -> None:
    times = stop_times(scan(STOPPED, at=NOW + HOUR), {KEY: NOW})
    assert [one.first_seen_stopped for one in times.inventory.instances] == [NOW]
    assert (times.new, times.restarted) == ({}, ())


def test_a_start_since_then_makes_it_another_stop() -> None:
    started = replace(STOPPED, launched_at=NOW + HOUR)
    assert stop_times(scan(started, at=NOW + 2 * HOUR), {KEY: NOW}).new == {KEY: NOW + 2 * HOUR}


def test_a_stop_that_ec2_dates_stays_recorded_and_is_not_used() -> None:
    times = stop_times(scan(replace(STOPPED, transitioned_at=NOW)), {KEY: NOW - HOUR})
    assert times.inventory.instances[0].first_seen_stopped is None
    assert (times.new, times.restarted) == ({}, ())


@pytest.mark.parametrize("found", [(), (instance(1),)], ids=["gone", "running"])
def test_a_recorded_instance_that_is_not_stopped_any_more_has_ended(found: tuple[Instance, ...]) -> None:
    assert stop_times(scan(*found), {KEY: NOW - HOUR}).restarted == (KEY,)


def test_nothing_has_ended_in_an_unread_target() -> None:
    assert stop_times(scan(read=(PARIS,)), {KEY: NOW - HOUR}).restarted == ()
