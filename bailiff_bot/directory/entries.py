"""What a row of a directory must look like, whichever directory it comes from."""

import re

_IDENTIFIER = re.compile(r"[A-Z]{3,4}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

DirectoryEntry = tuple[str, str | None]
"""An identifier in upper case, and an e-mail address or None."""


def parse_identifier(text: str) -> str | None:
    """Return an identifier in upper case, None where the text is none."""
    identifier = text.strip().upper()
    return identifier if _IDENTIFIER.fullmatch(identifier) else None


def parse_address(text: str) -> str | None:
    """Return an e-mail address without blanks around it, None where the text is none."""
    address = text.strip()
    return address if _ADDRESS.fullmatch(address) else None
