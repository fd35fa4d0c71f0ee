"""Reads people from a file with the columns `trigram` and `email`, for teams without Askbob."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bailiff_bot.directory.columns import Columns, find_columns
from bailiff_bot.directory.entries import DirectoryEntry, cell_text, parse_address, parse_identifier
from bailiff_bot.domain.identity import People, people_from_entries
from bailiff_bot.errors import DirectoryError
from bailiff_bot.spreadsheet import DELIMITERS, file_lines, read_record

_MAX_LISTED_ERRORS = 3
"""At most this many wrong lines are listed; the rest is counted."""

_MAX_SHOWN = 60
"""At most this many characters of a wrong first line are shown."""

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


class CsvDirectory:
    """The directory in a CSV file. It reads the file at each call.

    The file begins with a header that names the columns `trigram` and `email`, or something equal: any encoding,
    delimiter and line end that spreadsheet programs write is understood. An address may be empty. Further columns are
    ignored. A wrong line is a gap that names the file and the line; the other lines count.

    Arguments: the path of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def people(self) -> People:
        """Return the people in the file. Errors in it are gaps."""
        try:
            entries, errors = _parse(self._lines())
        except DirectoryError as error:
            return people_from_entries([], [f"{self._path.name} {error}"])
        if not entries and not errors:
            return people_from_entries([], [f"{self._path.name} lists no people"])
        return people_from_entries(entries, _shortened([f"{self._path.name} {error}" for error in errors]))

    def _lines(self) -> list[str]:
        try:
            return file_lines(self._path)
        except ValueError as error:
            raise DirectoryError(str(error)) from error


def _parse(lines: Sequence[str]) -> tuple[list[DirectoryEntry], list[str]]:
    """Return the entries and the errors of a file's lines. Raises DirectoryError if there is no header."""
    delimiter, columns, start = _header(lines)
    entries: list[DirectoryEntry] = []
    errors: list[str] = []
    for number, entry in _entries(lines, start, delimiter, columns):
        if isinstance(entry, str):
            errors.append(f"line {number + 1}: {entry}")
        else:
            entries.append(entry)
    return entries, errors


def _header(lines: Sequence[str]) -> tuple[str, Columns, int]:
    """Return the delimiter, the columns, and the number of the line after the header."""
    start = next((number for number, line in enumerate(lines) if _has_letters(line)), 0)
    separator = _SEPARATOR_LINE.fullmatch(lines[start]) if lines else None
    start += bool(separator)
    for delimiter in (*(separator.groups() if separator else ()), *DELIMITERS):
        if found := _columns(lines, start, delimiter):
            return delimiter, *found
    shown = cell_text("".join(lines[start : start + 1]))[:_MAX_SHOWN]
    raise DirectoryError(
        f"line {start + 1}: it should be `trigram,email`, " + (f"not `{shown}`" if shown else "but the file is empty")
    )


def _has_letters(line: str) -> bool:
    return any(character.isalpha() for character in line)


def _columns(lines: Sequence[str], start: int, delimiter: str) -> tuple[Columns, int] | None:
    """Return the columns if the record at line `start` is a header with this delimiter, and the line after it."""
    try:
        cells, end = read_record(lines, start, delimiter)
        columns = find_columns(cells)
    except (csv.Error, StopIteration):
        return None
    except DirectoryError as error:
        raise DirectoryError(f"line {start + 1}: {error}") from error
    return (columns, end) if columns else None


def _entries(
    lines: Sequence[str], start: int, delimiter: str, columns: Columns
) -> Iterator[tuple[int, DirectoryEntry | str]]:
    """Yield the line number, from 0, and the entry or the error of each record from line `start` on.

    A missing quote would let a record swallow the people below it. So a record of several lines counts only if it is
    right and none of its further lines is another person. Else its first line is wrong, and the next one is read.
    """
    while start < len(lines):
        try:
            entry, end = _record(lines, start, delimiter, columns)
        except (ValueError, csv.Error) as error:
            yield start, str(error)
            start += 1
            continue
        if entry:
            yield start, entry
        start = end


def _record(lines: Sequence[str], start: int, delimiter: str, columns: Columns) -> tuple[DirectoryEntry | None, int]:
    """Return the entry of the record at line `start`, None if it is blank, and the line after the record.

    Raises ValueError or csv.Error, with a text for people, if the record is wrong.
    """
    cells, end = read_record(lines, start, delimiter)
    entry = _entry(cells, columns)
    own = {None, entry[0] if entry else None}
    if any(_person_alone(line, delimiter, columns) not in own for line in lines[start + 1 : end]):
        raise ValueError("a quote is not closed")
    return entry, end


def _person_alone(line: str, delimiter: str, columns: Columns) -> str | None:
    """Return the identifier that a line would have if no cell in quotes went on in it; None if it has none."""
    cells = line.split(delimiter)
    if len(cells) <= max(columns.identifier, columns.address):
        return None
    return parse_identifier(cells[columns.identifier])


def _entry(cells: Sequence[str], columns: Columns) -> DirectoryEntry | None:
    """Return the entry in a record, None if it is blank. Raises ValueError, with a text for people, if it is wrong."""
    if not any(cell_text(cell) for cell in cells):
        return None
    if len(cells) <= max(columns.identifier, columns.address):
        raise ValueError("it should contain a trigram and an address, as the header does")
    trigram, email = cell_text(cells[columns.identifier]), cell_text(cells[columns.address])
    if (identifier := parse_identifier(trigram)) is None:
        raise ValueError(f"{trigram[:20]!r} is not three or four letters")
    address = parse_address(email)
    extra = cells[max(columns.width, columns.address + 1) :]
    if (email and address is None) or any(map(parse_address, extra)):
        raise ValueError(f"the address of {identifier} is not one e-mail address")
    return identifier, address


def _shortened(errors: list[str]) -> list[str]:
    if len(errors) <= _MAX_LISTED_ERRORS + 1:
        return errors
    return [*errors[:_MAX_LISTED_ERRORS], f"and {len(errors) - _MAX_LISTED_ERRORS} more lines"]
