"""Reads one's own prices of instances from a CSV file with the columns `type,region,operation,hourly_usd`."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.own_prices import OwnPrices
from bailiff_bot.domain.price_key import PriceKey, listed_operation
from bailiff_bot.domain.prices import own_key
from bailiff_bot.spreadsheet import DELIMITERS, file_lines, read_record

_COLUMNS = {
    "type": (re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+"), "m5.xlarge"),
    "region": (
        re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d(-[a-z]{3}-\d+)?"),
        "eu-west-1, or us-east-1-nyc-1 for a Local Zone",
    ),
    "operation": (re.compile(r"RunInstances(:[0-9A-Za-z]+)*"), "RunInstances"),
    "hourly_usd": (re.compile(r"\d{1,6}(\.\d{1,12})?", re.ASCII), "0.192"),
}
"""Each column with the form of its values, and an example."""

_REMEDY = "correct the file of BAILIFF_PRICES_CSV; until then the prices of AWS's list are used in place of wrong lines"
_MAX_LISTED_ERRORS = 3
_MAX_SHOWN = 30
"""Characters of a wrong value that are shown."""


class OwnPriceFile:
    """The file of one's own prices. It is read at each call: at each scan."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> OwnPrices:
        """Return the prices in the file. A wrong line is a gap that names it; the other lines count."""
        prices: dict[PriceKey, Decimal] = {}
        errors: list[str] = []
        try:
            for number, found in _records(file_lines(self._path)):
                error = found if isinstance(found, str) else _add(prices, found)
                errors += [f"line {number}: {error}"] if error else []
        except ValueError as error:
            errors = [str(error)]
        return OwnPrices(prices, tuple(self._gap(error) for error in _shortened(errors)))

    def _gap(self, error: str) -> Gap:
        return Gap(GapSource.PRICES, None, f"{self._path.name} {error}", remedy=_REMEDY)


def _records(lines: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    """Yield the line number, from 1, and the fields or the error of each record. Raises ValueError without a header."""
    delimiter, header, start = _header(lines)
    while start < len(lines):
        try:
            cells, end = read_record(lines, start, delimiter)
        except csv.Error as error:
            yield start + 1, str(error)
            start += 1
            continue
        fields = _fields(header, cells)
        if any(map(str.strip, cells)):
            yield start + 1, fields
        # A quote that is not closed would let a record swallow the lines below it.
        start = start + 1 if isinstance(fields, str) else end


def _header(lines: Sequence[str]) -> tuple[str, list[str], int]:
    """Return the delimiter, the names of the columns, and the number of the line after them."""
    for delimiter in DELIMITERS:
        try:
            cells, end = read_record(lines, 0, delimiter)
        except (csv.Error, StopIteration):
            continue
        names = [cell.strip().lower() for cell in cells]
        if sorted(name for name in names if name in _COLUMNS) == sorted(_COLUMNS):
            return delimiter, names, end
    raise ValueError(f"line 1: it should be `{','.join(_COLUMNS)}`")


def _fields(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str] | str:
    """Return the fields of a record by the names of their columns, or what is wrong with it."""
    if len(cells) != len(header):
        return f"it has {len(cells)} cells, but the header has {len(header)}"
    fields = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    return "a quote is not closed" if any("\n" in fields[name] for name in _COLUMNS) else fields


def _add(prices: dict[PriceKey, Decimal], fields: Mapping[str, str]) -> str:
    """Add the price of a line. Returns what is wrong with it; empty if nothing is."""
    for name, (form, example) in _COLUMNS.items():
        if not form.fullmatch(fields[name]):
            return f"{name} is {fields[name][:_MAX_SHOWN]!r}, but should be like {example}"
    operation, usd = fields["operation"], Decimal(fields["hourly_usd"])
    if not usd:
        return "hourly_usd is 0, but a price is above zero"
    if listed_operation(operation) != operation:
        return f"operation is {operation}, which is billed as {listed_operation(operation)}: write that"
    key = own_key(fields["type"], fields["region"], operation)
    if key in prices:
        return f"it is the second price of {key.name} in {key.region} with {operation}"
    prices[key] = usd
    return ""


def _shortened(errors: Sequence[str]) -> list[str]:
    more = len(errors) - _MAX_LISTED_ERRORS
    return [*errors[:_MAX_LISTED_ERRORS], *([f"has {more:,} more wrong lines"] if more > 0 else [])]
