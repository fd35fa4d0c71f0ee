"""A row of the table that `make torture` prints."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A test, and its result."""

    title: str
    """What was done to the bot."""
    counts: str
    """What was counted, in figures: `0 twice, 0 lost`."""
    runs: int
    """How often the test ran."""
    failures: tuple[str, ...] = ()
    """A line for each broken promise, with what is needed to repeat it: the case, the run, and what was seen."""
    notes: tuple[str, ...] = ()
    """Further facts, printed below the table."""
    seconds: float = 0.0
    """How long it took. Set by the code that prints the table."""

    @property
    def passed(self) -> bool:
        """Whether the test ran at all, and the promise was kept each time."""
        return self.runs > 0 and not self.failures


def failed_runs(failures: Iterable[str]) -> int:
    """Return how many runs failed. Each failure begins with its run and a colon."""
    return len({line.partition(": ")[0] for line in failures})
