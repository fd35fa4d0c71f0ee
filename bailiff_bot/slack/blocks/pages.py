"""Renders a document with long tables as several Slack messages."""

from collections.abc import Iterator
from dataclasses import replace

from bailiff_bot.messages.document import Document, Grid, Payload
from bailiff_bot.slack.blocks.fitting import fit
from bailiff_bot.slack.blocks.parts import sized
from bailiff_bot.slack.blocks.render import render, room_for_parts

_Slice = tuple[int, Grid, int]
"""The number of a grid in its document, some consecutive rows of it, and their characters."""


def pages(document: Document, at_most: int) -> list[Payload]:
    """Return the messages: every grid that has rows, as many rows as fit, and in each message all other parts.

    There are at most `at_most` messages, or one for each grid if that is more. The summary of a message names its
    tables.
    """
    others = replace(document, parts=tuple(part for part in document.parts if not isinstance(part, Grid)))
    room = room_for_parts(others) - sum(sized(part, others).length for part in others.parts)
    return [render(_page(others, page)) for page in _pack(_choose(document, room, at_most), room)]


def _choose(document: Document, room: int, at_most: int) -> list[_Slice]:
    """Return the slices to send: the first one of every grid, then the second ones, until the messages are full."""
    grids = [part for part in document.parts if isinstance(part, Grid) and part.rows]
    remaining = [_slices(number, grid, document, room) for number, grid in enumerate(grids)]
    chosen: list[_Slice] = []
    for level in range(at_most):
        for slices in remaining:
            found = next(slices, None)
            if found is None:
                continue
            candidate = sorted([*chosen, found], key=_position)
            if level and len(_pack(candidate, room)) > at_most:
                return chosen
            chosen = candidate
    return chosen


def _slices(number: int, grid: Grid, document: Document, room: int) -> Iterator[_Slice]:
    """Yield the rows of a grid in slices that fit into a message each, one row at least."""
    start = 0
    while start < len(grid.rows):
        whole = replace(grid, rows=grid.rows[start:], start=start)
        part = sized(whole, document)
        count = max(1, fit(part.items, room - part.fixed))
        yield number, replace(whole, rows=whole.rows[:count]), part.fixed + sum(part.items[:count])
        start += count


def _position(found: _Slice) -> tuple[int, int]:
    number, grid, _ = found
    return number, grid.start


def _pack(slices: list[_Slice], room: int) -> list[list[Grid]]:
    """Return the grids of each message, in order, with at most `room` characters in a message."""
    packed: list[list[Grid]] = []
    left = 0
    for _, grid, length in slices:
        if length > left:
            packed.append([])
            left = room
        packed[-1].append(grid)
        left -= length
    return packed


def _page(document: Document, grids: list[Grid]) -> Document:
    names = ", ".join(dict.fromkeys(grid.name for grid in grids))
    return replace(document, summary=f"{document.summary}: {names}.", parts=(*grids, *document.parts))
