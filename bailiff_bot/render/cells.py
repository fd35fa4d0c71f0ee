"""Text in terminal cells: a wide character takes two, a combining mark none; a cut never separates the two."""

from collections.abc import Iterable

from wcwidth import iter_graphemes, iter_graphemes_reverse, width, wrap

ELLIPSIS = "…"
"""Marks a cut. It takes one cell."""


def cells(text: str) -> int:
    """Return how many cells a text takes in a terminal.

    The graphemes count one by one: `wcwidth.width` counts nothing after a zero-width joiner, even between two letters,
    which terminals do not join.
    """
    return len(text) if text.isascii() else sum(map(width, iter_graphemes(text)))


def padded(text: str, size: int) -> str:
    """Return a text with as many spaces after it as fill `size` cells."""
    return text + " " * (size - cells(text))


def cut(text: str, size: int) -> str:
    """Return a text that takes at most `size` cells: its middle gives way to an ellipsis where it takes more."""
    if cells(text) <= size:
        return text
    if size < 1:
        return ""
    room = size - 1
    start = _leading(iter_graphemes(text), room - room // 2)
    end = _leading(iter_graphemes_reverse(text), room - cells("".join(start)))
    return "".join([*start, ELLIPSIS, *reversed(end)])


def wrapped(text: str, size: int) -> list[str]:
    """Return a sentence as lines of at most `size` cells, broken between words; a word breaks if it is longer."""
    return [cut(line, size) for line in wrap(text, max(size, 1), break_on_hyphens=False)]


def _leading(graphemes: Iterable[str], room: int) -> list[str]:
    taken: list[str] = []
    for grapheme in graphemes:
        room -= cells(grapheme)
        if room < 0:
            break
        taken.append(grapheme)
    return taken
