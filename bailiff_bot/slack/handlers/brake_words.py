"""Reads what is typed after `/bailiff brake`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bailiff_bot.messages.brake import SWITCH_WORDS, wrong_switch
from bailiff_bot.slack.handlers.typed_words import Mention


@dataclass(frozen=True, slots=True)
class BrakeCommand:
    """`brake`: its state, or to switch it."""

    is_on: bool | None = None
    """None if it is only to be shown."""


@dataclass(frozen=True, slots=True)
class WrongBrakeCommand:
    """`brake` with something that it does not take."""

    answer: str
    """A sentence that says what is wrong."""


def read_brake(words: Sequence[str | Mention]) -> BrakeCommand | WrongBrakeCommand:
    """Return what the words after `brake` mean."""
    typed = [f"@{word.name}" if isinstance(word, Mention) else word for word in words]
    match [word.lower() for word in typed]:
        case []:
            return BrakeCommand()
        case [word] if word in SWITCH_WORDS:
            return BrakeCommand(is_on=word == "on")
    return WrongBrakeCommand(wrong_switch(" ".join(typed)))
