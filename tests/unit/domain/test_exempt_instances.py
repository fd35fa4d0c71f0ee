"""When an instance was first seen with an exempting tag: what one scan adds to what is recorded, and what it ends."""

from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.exempt_instances import exempt_times
from bailiff_bot.domain.instance import FirstExempt, Instance, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.stopped_instances import InstanceKey
from tests.builders import DEFAULT_POLICY, IRELAND, NOW, PARIS, instance

HOUR = timedelta(hours=1)
EXEMPT, PLAIN = instance(1, tags={"bailiff:exempt": ""}), instance(1)
KEY: InstanceKey = (IRELAND, EXEMPT.id)
SEEN = FirstExempt("bailiff:exempt", NOW)


def scan(*instances: Instance, at: datetime = NOW, read: tuple[Target, ...] = (IRELAND,)) -> Inventory:
    return Inventory(instances, read, (), at)


def test_the_first_scan_that_sees_an_exempting_tag_dates_it() -> None:
    times = exempt_times(scan(EXEMPT, instance(2)), {}, DEFAULT_POLICY)
    assert [one.first_exempt for one in times.inventory.instances] == [SEEN, None]
    assert (times.new, times.gone) == ({KEY: SEEN}, ())


@pytest.mark.parametrize("later", [EXEMPT, PLAIN])
def test_a_later_scan_keeps_the_first_time_also_without_the_tag(later: Instance) -> None:
    times = exempt_times(scan(later, at=NOW + HOUR), {KEY: SEEN}, DEFAULT_POLICY)
    assert [one.first_exempt for one in times.inventory.instances] == [SEEN]
    assert (times.new, times.gone) == ({}, ())


@pytest.mark.parametrize("value", ["no", "2026-11-01"])
def test_a_tag_that_exempts_nothing_is_not_seen(value: str) -> None:
    found = scan(instance(1, tags={"bailiff:exempt": value}))
    assert exempt_times(found, {}, DEFAULT_POLICY).new == {}


def test_a_tag_with_an_end_is_seen_too() -> None:
    assert exempt_times(scan(instance(1, tags={"bailiff:exempt": "2026-12-31"})), {}, DEFAULT_POLICY).new == {KEY: SEEN}


def test_only_what_is_gone_from_a_region_that_was_read_is_forgotten() -> None:
    in_paris: InstanceKey = (PARIS, "i-2")
    times = exempt_times(scan(), {KEY: SEEN, in_paris: SEEN}, DEFAULT_POLICY)
    assert times.gone == (KEY,)
