"""A row of the table that `make torture` prints."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """What was tried, and what came of it."""

    title: str
    """What was done to the bot, as the table calls it."""
    counts: str
    """What was counted, in figures: `0 twice, 0 lost`."""
    runs: int
    """How often it was tried."""
    failures: tuple[str, ...] = ()
    """A line for each run that broke the promise, with all it takes to do it again: boundary, run, what was seen."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing, printed under the table: which boundaries, how often something was needed."""
    seconds: float = 0.0
    """How long it took; who prints the table measures it."""

    @property
    def passed(self) -> bool:
        """Whether the promise was kept each time, and it was tried at all."""
        return self.runs > 0 and not self.failures


def failed_runs(failures: Iterable[str]) -> int:
    """Return how many runs the failures are of: each line begins with its run and a colon."""
    return len({line.partition(": ")[0] for line in failures})
