"""The errors that Bailiff raises on purpose.

    BailiffError
    ├── SettingsError            a setting is missing or wrong: exit code 2
    ├── DirectoryError           a directory cannot be used as it is configured
    ├── StoreError               the database does not answer, is full, or has foreign or newer tables
    │   └── UnknownKind          a row is of a kind that only another version knows
    └── SlackError               Slack refused a call or could not be reached
        ├── Refused              Slack refused the call; the same call would be refused again
        │   └── NotAcceptedYet   Slack certainly did not process the call, and may do so later
        └── Ambiguous            Slack may have processed the call: there was no answer, or an unclear one

Each message is one line: what happened, where, and what to do next. A target that cannot be read is no error. It is a
`Gap`, a value in the inventory.
"""


class BailiffError(Exception):
    """The base class of all these errors."""


class SettingsError(BailiffError):
    """A setting is missing or wrong. The message names the variable and what it should be."""


class DirectoryError(BailiffError):
    """A directory cannot be used as it is configured."""


class StoreError(BailiffError):
    """The database does not answer, is full, or has tables of another program or a newer version."""


class UnknownKind(StoreError):  # noqa: N818 - it names what is wrong with a row
    """A row is of a kind that only another version of Bailiff knows. The message names the kind."""


class SlackError(BailiffError):
    """Slack refused a call, or could not be reached."""


class Refused(SlackError):  # noqa: N818 - it names the outcome of a call
    """Slack refused the call, or certainly would. `code` is an error code like Slack's; empty if there is none."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotAcceptedYet(Refused):
    """Slack certainly did not process the call: the rate limit was reached, or Slack could not be reached."""

    def __init__(self, message: str, code: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, code)
        self.retry_after = retry_after
        """Seconds to wait before the next attempt, as Slack demands; 0 if Slack demands none."""


class Ambiguous(SlackError):  # noqa: N818 - it names the outcome of a call
    """Slack may have processed the call: there was no answer, or one that does not say so."""
