"""One case: all that a rule sees of an instance, or of a controller with its machines."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bailiff_bot.domain.controller import Controller, group_by_controller, representative
from bailiff_bot.domain.exemption import Exempted
from bailiff_bot.domain.identity import Identity, People, identify
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.managed_tags import managed_tags
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.subject import Subject, instance_subject


class Case(NamedTuple):
    """All that a rule sees of an instance, or of a controller with its machines.

    A named tuple, because a report makes 100,000 of them.
    """

    instance: Instance
    """For a controller, the representative by which it is judged."""
    identity: Identity
    controller: Controller | None = None
    members: tuple[Instance, ...] = ()
    """The controller's machines; empty for a single instance."""
    usage: None = None
    """Whether it is used, by its metrics. Bailiff does not read any yet."""
    exemption: Exempted | None = None
    """Until when a tag exempts it; None if none does."""


def subject_of_case(case: Case) -> Subject:
    """Return the subject of a case."""
    if case.controller:
        return Subject(case.controller.target, f"{case.controller.kind} {case.controller.name}")
    return instance_subject(case.instance)


def cases_of(instances: Iterable[Instance], people: People, policy: Policy) -> Iterator[Case]:
    """Yield the case of each instance that is judged by itself."""
    for instance in instances:
        yield Case(instance, identify(instance, people, policy))


def exempt_cases(instances: Iterable[tuple[Instance, Exempted]], people: People, policy: Policy) -> Iterator[Case]:
    """Yield the case of each instance that a tag exempts."""
    for instance, exempted in instances:
        yield Case(instance, identify(instance, people, policy), exemption=exempted)


def controller_cases(instances: Iterable[Instance], people: People, policy: Policy) -> Iterator[Case]:
    """Yield one case for each controller of these managed machines, sorted by controller."""
    for controller, members in group_by_controller(instances, managed_tags(policy.managed_tags)).items():
        instance = representative(controller, members)
        yield Case(instance, identify(instance, people, policy), controller, members)
