"""Settings that are lists."""

import re
from typing import Annotated

from pydantic_settings import NoDecode

SEPARATORS = re.compile(r"[,\s]+")

WordList = Annotated[tuple[str, ...], NoDecode]
"""A list. In the environment, commas or blanks separate its items."""
PhraseList = Annotated[tuple[str, ...], NoDecode]
"""A list whose items may contain blanks. In the environment, commas separate its items."""


def all_match(pattern: re.Pattern[str], example: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values. Raises ValueError for the first that does not match."""
    for value in values:
        if not pattern.fullmatch(value):
            raise ValueError(f"should look like {example}, and {value!r} does not")
    return values
