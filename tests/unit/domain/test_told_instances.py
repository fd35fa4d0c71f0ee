"""Of which instances of a digest something can be saved."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.told_instance import ToldInstance, told_instances
from bailiff_bot.domain.volume import Volume
from tests.builders import ASG, IRELAND, NOW, instance, report

ROOT = Volume("vol-1", "gp3", 8, 3000, 125)
BILLED = Billing("RunInstances", zone="eu-west-1a")


def flagged(number: int = 1, **changed: Any) -> Instance:
    """Return an instance that breaks a rule: it has no name."""
    return replace(instance(number, None), **{"billing": BILLED, "volume_ids": ("vol-1", "vol-2"), **changed})


def told(instances: Iterable[Instance]) -> list[ToldInstance]:
    found = report(*instances)
    titles = {subject_of(row): (row.instance.id, ("Ada",)) for row in found.flagged}
    return list(told_instances(found, {"vol-1": ROOT}, titles, ("Schedule",)))


def test_a_flagged_instance_is_told_of_with_the_volumes_that_were_read() -> None:
    [found] = told([flagged(public_addresses=1)])
    assert (found.volumes, found.owner_names, found.title) == ((ROOT,), ("Ada",), flagged().id)
    assert (found.seen_at, found.told_at, found.is_scheduled) == (NOW, NOW, False)
    assert found.instance == replace(flagged(public_addresses=1), tags={})
    assert found.subject.target == IRELAND


def test_what_is_not_flagged_or_not_bought_on_demand_is_left_out() -> None:
    spot = replace(BILLED, lifecycle="spot")
    assert not told([replace(instance(1), billing=BILLED), flagged(2, billing=spot), flagged(3, billing=None)])


def test_a_controllers_machine_and_one_in_transition_are_left_out() -> None:
    managed = replace(instance(1, None, tags={ASG: "web"}, age=90), billing=BILLED)
    assert not told([managed, flagged(2, state=InstanceState.STOPPING)])


def test_a_tag_of_a_scheduler_is_noted() -> None:
    assert [one.is_scheduled for one in told([flagged(tags={" schedule": "office-hours"})])] == [True]
