"""Patterns in which `*` matches any text, and every other character matches itself."""

import re
from functools import lru_cache


def matches(pattern: str, text: str) -> bool:
    """Return True if the pattern matches the whole text."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
