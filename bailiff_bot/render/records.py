"""Records as lines of CSV, for spreadsheets, and as JSON, for programs."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import methodcaller
from typing import Any

import orjson

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet read a cell as a formula (OWASP, "CSV Injection")."""


def csv_lines(fields: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the line of the fields' names, and one line for each row of cells. No cell is a formula."""
    write = csv.writer(_Lines(), lineterminator="\r\n").writerow
    yield write(fields)
    for row in rows:
        yield write([_without_formula(cell) for cell in row])


class _Lines:
    """A file for `csv.writer` that returns each line instead of writing it."""

    @staticmethod
    def write(line: str) -> str:
        return line


def _without_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def json_parts(summary: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the parts of one JSON object: the fields of the summary, and `records`, each record on its own line."""
    yield f'{json_text(summary)[:-1]},"records":['
    separator = "\n"
    for record in records:
        yield separator + json_text(record)
        separator = ",\n"
    yield "\n]}\n"


def json_text(value: Mapping[str, Any]) -> str:
    """Return a JSON object as text. A time is in ISO 8601."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # half a surrogate pair, which JSON holds as an escape and orjson refuses
        return json.dumps(value, default=methodcaller("isoformat"))
