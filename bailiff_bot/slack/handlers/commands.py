"""What people type behind `/bailiff`, understood, and the help they get."""

import html
import re
from dataclasses import dataclass

from slackblocks import RichText

from bailiff_bot.messages.wording import visible
from bailiff_bot.slack.blocks.message import Message, blocks, bullets, line, paragraph, truncated

_IDENTIFIER = re.compile(r"[A-Za-z]{3,4}")
_MAX_WORD = 60
_USAGE = (
    ("/bailiff report", "the whole tenant: who owes what, and what could not be read"),
    ("/bailiff mine", "your own instances, and what to do about each"),
    ("/bailiff mine AGR", "those of an identifier"),
    ("/bailiff help", "this"),
)


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """`report`: the whole tenant."""


@dataclass(frozen=True, slots=True)
class MineCommand:
    """`mine`: the caller's own, or those of an identifier."""

    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class HelpCommand:
    """`help`."""


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """Anything else."""

    words: str
    """As they were typed."""


Command = ReportCommand | MineCommand | HelpCommand | UnknownCommand


def parse(text: str) -> Command:
    """Return what was typed behind the command; Slack sends it with `&`, `<` and `>` escaped."""
    typed = html.unescape(text).strip()
    words = typed.split()
    match [words[0].lower(), *words[1:]] if words else []:
        case ["report"]:
            return ReportCommand()
        case ["mine"]:
            return MineCommand()
        case ["mine", identifier] if _IDENTIFIER.fullmatch(identifier):
            return MineCommand(identifier.upper())
        case ["help"]:
            return HelpCommand()
    return UnknownCommand(typed)


def usage(words: str | None = None) -> Message:
    """Return what there is to type, repeating the words that are not understood; None: they asked for it."""
    if words is None:
        text = "Bailiff looks after the EC2 instances of everybody here"
    elif not words:
        text = "What shall Bailiff do?"
    else:
        text = f"Bailiff does not know “{truncated(visible(words), _MAX_WORD)}”"
    known = bullets(line(RichText(typed, code=True), f"  {what}") for typed, what in _USAGE)
    plain = [text, *(f"{typed}  {what}" for typed, what in _USAGE)]
    return Message(
        f"{text}: /bailiff report, /bailiff mine or /bailiff help.", blocks(paragraph(text), known), "\n".join(plain)
    )
