"""The short answers to commands and clicks: the help, refusals, notes and single sentences."""

import difflib
from collections.abc import Sequence

from bailiff_bot.domain.identity import People
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.messages.document import Bullets, Code, Document, Paragraph, sentence
from bailiff_bot.messages.formatting import visible

_MAX_ECHO = 60
"""Characters of an unknown command that the help repeats."""
SHARING, SHARED = "It is being shared in this channel.", "Shared in this channel."
"""The notes on a summary after a click on *Share in channel*."""
NOT_SHAREABLE = "A report can be shared only in an internal channel of which the bot is a member (/invite @Bailiff)."
"""Why a report cannot be shared in a channel."""
FULL_REPORT_COMING = "The full report is being sent to your conversation with Bailiff."
"""The note on a message after a click on *Full report*."""
_USAGE = (
    ("/bailiff report", "all instances: which rules they break, and what could not be read"),
    ("/bailiff mine", "your own instances, and what to do about each"),
    ("/bailiff mine AGR", "the instances of an identifier"),
    ("/bailiff help", "this help"),
)


def usage(words: str | None = None) -> Document:
    """Return the help. `words` is an unknown command, which the help repeats; None if the user asked for help."""
    if words is None:
        text = "Bailiff checks the EC2 instances of this team"
    elif not words:
        text = "Choose a command"
    else:
        text = f"Unknown command “{_beginning(visible(words))}”{_suggestion(words)}"
    commands = Bullets(tuple((Code(command), f"  {description}") for command, description in _USAGE))
    summary = f"{text.removesuffix('?')}: /bailiff report, /bailiff mine or /bailiff help."
    return Document(summary, "", (Paragraph(text=text), commands))


def _suggestion(words: str) -> str:
    """Return the command that was probably meant, as a question; empty if none is close."""
    first = "".join(words.split(maxsplit=1)[:1])
    close = difflib.get_close_matches(first.lower(), ("report", "mine", "help"), n=1)
    return f". Did you mean “{close[0]}”?" if close else ""


def _beginning(words: str) -> str:
    return words if len(words) <= _MAX_ECHO else f"{words[: _MAX_ECHO - 1]}…"


def refusal(reason: NoOwner) -> Document:
    """Return the answer to a user whom Bailiff does not answer, with the reason."""
    return sentence(f"Bailiff answers only full members of this workspace; you are {reason.reason}.")


def first_scan() -> Document:
    """Return the answer before the first scan has ended."""
    return sentence("Reading all regions for the first time. The answer follows in a moment.")


def no_address() -> Document:
    """Return the answer to `mine` of a user whose e-mail address Slack does not tell."""
    return sentence("Slack does not show Bailiff your e-mail address. Type your identifier: /bailiff mine AGR")


def no_identifier(address: str, people: People) -> Document:
    """Return the answer to `mine` of a user whose address the directory's answer lacks, with the reason."""
    return sentence(f"{_why_no_identifier(address, people)} Type your identifier instead: /bailiff mine AGR")


def _why_no_identifier(address: str, people: People) -> str:
    if not people.consulted:
        return "Bailiff has no people directory, so it does not know which identifier is yours."
    if people.gaps:
        why = "; ".join(gap.reason for gap in people.gaps)
        return f"The directory is incomplete ({why}), and {address} is not in the rest."
    return f"The directory has no identifier for {address}: ask its administrator to add yours."


def full_report_sent(missing: Sequence[str]) -> str:
    """Return the note on a message after the full report was sent. `missing` has a line for each message not sent."""
    rest = f"but not all of it: {'; '.join(missing)}" if missing else "with every table and a CSV"
    return f"The full report is in your conversation with Bailiff, {rest}."


def restarting() -> Document:
    """Return the answer while the bot stops."""
    return sentence("Bailiff is restarting: try again in a minute.")


def failed(reason: str) -> Document:
    """Return the answer to a request that failed. `reason` is a sentence."""
    return sentence(f"That did not work. {reason}")


def crashed() -> Document:
    """Return the answer to a request that failed because of a bug."""
    return sentence("That did not work: an unexpected error, see Bailiff's log.")
