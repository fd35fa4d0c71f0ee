"""What must be read and looked up so that savings can be valued: prices, and which volumes still exist."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.saving_changes import Followed
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.volume import Volumes


def questions(
    followed: Iterable[Followed], instances: Mapping[Subject, Instance], read: AbstractSet[Target]
) -> Iterator[tuple[Instance, Volumes]]:
    """Yield the instances of which the prices are needed, each with the volumes that are remembered of it.

    `instances` are those of a scan that exist. Of the others, it must also be read which volumes exist.
    """
    for one in followed:
        yield from _pending(one, read)
        if one.told and one.told.subject.target in read:
            now = instances.get(one.told.subject)
            if now is None or _is_changed(one.told.instance, now):
                yield one.told.instance, {volume.id: volume for volume in one.told.volumes}
            if now and now.type != one.told.instance.type:
                yield replace(one.told.instance, type=now.type, volume_ids=()), {}


def _pending(followed: Followed, read: AbstractSet[Target]) -> Iterator[tuple[Instance, Volumes]]:
    """Yield the deleted instances of which nobody knows yet which volumes stay."""
    for saving in followed.savings:
        if saving.volumes and not saving.is_over and saving.subject.target in read:
            stopped = replace(saving.before, state=InstanceState.STOPPED, public_addresses=0)
            yield replace(stopped, volume_ids=tuple(saving.volumes)), {}


def _is_changed(told: Instance, now: Instance) -> bool:
    return (told.state, told.type) != (now.state, now.type)
