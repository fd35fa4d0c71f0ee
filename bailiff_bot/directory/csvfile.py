"""Reads people from a file `trigram,email`, for teams without Askbob."""

import csv
from pathlib import Path

from bailiff_bot.directory.entries import DirectoryEntry, parse_address, parse_identifier
from bailiff_bot.domain.identity import People, people_from_entries
from bailiff_bot.errors import DirectoryError

_MAX_LISTED_ERRORS = 3
"""At most this many wrong lines are listed; the rest is counted."""


class CsvDirectory:
    """The directory in a CSV file. It reads the file at each call.

    The file is UTF-8 and begins with the header `trigram,email`. An address may be empty. Further columns are ignored.
    A wrong line is a gap that names the file and the line; the other lines count.

    Arguments: the path of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def people(self) -> People:
        """Return the people in the file. Errors in it are gaps."""
        try:
            header, *lines = self._lines()
            columns = self._columns(header)
        except DirectoryError as error:
            return people_from_entries([], [str(error)])
        entries, errors = self._entries(lines, columns)
        if not entries and not errors:
            errors.append(f"{self._path.name} lists no people")
        return people_from_entries(entries, _shortened(errors))

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8-sig").split("\n")
        except OSError as error:
            raise DirectoryError(f"{self._path.name} cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise DirectoryError(f"{self._path.name} is not UTF-8") from error

    def _columns(self, header: str) -> tuple[int, int]:
        """Return the column numbers of trigram and address, from 0. Raises DirectoryError if one is missing."""
        names = [name.strip().lower() for name in header.split(",")]
        if not {"trigram", "email"} <= set(names):
            raise DirectoryError(f"{self._path.name} line 1: it should be `trigram,email`")
        return names.index("trigram"), names.index("email")

    def _entries(self, lines: list[str], columns: tuple[int, int]) -> tuple[list[DirectoryEntry], list[str]]:
        """Return the entries and the errors. Each line is parsed separately: a missing quote affects only one line."""
        entries: list[DirectoryEntry] = []
        errors: list[str] = []
        for number, line in enumerate(lines, 2):
            try:
                entries.extend([_entry(line, columns)] if line.strip() else [])
            except (ValueError, csv.Error) as error:
                errors.append(f"{self._path.name} line {number}: {error}")
        return entries, errors


def _entry(line: str, columns: tuple[int, int]) -> DirectoryEntry:
    """Return the entry in a line. Raises ValueError or csv.Error, with a text for people, if the line is wrong."""
    [cells] = csv.reader([line], strict=True)
    if len(cells) <= max(columns):
        raise ValueError("it should contain a trigram and an address, separated by a comma")
    trigram, email = (cells[column].strip() for column in columns)
    if (identifier := parse_identifier(trigram)) is None:
        raise ValueError(f"{trigram[:20]!r} is not three or four letters")
    address = parse_address(email)
    if email and address is None:
        raise ValueError(f"the address of {identifier} is not an e-mail address")
    return identifier, address


def _shortened(errors: list[str]) -> list[str]:
    if len(errors) <= _MAX_LISTED_ERRORS + 1:
        return errors
    return [*errors[:_MAX_LISTED_ERRORS], f"and {len(errors) - _MAX_LISTED_ERRORS} more lines"]
