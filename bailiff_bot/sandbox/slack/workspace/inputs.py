"""What users have chosen and typed in messages and views. Slack keeps it apart from the app's content."""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from bailiff_bot.sandbox.slack.base_types import Json

Filled: TypeAlias = Mapping[tuple[str, str], Json]
"""The states of elements by block id and action id, each in the form of Slack's payloads."""


class Inputs:
    """The states that users have set, by user and surface: a view id, or a channel with a message's timestamp."""

    def __init__(self) -> None:
        self._filled: defaultdict[tuple[str, str], dict[tuple[str, str], Json]] = defaultdict(dict)

    def fill(self, surface: str, user: str, states: Filled) -> None:
        """Set the states of some elements."""
        self._filled[surface, user].update(states)

    def filled(self, surface: str, user: str) -> Filled:
        """Return the states that the user has set on the surface."""
        return MappingProxyType(self._filled.get((surface, user), {}))
