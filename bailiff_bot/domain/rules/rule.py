"""What a rule is: it checks a case, and says when it cannot tell."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import STEADY_STATES
from bailiff_bot.domain.rules.reasons import Reasons


class Breach(NamedTuple):
    """What a rule found in a case that breaks it. A named tuple, because a report makes 100,000 of them."""

    evidence: str
    """Evidence as a noun phrase: "stopped for 112 days"."""
    asks: bool = False
    """True if the rule only asks whether the instance is needed; False if it is certainly wrong."""


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """A rule of the team: pure, without clock, setting and network.

    Its fields are the thresholds that it depends on. They have the names of the policy's fields, from which they are
    filled, and so they are in the policy's fingerprint.
    """

    @abstractmethod
    def check(self, case: Case, as_of: datetime, /) -> Breach | None:
        """Return the breach; None if the case does not break the rule, or if nobody can tell."""

    @abstractmethod
    def undetermined(self, case: Case, as_of: datetime, /) -> Gap | None:
        """Return why a case without a breach may break the rule all the same; None if it certainly does not."""

    @abstractmethod
    def explain(self, case: Case, /) -> Reasons:
        """Return what `check` reads in a case, and from when on `check` returns a breach."""

    @staticmethod
    @abstractmethod
    def sort_key(case: Case, /) -> Any:
        """Return the key by which the rule's table is sorted."""


def between_states(case: Case) -> Gap | None:
    """Return the gap of an instance that is starting or stopping: whatever depends on its state may change."""
    return None if case.instance.state in STEADY_STATES else _BETWEEN_STATES


_BETWEEN_STATES = Gap(GapSource.RULE, None, "starting or stopping")
