"""Reads what is typed after `/bailiff delegate` and `/bailiff delegates`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bailiff_bot.domain.delegation import MAX_TIME
from bailiff_bot.domain.identifier import is_identifier
from bailiff_bot.messages.delegations import END_WORDS, ONE_PERSON, no_user, not_a_list, wrong_time
from bailiff_bot.slack.handlers.typed_words import Mention
from bailiff_bot.usecases.durations import parse_duration


@dataclass(frozen=True, slots=True)
class DelegateCommand:
    """`delegate`: a user acts for the one who types."""

    user: Mention
    time: timedelta | None = None
    """None if no duration is typed."""
    identifier: str = ""
    """Upper case; empty if none is typed."""


@dataclass(frozen=True, slots=True)
class EndDelegationCommand:
    """`delegate @user off`: a user does not act any more for the one who types."""

    user: Mention


@dataclass(frozen=True, slots=True)
class DelegatesCommand:
    """`delegates`: who acts for whom."""


@dataclass(frozen=True, slots=True)
class WrongDelegateCommand:
    """One of these commands with something that it does not take."""

    answer: str
    """A sentence that says what is wrong."""


def read_delegates(words: Sequence[str | Mention]) -> DelegatesCommand | WrongDelegateCommand:
    """Return what the words after `delegates` mean."""
    if not words:
        return DelegatesCommand()
    word = words[0]
    return WrongDelegateCommand(not_a_list(f"@{word.name}" if isinstance(word, Mention) else word))


def read_delegate(
    words: Sequence[str | Mention],
) -> DelegateCommand | EndDelegationCommand | WrongDelegateCommand:
    """Return what the words after `delegate` mean: a user, a duration and an identifier, in any order."""
    users = tuple(dict.fromkeys(word.user_id for word in words if isinstance(word, Mention)))
    typed = [word for word in words if isinstance(word, str)]
    if not users:
        return WrongDelegateCommand(no_user(typed))
    if len(users) > 1:
        return WrongDelegateCommand(ONE_PERSON)
    user = next(word for word in words if isinstance(word, Mention))
    if [word.lower() for word in typed] in [[word] for word in END_WORDS]:
        return EndDelegationCommand(user)
    return _with_time(user, typed)


def _with_time(user: Mention, typed: Sequence[str]) -> DelegateCommand | WrongDelegateCommand:
    problem = ""
    for words, identifier in _readings(typed):
        try:
            time = parse_duration(" ".join(words), MAX_TIME) if words else None
        except ValueError as error:
            problem = str(error)
        else:
            return DelegateCommand(user, time, identifier.upper())
    return WrongDelegateCommand(wrong_time(typed, problem))


def _readings(typed: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Yield the words of the duration and the identifier, as they may be meant: in `14 days`, `days` is a unit."""
    yield typed, ""
    if typed and is_identifier(typed[0]):
        yield typed[1:], typed[0]
    if typed and is_identifier(typed[-1]):
        yield typed[:-1], typed[-1]
