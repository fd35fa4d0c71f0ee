"""Whether something else than its owner also decides about an instance: a CloudFormation stack, or a schedule."""

from collections.abc import Iterable

from bailiff_bot.domain.instance import Instance

_STACK_TAGS = ("aws:cloudformation:stack-id", "aws:cloudformation:stack-name")
"""CloudFormation sets them on every machine of a stack. Nobody else can write a tag that begins with `aws:`."""


def is_in_stack(instance: Instance) -> bool:
    """Return True for a member of a CloudFormation stack. An update of the stack may create it again."""
    return any(key in instance.tags for key in _STACK_TAGS)


def is_scheduled(instance: Instance, schedule_tags: Iterable[str]) -> bool:
    """Return True if an instance has one of these tags, with any value: a scheduler may start it again.

    Keys are compared without case and outer blanks.
    """
    wanted = frozenset(map(_plain, schedule_tags))
    return any(_plain(key) in wanted for key in instance.tags)


def _plain(key: str) -> str:
    return key.strip().casefold()
