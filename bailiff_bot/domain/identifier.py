"""What an identifier looks like: a person's trigram or quadrigram."""

import re

_IDENTIFIER = re.compile(r"[A-Za-z]{3,4}")


def is_identifier(text: str) -> bool:
    """Return True if the whole text is three or four ASCII letters."""
    return _IDENTIFIER.fullmatch(text) is not None
