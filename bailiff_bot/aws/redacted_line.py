"""What AWS said, as one short line without secrets."""

import re

MAX_LENGTH = 240
"""Characters of a detail."""

_SECRETS = (
    (re.compile(r"\s*Encoded authorization failure message:.*", re.DOTALL), ""),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}"), "(key)"),
    (re.compile(r"//[^/@\s]+@"), "//"),
    # the secret key, the session token, a signature: long, and of letters of both cases and digits
    (re.compile(r"(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])[\w+/=-]{40,}"), "(hidden)"),
)


def redacted_line(text: str) -> str:
    """Return the text on one line of at most `LONGEST` characters, its keys, tokens and passwords taken out."""
    for secret, stand_in in _SECRETS:
        text = secret.sub(stand_in, text)
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"
