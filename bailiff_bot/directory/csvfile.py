"""People from a file `trigram,email`, for teams that have no Askbob."""

import csv
from pathlib import Path

from bailiff_bot.directory.entries import DirectoryEntry, parse_address, parse_identifier
from bailiff_bot.domain.identity import People, people_from_entries
from bailiff_bot.errors import DirectoryError

_MAX_LISTED_ERRORS = 3
"""So many wrong lines are told one by one; the rest is counted."""


class CsvDirectory:
    """Reads the file whenever it is asked.

    The file is UTF-8 and begins with the header `trigram,email`; an address may be empty, further columns are passed
    over. A line that is wrong is a gap that names file and line, and the others count.

    Arguments: where the file is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def people(self) -> People:
        """Return the people of the file, with what is wrong in it as gaps."""
        try:
            header, *lines = self._lines()
            columns = self._columns(header)
        except DirectoryError as error:
            return people_from_entries([], [str(error)])
        entries, wrong = self._entries(lines, columns)
        if not entries and not wrong:
            wrong.append(f"{self._path.name} lists nobody")
        return people_from_entries(entries, _shortened(wrong))

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8-sig").split("\n")
        except OSError as error:
            raise DirectoryError(f"{self._path.name} cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise DirectoryError(f"{self._path.name} is not UTF-8") from error

    def _columns(self, header: str) -> tuple[int, int]:
        """Return where trigram and address stand."""
        names = [name.strip().lower() for name in header.split(",")]
        if not {"trigram", "email"} <= set(names):
            raise DirectoryError(f"{self._path.name} line 1: it should be `trigram,email`")
        return names.index("trigram"), names.index("email")

    def _entries(self, lines: list[str], columns: tuple[int, int]) -> tuple[list[DirectoryEntry], list[str]]:
        """Return the people, and what is wrong; each line by itself, so that a lost quote costs one line only."""
        entries: list[DirectoryEntry] = []
        wrong: list[str] = []
        for number, line in enumerate(lines, 2):
            try:
                entries.extend([_entry(line, columns)] if line.strip() else [])
            except (ValueError, csv.Error) as error:
                wrong.append(f"{self._path.name} line {number}: {error}")
        return entries, wrong


def _entry(line: str, columns: tuple[int, int]) -> DirectoryEntry:
    """Return the person of a line; raise ValueError or csv.Error, in words, where it is wrong."""
    [cells] = csv.reader([line], strict=True)
    if len(cells) <= max(columns):
        raise ValueError("it should hold a trigram and an address, separated by a comma")
    trigram, email = (cells[column].strip() for column in columns)
    if (identifier := parse_identifier(trigram)) is None:
        raise ValueError(f"{trigram[:20]!r} is not three or four letters")
    address = parse_address(email)
    if email and address is None:
        raise ValueError(f"the address of {identifier} is none")
    return identifier, address


def _shortened(wrong: list[str]) -> list[str]:
    if len(wrong) <= _MAX_LISTED_ERRORS + 1:
        return wrong
    return [*wrong[:_MAX_LISTED_ERRORS], f"and {len(wrong) - _MAX_LISTED_ERRORS} more lines"]
