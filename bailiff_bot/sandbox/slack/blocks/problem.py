"""A problem of a block, and the type of a check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bailiff_bot.sandbox.slack.errors import ERROR_DEFINITIONS

Surface: TypeAlias = Literal["message", "modal", "home"]
"""Where blocks are shown; each surface allows its own types of block."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule."""

    rule: str
    """The name of the rule in `ERROR_DEFINITIONS`."""
    pointer: str
    """A JSON pointer to the invalid value: "/blocks/0/text/text"."""
    text: str
    """Slack's message: "must be less than 151 characters"."""

    @property
    def code(self) -> str:
        """The error code of Slack's response."""
        return ERROR_DEFINITIONS[self.rule].code

    def to_slack_message(self, prefix: str = "") -> str:
        """Return the problem as Slack writes it; `prefix` is the JSON pointer of the parent, such as "/view"."""
        return f"{self.text} [json-pointer:{prefix}{self.pointer}]"


Check: TypeAlias = Callable[[object, str], Iterator[Problem]]
"""Takes a value and its JSON pointer, and yields the problems of the value."""
