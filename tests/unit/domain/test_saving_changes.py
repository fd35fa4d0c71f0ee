"""What counts as saved, once an instance was told of and somebody changed it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.cost import HOURS_A_MONTH, CostPart
from bailiff_bot.domain.done_action import DoneAction
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.prices import Prices, snapshot_key
from bailiff_bot.domain.saving import SavingKind
from tests.builders import NOW, PARIS
from tests.saving_builders import PRICES, deleted_by_bailiff, history, machine, stopped, told_of

MONTH = timedelta(hours=HOURS_A_MONTH)
STOP = NOW + timedelta(hours=2)
RUNS, ADDRESS, ROOT, DATA = 146.0, 3.65, 10.0, 5.0
"""What an m5.xlarge, its address and its volumes cost a month."""


def after(days: float) -> datetime:
    return NOW + timedelta(days=days)


def test_a_stop_saves_the_compute_and_the_address_and_not_the_volumes_that_stay() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP))
    [saving] = found.followed.savings
    assert (saving.kind, saving.since, saving.names, float(saving.usd)) == (
        SavingKind.STOPPED,
        STOP,
        ("Ada",),
        RUNS + ADDRESS,
    )
    assert not saving.not_priced


def test_an_elastic_ip_that_stays_is_not_saved() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP, public_addresses=1))
    assert found.a_month(after(2)) == RUNS


def test_a_change_counts_once_it_has_lasted_for_a_day() -> None:
    found = history()
    found.scan(STOP + timedelta(hours=23, minutes=59), stopped(STOP))
    assert (found.usd(), found.a_month(STOP + timedelta(hours=23, minutes=59))) == (0, 0)
    found.scan(STOP + timedelta(hours=24), stopped(STOP))
    assert found.usd() == round((RUNS + ADDRESS) * 24 / HOURS_A_MONTH, 2)


def test_what_was_saved_counts_by_period_and_only_while_scans_showed_it() -> None:
    found = history()
    found.scan_for((1, 20), stopped(STOP))
    assert found.usd(after(5), after(6)) == round((RUNS + ADDRESS) * 24 / HOURS_A_MONTH, 2)
    assert found.usd(after(20), after(30)) == 0
    assert found.usd(STOP - MONTH, STOP) == 0


def test_a_start_ends_it_and_what_was_saved_before_stays() -> None:
    found = history()
    found.scan_for((1, 3), stopped(STOP))
    saved = found.usd()
    found.scan_for((4, 5, 6), machine(launched_at=after(3.5)))
    assert (found.usd(), found.a_month(after(6))) == (saved, 0)


def test_a_stop_that_ended_within_a_day_saved_nothing() -> None:
    found = history()
    found.scan_for((0.5, 0.9), stopped(STOP))
    found.scan(after(1), machine(launched_at=after(0.95)))
    found.scan(after(3), machine(launched_at=after(0.95)))
    assert found.usd() == 0


def test_a_start_and_another_stop_between_two_scans_is_another_stop() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP))
    first = found.usd()
    found.scan(after(6), stopped(after(5.5), launched_at=after(2.5)))
    assert found.usd() == first
    found.scan(after(7), stopped(after(5.5), launched_at=after(2.5)))
    assert found.usd() == pytest.approx(first + (RUNS + ADDRESS) * 36 / HOURS_A_MONTH, abs=0.02)


@pytest.mark.parametrize("by_aws", [True, False])
def test_a_stop_by_aws_saves_nothing_also_when_it_is_deleted_later(*, by_aws: bool) -> None:
    found = history()
    found.scan_for((1, 2, 3), stopped(STOP, stopped_by_aws=by_aws))
    found.scan_for((4, 5, 6), None)
    assert found.a_month(after(6)) == ROOT + DATA + (0 if by_aws else RUNS + ADDRESS)


def test_a_stop_before_the_digest_arrived_is_not_because_of_it() -> None:
    found = history(told_of(told_at=STOP + timedelta(minutes=1)))
    found.scan_for((1, 2, 3), stopped(STOP))
    assert not found.followed.savings


def test_a_stop_that_ec2_does_not_date_counts_from_the_first_scan_that_shows_it() -> None:
    found = history()
    found.scan_for((1, 3), stopped(STOP, transitioned_at=None))
    assert found.followed.savings[0].since == after(1)


def test_what_a_scheduler_stops_saves_nothing_and_its_deletion_saves_its_volumes() -> None:
    found = history(told_of(is_scheduled=True))
    found.scan_for((1, 2, 3), stopped(STOP))
    assert not found.followed.savings
    found.scan_for((4, 6), None)
    assert found.a_month(after(6)) == ROOT + DATA


def test_a_controllers_machine_saves_nothing() -> None:
    found = history(managed=True)
    found.scan_for((1, 2, 3), stopped(STOP))
    found.scan_for((4, 5, 6), None)
    assert not found.followed.savings


def test_nothing_counts_while_the_target_is_unread_and_what_lasted_counts_once_it_is_read() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP))
    saved = found.usd()
    found.read = frozenset({PARIS})
    found.scan_for((3, 4, 5), None)
    assert (found.usd(), found.a_month(after(5))) == (saved, 0)
    found.read = history().read
    found.scan(after(6), stopped(STOP))
    assert found.usd() == pytest.approx(saved + (RUNS + ADDRESS) * 96 / HOURS_A_MONTH, abs=0.02)


@pytest.mark.parametrize("state", [InstanceState.PENDING, InstanceState.STOPPING])
def test_an_instance_in_transition_changes_nothing(state: InstanceState) -> None:
    found = history()
    found.scan_for((1, 2, 3), machine(state=state, type="m5.large"))
    assert found.followed == history().followed


def test_it_counts_for_at_most_a_year() -> None:
    found = history()
    found.scan_for((1, 300, 365, 366, 500), stopped(STOP))
    assert found.usd() == round((RUNS + ADDRESS) * 365 * 24 / HOURS_A_MONTH, 2)
    assert found.a_month(after(500)) == 0


def test_a_deletion_saves_the_volumes_that_are_gone_once_it_counts() -> None:
    found = history(staying=frozenset({"vol-data"}))
    found.scan(after(1), None)
    [saving] = found.followed.savings
    assert (saving.kind, saving.since, saving.not_priced) == (
        SavingKind.DELETED,
        after(1),
        frozenset({CostPart.VOLUMES}),
    )
    found.scan(after(2), None)
    assert found.a_month(after(2)) == RUNS + ROOT
    assert found.followed.told is None


def test_a_volume_that_goes_later_is_not_counted() -> None:
    found = history(staying=frozenset({"vol-data"}))
    found.scan_for((1, 2), None)
    found.staying = frozenset()
    found.scan(after(3), None)
    assert found.a_month(after(3)) == RUNS + ROOT


def test_nothing_is_saved_of_volumes_while_it_is_not_known_whether_they_stay() -> None:
    found = history(unread_volumes=True)
    found.scan_for((1, 2, 3), None)
    assert found.a_month(after(3)) == RUNS
    assert found.followed.savings[0].not_priced == {CostPart.VOLUMES}
    found.unread_volumes = False
    found.scan(after(4), None)
    assert found.a_month(after(4)) == RUNS + ROOT + DATA


def test_bailiffs_own_image_stays_at_its_largest() -> None:
    found = history(actions=(deleted_by_bailiff(STOP),))
    found.scan_for((1, 2), None)
    [saving] = found.followed.savings
    assert (saving.since, saving.names, saving.by_bailiff) == (STOP, ("Max",), True)
    assert found.a_month(after(2)) == RUNS + ROOT + DATA - 150 * 0.05


def test_where_an_image_has_no_price_nothing_is_saved_of_the_volumes() -> None:
    listed = {key: price for key, price in PRICES.listed.items() if key != snapshot_key("eu-west-1")}
    found = history(actions=(deleted_by_bailiff(STOP),), prices=Prices(listed))
    found.scan_for((1, 2), None)
    assert found.a_month(after(2)) == RUNS
    assert found.followed.savings[0].not_priced == {CostPart.VOLUMES}


def test_an_image_of_volumes_that_were_not_read_has_no_price() -> None:
    found = history(told_of(volumes=()), actions=(deleted_by_bailiff(STOP),))
    found.scan_for((1, 2), None)
    assert found.a_month(after(2)) == RUNS


def test_without_an_image_bailiffs_deletion_saves_all() -> None:
    found = history(actions=(deleted_by_bailiff(STOP, has_image=False),))
    found.scan_for((1, 2), None)
    assert found.a_month(after(2)) == RUNS + ROOT + DATA


def test_a_stop_and_a_deletion_together_save_what_the_instance_cost() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP))
    found.scan_for((3, 4, 5), None)
    assert [one.kind for one in found.followed.savings] == [SavingKind.STOPPED, SavingKind.DELETED]
    assert found.a_month(after(5)) == RUNS + ADDRESS + ROOT + DATA


def test_the_deletion_of_an_instance_that_was_told_of_as_stopped_saves_its_volumes() -> None:
    found = history(told_of(stopped(NOW - timedelta(days=20))))
    found.scan_for((1, 2), stopped(NOW - timedelta(days=20)))
    found.scan_for((3, 5), None)
    assert found.a_month(after(5)) == ROOT + DATA


def test_an_instance_without_volumes_that_is_gone_may_have_been_ended_by_aws() -> None:
    found = history(told_of(machine(volume_ids=())))
    found.scan_for((1, 2), None)
    assert not found.followed.savings
    by_bailiff = history(told_of(machine(volume_ids=())), actions=(deleted_by_bailiff(STOP, has_image=False),))
    by_bailiff.scan_for((1, 2), None)
    assert by_bailiff.a_month(after(2)) == RUNS


def test_an_instance_that_is_there_again_was_never_deleted() -> None:
    found = history()
    found.scan_for((1, 2, 3), None)
    assert found.usd() > 0
    found.scan(after(4), machine())
    assert (found.usd(), found.a_month(after(4))) == (0, 0)


def test_a_smaller_type_saves_the_difference() -> None:
    found = history()
    found.scan_for((1, 2), machine(type="m5.large", launched_at=STOP))
    [saving] = found.followed.savings
    assert (saving.kind, saving.since, saving.after_type) == (SavingKind.RESIZED, STOP, "m5.large")
    assert found.a_month(after(2)) == 73


@pytest.mark.parametrize("new_type", ["m5.xlarge", "q9.huge"])
def test_a_type_that_is_not_certainly_cheaper_saves_nothing(new_type: str) -> None:
    found = history(told_of(machine(type="m5.large")))
    found.scan_for((1, 2), machine(type=new_type, launched_at=STOP))
    assert not found.followed.savings


def test_a_smaller_type_again_saves_the_whole_difference_and_no_part_twice() -> None:
    found = history()
    found.scan_for((1, 2), machine(type="m5.large", launched_at=STOP))
    found.scan_for((3, 4), machine(type="t3.small", launched_at=after(2.5)))
    assert found.a_month(after(4)) == pytest.approx(146 - 14.6)
    first, second = found.followed.savings
    assert first.lasted_until <= second.since
    assert second.counts_to == first.counts_to


def test_a_larger_type_again_ends_it() -> None:
    found = history()
    found.scan_for((1, 2), machine(type="m5.large", launched_at=STOP))
    found.scan_for((3, 4), machine(launched_at=after(2.5)))
    assert found.a_month(after(4)) == 0
    assert found.usd() > 0


def test_what_is_resized_then_stopped_then_deleted_saves_what_it_cost() -> None:
    found = history()
    found.scan_for((1, 2), machine(type="m5.large", launched_at=STOP))
    found.scan_for((3, 4), stopped(after(2.5), type="m5.large", launched_at=STOP))
    assert found.a_month(after(4)) == RUNS + ADDRESS
    found.scan_for((5, 7), None)
    assert found.a_month(after(7)) == RUNS + ADDRESS + ROOT + DATA


def test_what_was_told_of_as_stopped_saves_no_compute_when_it_is_started_and_stopped_again() -> None:
    found = history(told_of(stopped(NOW - timedelta(days=20))))
    found.scan_for((1, 2), machine(launched_at=after(0.5)))
    found.scan_for((3, 5), stopped(after(2.5), launched_at=after(0.5)))
    assert not found.followed.savings


def test_bailiff_is_named_for_its_own_stop_alone() -> None:
    found = history(actions=(DoneAction(Action.STOP, STOP + timedelta(minutes=3), "Max"),))
    found.scan_for((1, 2), stopped(STOP))
    later = history(actions=(DoneAction(Action.STOP, STOP - timedelta(days=3), "Max"),))
    later.scan_for((1, 2), stopped(STOP))
    assert [one.followed.savings[0].names for one in (found, later)] == [("Max",), ("Ada",)]


def test_what_has_no_price_is_counted_as_such() -> None:
    found = history(prices=Prices())
    found.scan_for((1, 2), stopped(STOP))
    [saving] = found.followed.savings
    assert (saving.usd, saving.not_priced) == (Decimal(0), frozenset({CostPart.COMPUTE, CostPart.ADDRESSES}))


def test_a_digest_that_arrives_after_a_scan_saw_the_stop_does_not_make_it_count_twice() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP))
    found.followed = replace(found.followed, told=told_of())
    found.scan_for((3, 4), stopped(STOP))
    found.scan_for((5, 7), None)
    found.followed = replace(found.followed, told=told_of())
    found.scan_for((8, 9), None)
    assert found.a_month(after(9)) == RUNS + ADDRESS + ROOT + DATA


def test_what_nobody_saw_before_a_deletion_is_not_counted_as_stopped() -> None:
    found = history()
    found.scan_for((1, 2), stopped(STOP))
    saved = found.usd()
    found.scan(after(5), None)
    assert found.usd() == saved
    found.scan(after(7), None)
    assert found.usd(after(2), after(5)) == 0
    assert found.usd(after(5), after(7)) == pytest.approx((RUNS + ADDRESS + ROOT + DATA) * 48 / HOURS_A_MONTH, abs=0.02)


def test_a_stop_that_nobody_saw_for_a_day_is_a_part_of_the_deletion() -> None:
    found = history()
    found.scan(after(0.5), stopped(STOP))
    found.scan_for((3, 4, 5), None)
    assert found.a_month(after(5)) == RUNS + ROOT + DATA
    assert found.usd(NOW, after(3)) == 0
