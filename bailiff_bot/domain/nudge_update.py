"""What became of the findings of an earlier nudge."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.cleared import Cleared
from bailiff_bot.domain.history import FindingKey, LastNudge, finding_keys
from bailiff_bot.domain.report import Report


class NudgeOutcome(Enum):
    """Why a subject is no longer listed."""

    FIXED = auto()
    DROPPED_BY_POLICY = auto()
    KEPT = auto()
    """An exemption was granted."""
    IN_USE = auto()
    """Its metrics show use."""
    NOT_IDLE = auto()
    """It runs on, and its metrics do not show it idle any more."""
    NOT_YOURS = auto()
    """It has another owner now."""
    BROKEN_AGAIN = auto()
    """It was fixed, and has the finding again. A newer nudge lists it."""


_OF_CLEARED = {Cleared.IN_USE: NudgeOutcome.IN_USE, Cleared.NOT_IDLE: NudgeOutcome.NOT_IDLE}


@dataclass(frozen=True, slots=True)
class NudgeUpdate:
    """What became of the findings of an earlier nudge."""

    last_nudge: LastNudge
    remaining: frozenset[FindingKey]
    """The findings that the nudge still lists."""
    own: frozenset[FindingKey]
    """All findings that its recipient certainly has now."""
    report: Report
    changes: Changes

    @property
    def total(self) -> int:
        """How many subjects the nudge listed."""
        return len({key.subject for key in self.last_nudge.findings})

    def outcomes(self) -> Counter[NudgeOutcome]:
        """Return how many subjects are no longer listed, by the reason."""
        gone = self.last_nudge.findings - self.remaining
        found_now = finding_keys(self.report.flagged)
        cleared = {key: reason for key, reason in self.changes.cleared.items() if key in gone}
        outcomes = {key.subject: _OF_CLEARED[reason] for key, reason in cleared.items()}
        outcomes |= {key.subject: NudgeOutcome.FIXED for key in gone - cleared.keys()}
        outcomes |= {key.subject: NudgeOutcome.DROPPED_BY_POLICY for key in gone & self.changes.dropped_by_policy}
        outcomes |= {key.subject: NudgeOutcome.KEPT for key in gone & self.changes.kept}
        outcomes |= {key.subject: NudgeOutcome.NOT_YOURS for key in (gone & found_now) - self.own}
        outcomes |= {key.subject: NudgeOutcome.BROKEN_AGAIN for key in gone & self.own}
        still_listed = {key.subject for key in self.remaining}
        return Counter(outcome for subject, outcome in outcomes.items() if subject not in still_listed)
