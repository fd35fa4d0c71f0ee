"""Shortens an error message to one line without secrets."""

import re

MAX_LENGTH = 240
"""Characters of a detail."""

_SECRETS = (
    (re.compile(r"\s*Encoded authorization failure message:.*", re.DOTALL), ""),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}"), "(key)"),
    (re.compile(r"//[^/@\s]+@"), "//"),
    # a secret key, a session token or a signature: long, with lower case letters, upper case letters and digits
    (re.compile(r"(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])[\w+/=-]{40,}"), "(hidden)"),
)


def redacted_line(text: str) -> str:
    """Return the text as one line of at most `MAX_LENGTH` characters, without keys, tokens and passwords."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"
