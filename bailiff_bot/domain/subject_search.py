"""Finds the instance or the controller that somebody typed: by its id, or by its name."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.invisible import without_invisible
from bailiff_bot.domain.report import Report, Row

_ID = re.compile(r"(?<![a-z0-9])i-[0-9a-f]+(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Match:
    """A row of a report that is meant."""

    row: Row
    machine: Instance | None = None
    """The controller's machine that is meant; None if the row itself is, or several of its machines."""


def find(report: Report, typed: str) -> tuple[Match, ...]:
    """Return the rows that a text means: by an id anywhere in it, as in a console's URL or an ARN, or by their name.

    Case, invisible characters and the number of blanks do not matter.
    """
    name, ids = _plain(typed), frozenset(_ID.findall(typed.casefold()))
    return tuple(match for row in report.rows if (match := _match(row, name, ids)))


def names(report: Report) -> Iterator[str]:
    """Yield each name and id by which an instance or a controller is found."""
    for row in report.rows:
        yield from filter(None, _row_names(row))
        for instance in row.instances:
            yield instance.id
            yield instance.name or ""


def _match(row: Row, name: str, ids: frozenset[str]) -> Match | None:
    if name and any(_plain(own) == name for own in _row_names(row)):
        return Match(row)
    machines = [one for one in row.instances if one.id in ids or (name and _plain(one.name or "") == name)]
    if not machines:
        return None
    return Match(row, machines[0] if row.controller and len(machines) == 1 else None)


def _row_names(row: Row) -> tuple[str, ...]:
    controller = row.controller
    if not controller:
        return ()
    return controller.name, f"{controller.kind} {controller.name}", row.instance.name or ""


def _plain(text: str) -> str:
    if not text.isascii():  # most names are, and this is asked of 100,000
        text = unicodedata.normalize("NFC", without_invisible(text))
    return " ".join(text.split()).casefold()
