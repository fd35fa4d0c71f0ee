"""Fits texts, lists and whole messages into the characters that Slack allows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from slackblocks import Block

MAX_CHARACTERS = 9_000
"""Limit for all text in a message's blocks. Slack's own limits are 10,000 in table cells and about 12,000 in all."""
_TEXT_FIELDS = frozenset({"label", "name", "text", "title"})
"""The fields of a block that a reader sees."""


@dataclass(frozen=True, slots=True)
class SizedPart:
    """A part of a message, with what is needed to fit it."""

    fixed: int
    """The characters that it takes without items."""
    items: tuple[int, ...]
    """The characters of each item. Items can be left out from the end."""
    size: int
    """How much is left out without the part: the number of its items, or 1."""
    draw: Callable[[int], list[Block]]
    """Returns the blocks that show the first items, so many."""
    min_items: int = 0
    """With fewer items it is left out."""
    essential: bool = False
    """True if it is never left out."""

    @property
    def length(self) -> int:
        """The characters of the whole part."""
        return self.fixed + sum(self.items)


def slack_length(text: str) -> int:
    """Return how many characters Slack may count in a text: UTF-16 units. Most emoji have two."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def text_length(value: object) -> int:
    """Return how many characters Slack may count in the texts of blocks, which are JSON, without URLs."""
    if isinstance(value, list):
        return sum(map(text_length, value))
    if not isinstance(value, dict):
        return 0
    texts = (text for key, text in value.items() if key in _TEXT_FIELDS and isinstance(text, str))
    return sum(map(slack_length, texts)) + sum(map(text_length, value.values()))


def truncated(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters. A text that is too long is cut and ends with an ellipsis."""
    if slack_length(text) <= limit:
        return text
    kept = text[: limit - 1]
    while slack_length(kept) >= limit:
        kept = kept[:-1]
    return kept + "…"


def fit(lengths: Iterable[int], limit: int) -> int:
    """Return how many of the first items have at most `limit` characters together."""
    count = 0
    for length in lengths:
        limit -= length
        if limit < 0:
            break
        count += 1
    return count


def fit_parts(parts: Sequence[SizedPart], limit: int) -> list[int | None]:
    """Return how many items of each part are shown; None for a part that is left out.

    The parts take at most `limit` characters together. If not all items fit, each list may take its share of what is
    left, and what the lists after it do not need.
    """
    left = limit - sum(part.length for part in parts if part.essential)
    counts: list[int | None] = []
    for number, part in enumerate(parts):
        if part.essential:
            counts.append(len(part.items))
            continue
        later = [other for other in parts[number + 1 :] if not other.essential]
        count = fit(part.items, _room(part, later, left))
        if part.fixed > left or count < part.min_items:
            counts.append(None)
            continue
        counts.append(count)
        left -= part.fixed + sum(part.items[:count])
    return counts


def _room(part: SizedPart, later: Sequence[SizedPart], left: int) -> int:
    """Return how many of the characters that are left the items of a part may take."""
    spare = left - part.fixed - sum(other.fixed for other in later)
    lists = [other for other in later if other.items]
    return max(spare // (1 + len(lists)), spare - sum(sum(other.items) for other in lists))


def fit_lines(text: str, limit: int, more: Callable[[int], str]) -> str:
    """Return the first lines of a text, as many as fit into `limit` characters.

    The last line is then `more(count)`, which counts the omitted ones. It has at most 100 characters.
    """
    if slack_length(text) <= limit:
        return text
    lines = text.splitlines()
    shown = fit((slack_length(line) + 1 for line in lines), limit - 100)
    return "\n".join([*lines[:shown], more(len(lines) - shown)])
