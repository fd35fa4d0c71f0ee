"""What Bailiff could not find out. Nothing is called clean, fixed or complete where there is a gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bailiff_bot.domain.instance import Target


class GapSource(StrEnum):
    """What could not be read in full, in the order of the lists in reports.

    People read the values: a source without a wording of its own is called "<value> incomplete".
    """

    TARGET = "region"
    """A region of an account, or a whole account."""
    DIRECTORY = "directory"
    """While there is such a gap, `known-owner` reports nothing."""
    COUNT = "count"
    """A count is not plausible. While there is such a gap, nobody is notified and nothing is called fixed."""
    RULE = "rule"
    """A rule that cannot tell whether an instance breaks it."""
    USAGE = "usage"
    """While the usage of an instance is unknown, nobody is accused of not using it."""
    VOLUMES = "volumes"
    """The volumes of which nobody knows the size have no price."""
    PRICES = "prices"
    """What has no price is counted as not priced."""
    OTHER = "another source"
    """A source that only another version of Bailiff knows: replicas of two versions share a stored snapshot."""

    @classmethod
    def _missing_(cls, _value: object) -> "GapSource":
        return cls.OTHER


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that could not be found out, and why. It contains no secret."""

    source: GapSource
    where: Target | None
    """The region of an account that it is about; None if it is about no region."""
    reason: str
    """As text for people: "access denied", "team B: Askbob answered 500"."""
    detail: str = ""
    """The error message of the source, for the administrator."""
    remedy: str = ""
    """What an administrator can do about it; empty if that depends on the detail."""
    expected: bool = False
    """True for a target that is declared in BAILIFF_EXPECTED_UNREAD: it is shown without alarm."""


SUPPLEMENTARY = frozenset({GapSource.USAGE, GapSource.VOLUMES, GapSource.PRICES})
"""What they say is told beside the findings. Without it, a report is complete all the same."""


def gaps_of(source: GapSource, gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps of one source."""
    return tuple(gap for gap in gaps if gap.source is source)


def unexpected(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps that nobody declared."""
    return tuple(gap for gap in gaps if not gap.expected)


def limiting(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps that nobody declared, and because of which a report is not complete."""
    return tuple(gap for gap in unexpected(gaps) if gap.source not in SUPPLEMENTARY)
