"""Patterns in which `*` stands for anything, and every other character for itself."""

import re
from functools import lru_cache


def matches(pattern: str, text: str) -> bool:
    """Return whether the whole text fits a pattern."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
