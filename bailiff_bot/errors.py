"""Everything that Bailiff raises on purpose.

    BailiffError
    ├── SettingsError            a setting is missing or wrong: exit code 2
    ├── DirectoryError           a directory cannot be used as it is configured
    ├── StoreError               the database does not answer, is full, or is not ours
    └── SlackError               Slack refused or could not be reached
        ├── Refused              Slack said no: sending the same again would get the same answer
        │   └── NotAcceptedYet   Slack certainly did not take it, and may take it later
        └── Ambiguous            Slack may have taken it: no answer came back, or one that does not tell

The message of each is one line that tells what happened, where, and what to do next. A target that cannot be read is no
error: it is an `Unread`, a value that travels with the inventory.
"""


class BailiffError(Exception):
    """The root of them all."""


class SettingsError(BailiffError):
    """A setting is missing or wrong; the message names the variable, and what it should hold."""


class DirectoryError(BailiffError):
    """A directory cannot be used as it is configured."""


class StoreError(BailiffError):
    """The database does not answer, is full, or is not ours."""


class SlackError(BailiffError):
    """Slack refused, or could not be reached."""


class Refused(SlackError):  # noqa: N818 - the field's word for it
    """Slack said no, with one of its error codes."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotAcceptedYet(Refused):
    """Slack certainly did not take it: too many calls, or nobody there."""

    def __init__(self, message: str, code: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, code)
        self.retry_after = retry_after
        """Seconds that Slack asks to wait; 0 when it asks for none."""


class Ambiguous(SlackError):  # noqa: N818 - the field's word for it
    """No answer came back, or one that does not tell whether the call was taken."""
