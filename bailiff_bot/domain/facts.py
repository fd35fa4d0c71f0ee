"""What was read of an instance, each with its source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.instance import Instance, InstanceState

STATE, LAUNCH_TIME, STOP_TIME = "EC2's State", "EC2's LaunchTime", "EC2's StateTransitionReason"
ATTACH_TIME = "EC2's AttachTime of the primary network interface or the root volume, the earlier one"
OWN_WATCH = "Bailiff's own scans, because EC2 does not date the stop"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was read."""

    what: str
    """As text for people: "launched", "name"."""
    value: datetime | str | None
    """None: there is none."""
    source: str
    """As text for people: "EC2's LaunchTime"."""


def launch_fact(instance: Instance) -> Fact:
    """Return the last start."""
    return Fact("launched", instance.launched_at, LAUNCH_TIME)


def state_fact(instance: Instance) -> Fact:
    """Return the state."""
    return Fact("state", instance.state.value, STATE)


def stop_fact(instance: Instance) -> Fact:
    """Return the date of the stop: that of EC2, else since when Bailiff has seen it stopped."""
    if instance.stopped_at is None and instance.seen_stopped_since is not None:
        return Fact("seen stopped since", instance.seen_stopped_since, OWN_WATCH)
    return Fact("stopped", instance.stopped_at, STOP_TIME)


def instance_facts(instance: Instance) -> Iterator[Fact]:
    """Yield what was read of an instance."""
    yield state_fact(instance)
    yield launch_fact(instance)
    if instance.attached_at:
        yield Fact("attached", instance.attached_at, ATTACH_TIME)
    if instance.state is InstanceState.STOPPED:
        yield stop_fact(instance)
