"""Parses the text of the `/bailiff` command."""

import html
import re
from dataclasses import dataclass

_IDENTIFIER = re.compile(r"[A-Za-z]{3,4}")


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """`report`: all instances."""


@dataclass(frozen=True, slots=True)
class MineCommand:
    """`mine`: the caller's own instances, or the instances of an identifier."""

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
