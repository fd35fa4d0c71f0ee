"""Reads the words of a filter by cost: `cost>100`, `cost >= $1,000`."""

import re
from collections.abc import Sequence
from decimal import Decimal

from bailiff_bot.domain.cost_floor import CostFloor

_COST = re.compile(
    r"costs?(?P<operator>>=?|≥)\$?(?P<usd>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,2})?)", re.IGNORECASE
)
_MEANT = re.compile(r"(?:costs?[<>=≥≤$]|[<>=≥≤]+\$?[0-9]|\$)[^@]*", re.IGNORECASE)
"""A word that can only be about a cost: it is no address."""
_BLANKS = re.compile(r"(?<!\S)(costs?) ?([<>=≥≤]+|(?=\$)) ?(\$?) ?(?=\S|$)", re.IGNORECASE)


def with_whole_costs(words: Sequence[str]) -> Sequence[str]:
    """Return the words, those that make a cost together as one: `cost > 100` as `cost>100`."""
    return [word for word in _BLANKS.sub(r"\1\2\3", " ".join(words)).split(" ") if word]


def read_costs(words: Sequence[str]) -> tuple[CostFloor, ...]:
    """Return the different costs among words."""
    found = (match for word in words if (match := _COST.fullmatch(word)))
    return tuple(dict.fromkeys(_floor(match) for match in found))


def wrong_costs(words: Sequence[str]) -> Sequence[str]:
    """Return the words about costs if one of them cannot be read, or if they are several costs; none if all is well."""
    wrong = [word for word in words if _MEANT.fullmatch(word) and not _COST.fullmatch(word)]
    return wrong[:1] or (list(filter(_COST.fullmatch, words)) if len(read_costs(words)) > 1 else [])


def _floor(match: re.Match[str]) -> CostFloor:
    return CostFloor(Decimal(match["usd"].replace(",", "")), match["operator"] != ">")
