"""One case: all that a rule sees of an instance, or of a controller with its machines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bailiff_bot.domain.controller import Controller, group_by_controller, representative
from bailiff_bot.domain.exemption import Exempted
from bailiff_bot.domain.identity import Identity, People, identify
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.managed_tags import managed_tags
from bailiff_bot.domain.ownership import Ownership
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.domain.usage import NOT_READ, Usage, judge_usage, usage_of_controller


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
    usage: Usage = NOT_READ
    """Whether it is used, by its metrics."""
    exemption: Exempted | None = None
    """Until when a tag exempts it; None if none does."""


def subject_of_case(case: Case) -> Subject:
    """Return the subject of a case."""
    return controller_subject(case.controller) if case.controller else instance_subject(case.instance)


def controller_subject(controller: Controller) -> Subject:
    """Return the subject of a controller."""
    return Subject(controller.target, f"{controller.kind} {controller.name}")


@dataclass(frozen=True, slots=True)
class CaseMaker:
    """Makes the cases of instances."""

    people: People
    policy: Policy
    ownership: Ownership
    """What people said of who owns an instance, and is not over."""
    as_of: datetime
    """The time as of which usage is judged."""

    def single(self, instances: Iterable[Instance]) -> Iterator[Case]:
        """Yield the case of each instance that is judged by itself."""
        for instance in instances:
            yield Case(instance, self._identity(instance), usage=self._usage(instance))

    def exempt(self, instances: Iterable[tuple[Instance, Exempted]]) -> Iterator[Case]:
        """Yield the case of each instance that a tag exempts."""
        for instance, exempted in instances:
            yield Case(instance, self._identity(instance), usage=self._usage(instance), exemption=exempted)

    def controllers(self, instances: Iterable[Instance]) -> Iterator[Case]:
        """Yield one case for each controller of these managed machines, sorted by controller."""
        for controller, members in group_by_controller(instances, managed_tags(self.policy.managed_tags)).items():
            instance = representative(controller, members)
            claims = self.ownership.get(controller_subject(controller))
            identity = identify(instance, self.people, self.policy, claims)
            yield Case(instance, identity, controller, members, self._usage_of_members(members))

    def _usage(self, instance: Instance) -> Usage:
        return judge_usage(instance, self.policy, self.as_of)

    def _usage_of_members(self, members: tuple[Instance, ...]) -> Usage:
        # A machine that does not run has no usage: it says nothing of the controller.
        return usage_of_controller(self._usage(one) for one in members if one.state is InstanceState.RUNNING)

    def _identity(self, instance: Instance) -> Identity:
        # A fleet is large, and claims are few: without any, no subject is made.
        claims = self.ownership.get(instance_subject(instance)) if self.ownership else None
        return identify(instance, self.people, self.policy, claims)
