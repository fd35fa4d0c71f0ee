"""Reads CSV files as spreadsheet programs write them: in any encoding, with any delimiter and line end."""

import csv
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from pathlib import Path

from charset_normalizer import from_bytes

_BYTE_ORDER_MARKS = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
_UTF_16 = ["utf_16_le", "utf_16_be"]
# One byte for each character: a wrong guess among them changes accented letters, but no delimiter and no ASCII letter.
# A guess that takes two bytes for a character could lose a delimiter.
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "mac_roman", "iso8859_15", "cp850"]

_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheet programs begin that are not CSV: .xlsx and .ods, and .xls."""

DELIMITERS = (",", ";", "\t", "|")


def file_lines(path: Path) -> list[str]:
    """Return the lines of a file, each with its own line end.

    Raises ValueError if it cannot be read, with a text that continues a sentence after the name of the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error
    if data.startswith(_NOT_TEXT):
        raise ValueError("is a workbook of a spreadsheet program; save it as CSV")
    return split_lines(decoded(data))


def decoded(data: bytes) -> str:
    """Return the text of a file: by its byte order mark, else UTF-8, else in the likeliest encoding."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    has_zero_bytes = b"\0" in data
    try:
        if encoding != "utf-8" or not has_zero_bytes:
            return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    guess = from_bytes(data, cp_isolation=_UTF_16 if has_zero_bytes else _CODE_PAGES).best()
    return str(guess) if guess else data.decode("latin-1")


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, each with its own line end, whichever it is."""
    return list(io.StringIO(text, newline=""))


def read_record(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the record that begins at line `start` (from 0), and the line after it.

    A cell in quotes may hold line breaks. A blank line is a record without cells. Raises csv.Error if a quote is not
    closed, or not where a cell begins or ends.
    """
    rest = (lines[number] for number in range(start, len(lines)))
    reader = csv.reader(rest, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    return next(reader), start + reader.line_num
