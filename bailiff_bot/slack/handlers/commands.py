"""Parses the text of the `/bailiff` command, and renders its help."""

import html
import re
from dataclasses import dataclass

from slackblocks import RichText

from bailiff_bot.messages.wording import visible
from bailiff_bot.slack.blocks.message import Message, blocks, bullets, line, paragraph, truncated

_IDENTIFIER = re.compile(r"[A-Za-z]{3,4}")
_MAX_ECHO = 60
"""Characters of an unknown command that the help repeats."""
_USAGE = (
    ("/bailiff report", "the whole tenant: who owes what, and what could not be read"),
    ("/bailiff mine", "your own instances, and what to do about each"),
    ("/bailiff mine AGR", "those of an identifier"),
    ("/bailiff help", "this"),
)


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """`report`: all instances."""


@dataclass(frozen=True, slots=True)
class MineCommand:
    """`mine`: the caller's own instances, or those of an identifier."""

    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class HelpCommand:
    """`help`."""


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """Anything else."""

    words: str
    """The text as it was typed."""


Command = ReportCommand | MineCommand | HelpCommand | UnknownCommand


def parse(text: str) -> Command:
    """Return the command that a text means. Slack sends the text with `&`, `<` and `>` escaped."""
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
    """Return the help. `words` is an unknown command, which the help repeats; None if the user asked for help."""
    if words is None:
        text = "Bailiff looks after the EC2 instances of everybody here"
    elif not words:
        text = "What shall Bailiff do?"
    else:
        text = f"Bailiff does not know “{truncated(visible(words), _MAX_ECHO)}”"
    commands = bullets(line(RichText(command, code=True), f"  {description}") for command, description in _USAGE)
    plain = [text, *(f"{command}  {description}" for command, description in _USAGE)]
    return Message(
        f"{text}: /bailiff report, /bailiff mine or /bailiff help.", blocks(paragraph(text), commands), "\n".join(plain)
    )
