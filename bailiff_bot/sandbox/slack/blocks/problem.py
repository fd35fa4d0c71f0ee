"""What is wrong with a block, and where."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Surface: TypeAlias = Literal["message", "modal", "home"]
"""Where blocks are shown; each place takes its own kinds."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule."""

    rule: str
    """The rule's name in the table of refusals."""
    pointer: str
    """A JSON pointer to the offending value, from the list of blocks: "/blocks/0/text/text"."""
    text: str
    """What Slack says of it: "must be less than 151 characters"."""
    code: str = "invalid_blocks"

    def told(self, under: str = "") -> str:
        """The problem as Slack words it; `under` is where the blocks stand: "/view"."""
        return f"{self.text} [json-pointer:{under}{self.pointer}]"
