"""Parses the entries of every kind of directory."""

import re

from bailiff_bot.domain.identifier import is_identifier
from bailiff_bot.domain.invisible import without_invisible

_ADDRESS = re.compile(r"(?:mailto:)?([\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
_AROUND = " \t\r\n\u00a0\x1a'\"`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_NAME_AND_ADDRESS = re.compile(r"[^<>@]*<\s*([^<>]*?)\s*>")

DirectoryEntry = tuple[str, str | None]
"""An identifier in upper case, and an e-mail address or None."""


def parse_identifier(text: str) -> str | None:
    """Return the identifier in upper case; None if the text is not three or four ASCII letters."""
    identifier = cell_text(text)
    return identifier.upper() if is_identifier(identifier) else None


def parse_address(text: str) -> str | None:
    """Return the address in a text like `a@b`, `mailto:a@b` or `Name <a@b>`; None if the text is none of these."""
    text = cell_text(text).rstrip(" ;,.")
    named = _NAME_AND_ADDRESS.fullmatch(text)
    match = _ADDRESS.fullmatch(named.group(1) if named else text)
    return match.group(1) if match else None


def cell_text(text: str) -> str:
    """Return the text of a cell: without invisible characters, and without blanks, quotes and `=""` around it."""
    return without_invisible(text).strip().removeprefix("=").strip(_AROUND)
