"""What is wrong with a block, and where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bailiff_bot.sandbox.slack.errors import ERROR_DEFINITIONS

Surface: TypeAlias = Literal["message", "modal", "home"]
"""Where blocks are shown; each place takes its own kinds."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule."""

    rule: str
    """The rule's name in the table of refusals."""
    pointer: str
    """A JSON pointer to the offending value: "/blocks/0/text/text"."""
    text: str
    """What Slack says of it: "must be less than 151 characters"."""

    @property
    def code(self) -> str:
        """The error with which Slack refuses the message."""
        return ERROR_DEFINITIONS[self.rule].code

    def to_slack_message(self, prefix: str = "") -> str:
        """Return the problem as Slack words it; `under` is where the blocks stand: "/view"."""
        return f"{self.text} [json-pointer:{prefix}{self.pointer}]"


Check: TypeAlias = Callable[[object, str], Iterator[Problem]]
"""Finds what is wrong with a value that stands at a pointer."""
