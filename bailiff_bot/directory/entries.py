"""Parses the entries of every kind of directory."""

import re

_IDENTIFIER = re.compile(r"[A-Z]{3,4}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

DirectoryEntry = tuple[str, str | None]
"""An identifier in upper case, and an e-mail address or None."""


def parse_identifier(text: str) -> str | None:
    """Return the identifier in upper case; None if the text is not three or four ASCII letters."""
    identifier = text.strip().upper()
    return identifier if _IDENTIFIER.fullmatch(identifier) else None


def parse_address(text: str) -> str | None:
    """Return the e-mail address without surrounding blanks; None if the text is no address."""
    address = text.strip()
    return address if _ADDRESS.fullmatch(address) else None
