"""Parses the entries of every kind of directory."""

import re

from bailiff_bot.domain.invisible import without_invisible

_IDENTIFIER = re.compile(r"[A-Z]{3,4}")
_ADDRESS = re.compile(r"(?:mailto:)?([\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
_AROUND = " \t\r\n\u00a0\x1a'\"`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_NAME_AND_ADDRESS = re.compile(r"[^<>@]*<\s*([^<>]*?)\s*>")

DirectoryEntry = tuple[str, str | None]
"""An identifier in upper case, and an e-mail address or None."""


def parse_identifier(text: str) -> str | None:
    """Return the identifier in upper case; None if the text is not three or four ASCII letters."""
    identifier = visible(text).upper()
    return identifier if _IDENTIFIER.fullmatch(identifier) else None


def parse_address(text: str) -> str | None:
    """Return the address in a text like `a@b`, `mailto:a@b` or `Name <a@b>`; None if the text is none of these."""
    text = visible(text).rstrip(" ;,.")
    named = _NAME_AND_ADDRESS.fullmatch(text)
    match = _ADDRESS.fullmatch(named.group(1) if named else text)
    return match.group(1) if match else None


def visible(text: str) -> str:
    """Return the text of a cell: without invisible characters, and without blanks, quotes and `=""` around it."""
    return without_invisible(text).strip().removeprefix("=").strip(_AROUND)
