"""What every directory can do."""

from typing import Protocol

from bailiff_bot.domain.identity import People


class Directory(Protocol):
    """Knows people."""

    def people(self) -> People:
        """Return the people, with what could not be read as gaps.

        A source that is down or answers nonsense is a gap and raises nothing: it accuses nobody and stops no report.
        """
        ...
