"""Parses the text of the `/bailiff` command, and the value of a button, which is such a text."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bailiff_bot.domain.report_filter import ReportQuery, View
from bailiff_bot.errors import Refused
from bailiff_bot.messages.answers import OLD_BUTTON
from bailiff_bot.slack.handlers.brake_words import BrakeCommand, WrongBrakeCommand, read_brake
from bailiff_bot.slack.handlers.cost_words import with_whole_costs, wrong_costs
from bailiff_bot.slack.handlers.delegate_words import (
    DelegateCommand,
    DelegatesCommand,
    EndDelegationCommand,
    WrongDelegateCommand,
    read_delegate,
    read_delegates,
)
from bailiff_bot.slack.handlers.filter_words import is_filter, read_filter, with_whole_rules
from bailiff_bot.slack.handlers.typed_words import Mention, typed_text, typed_words

_WHY = re.compile(r"\s*why(|\s.*)", re.IGNORECASE | re.DOTALL)
MAX_FILTERS = 7
"""Slack allows 2,000 characters in the value of a button. A filter has at most 254, as an e-mail address has."""


@dataclass(frozen=True, slots=True)
class QueryCommand:
    """`report`, `mine` or `exemptions`: what is asked for, and the users who are owners too."""

    query: ReportQuery
    users: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class WhyCommand:
    """`why`: how an instance was judged."""

    subject: str
    """Its id or its name, as it was typed; empty if nothing was."""


@dataclass(frozen=True, slots=True)
class HelpCommand:
    """`help`."""


@dataclass(frozen=True, slots=True)
class UnknownFilter:
    """`report` or `mine` with a word that is no filter."""

    word: str


@dataclass(frozen=True, slots=True)
class WrongCost:
    """`report` or `mine` with a cost that cannot be read, or with several."""

    words: str


@dataclass(frozen=True, slots=True)
class TooManyFilters:
    """`report` or `mine` with more than `MAX_FILTERS` filters."""


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """Anything else."""

    words: str
    """The text as it was typed."""


DelegationCommand = DelegateCommand | EndDelegationCommand | DelegatesCommand | WrongDelegateCommand
BrakeCommands = BrakeCommand | WrongBrakeCommand
Command = (
    QueryCommand
    | WhyCommand
    | HelpCommand
    | UnknownFilter
    | WrongCost
    | TooManyFilters
    | UnknownCommand
    | DelegationCommand
    | BrakeCommands
)


def parse(text: str) -> Command:
    """Return the command that a text means. Slack sends the text with `&`, `<` and `>` escaped."""
    if why := _WHY.fullmatch(text):
        return WhyCommand(typed_text(why[1]))
    return _command(typed_words(text)) or UnknownCommand(html.unescape(text).strip())


def query_of_value(value: str) -> ReportQuery:
    """Return the query that a button's value asks for. Raises Refused unless it is exactly what Bailiff writes."""
    match _command(value.split(" ")):
        case QueryCommand(query) if query.text == value:
            return query
    raise Refused(OLD_BUTTON)


def _command(words: Sequence[str | Mention]) -> Command | None:
    match words:
        case [str(command), *filters] if command.lower() in set(View):
            return _query_command(View(command.lower()), filters)
        case [str(command)] if command.lower() == "help":
            return HelpCommand()
        case [str(command), *rest] if command.lower() == "delegate":
            return read_delegate(rest)
        case [str(command), *rest] if command.lower() == "delegates":
            return read_delegates(rest)
        case [str(command), *rest] if command.lower() == "brake":
            return read_brake(rest)
    return None


def _query_command(view: View, filters: Sequence[str | Mention]) -> Command:
    words = tuple(with_whole_rules(with_whole_costs([word for word in filters if isinstance(word, str)])))
    users = tuple(dict.fromkeys(word for word in filters if isinstance(word, Mention)))
    if len(words) + len(users) > MAX_FILTERS:
        return TooManyFilters()
    if wrong := wrong_costs(words):
        return WrongCost(" ".join(wrong))
    if unknown := [word for word in words if not is_filter(word)]:
        return UnknownFilter(unknown[0])
    return QueryCommand(ReportQuery(view, read_filter(words)), users)
