"""What every directory can do."""

from typing import Protocol

from bailiff_bot.domain.identity import NO_DIRECTORY, People


class Directory(Protocol):
    """Knows people."""

    def people(self) -> People:
        """Return the people, with what could not be read as gaps.

        A source that is down or answers nonsense is a gap and raises nothing: it accuses nobody and stops no report.
        """
        ...


class NoDirectory:
    """Stands where none is configured."""

    def people(self) -> People:
        """Return nobody, and that nobody was asked."""
        return NO_DIRECTORY
