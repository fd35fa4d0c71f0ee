"""Text measured in terminal cells. A wide character takes two cells, a combining mark none."""

from collections.abc import Iterable

from wcwidth import iter_graphemes, iter_graphemes_reverse, width, wrap

ELLIPSIS = "…"
"""Marks a cut; one cell wide."""


def cells(text: str) -> int:
    """Return how many cells a text takes in a terminal.

    Graphemes are counted one by one: `wcwidth.width` counts nothing after a zero-width joiner, also between two
    letters, which terminals do not join.
    """
    return len(text) if text.isascii() else sum(map(width, iter_graphemes(text)))


def padded(text: str, size: int) -> str:
    """Return the text, filled with spaces to `size` cells."""
    return text + " " * (size - cells(text))


def cut(text: str, size: int) -> str:
    """Return the text in at most `size` cells: a longer one is cut in the middle, between graphemes, with `…`."""
    if cells(text) <= size:
        return text
    if size < 1:
        return ""
    room = size - 1
    start = _leading(iter_graphemes(text), room - room // 2)
    end = _leading(iter_graphemes_reverse(text), room - cells("".join(start)))
    return "".join([*start, ELLIPSIS, *reversed(end)])


def wrapped(text: str, size: int) -> list[str]:
    """Return a sentence as lines of at most `size` cells, broken between words. A longer word is cut."""
    return [cut(line, size) for line in wrap(text, max(size, 1), break_on_hyphens=False)]


def _leading(graphemes: Iterable[str], room: int) -> list[str]:
    taken: list[str] = []
    for grapheme in graphemes:
        room -= cells(grapheme)
        if room < 0:
            break
        taken.append(grapheme)
    return taken
