"""What a finding, an exemption or an action belongs to from one scan to the next."""

from dataclasses import dataclass

from bailiff_bot.domain.instance import Instance, Target


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """An instance, or a controller with its machines."""

    target: Target
    id: str
    """The instance's id, or the controller's kind and name."""


def instance_subject(instance: Instance) -> Subject:
    """Return the subject of an instance that no controller manages."""
    return Subject(instance.target, instance.id)
