"""Characters that nobody sees: blanks, and what a copy from a wiki or a spreadsheet leaves in front of a name."""

import unicodedata

_INVISIBLE = "Cf"
"""Unicode's category of format characters: zero-width spaces and joiners, direction marks, the byte order mark."""


def without_invisible_start(text: str) -> str:
    """Return the text from its first visible character on; empty if it has none."""
    if text.isascii():  # nearly every name, and much faster
        return text.lstrip()
    return text[next((place for place, character in enumerate(text) if _is_visible(character)), len(text)) :]


def _is_visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) != _INVISIBLE


def without_invisible(text: str) -> str:
    """Return a text without invisible characters, wherever they are. Blanks stay."""
    return "".join(character for character in text if unicodedata.category(character) != _INVISIBLE)
