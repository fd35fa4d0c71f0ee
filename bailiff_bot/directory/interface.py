"""The interface of a directory, and a directory for the case that none is configured."""

from typing import Protocol

from bailiff_bot.domain.identity import NO_DIRECTORY, People


class Directory(Protocol):
    """A source of people."""

    def people(self) -> People:
        """Return the people. What could not be read is a gap.

        It raises nothing if the source is down or its answer cannot be parsed. That is a gap, so that the report is
        made and does not call anybody unknown.
        """
        ...


class NoDirectory:
    """The directory if none is configured."""

    def people(self) -> People:
        """Return `NO_DIRECTORY`: no people, and `consulted` is False."""
        return NO_DIRECTORY
