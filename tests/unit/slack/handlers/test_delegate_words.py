"""What is typed after `/bailiff delegate`: a user, a duration, an identifier, or a sentence that says what is wrong."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.messages.document import sentence
from bailiff_bot.slack.handlers.command_text import parse
from bailiff_bot.slack.handlers.delegate_words import (
    DelegateCommand,
    DelegatesCommand,
    EndDelegationCommand,
    WrongDelegateCommand,
)
from bailiff_bot.slack.handlers.typed_words import Mention
from tests.builders import HOSTILE_TEXTS
from tests.message_checks import check_message, rendered

HUGO = Mention("U0HRO00001", "hugo")
FORTNIGHT = timedelta(days=14)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("delegate <@U0HRO00001|hugo> 14d", DelegateCommand(HUGO, FORTNIGHT)),
        ("DELEGATE <@U0HRO00001|hugo> 14d agr", DelegateCommand(HUGO, FORTNIGHT, "AGR")),
        ("delegate <@U0HRO00001|hugo>", DelegateCommand(HUGO)),
        ("delegate <@U0HRO00001|hugo> AGR", DelegateCommand(HUGO, None, "AGR")),
        ("delegate <@U0HRO00001|hugo> AGR 14d", DelegateCommand(HUGO, FORTNIGHT, "AGR")),
        ("delegate AGR, 14d <@U0HRO00001|hugo>", DelegateCommand(HUGO, FORTNIGHT, "AGR")),
        ("delegate <@U0HRO00001|hugo> 14 days", DelegateCommand(HUGO, FORTNIGHT)),
        ("delegate <@U0HRO00001|hugo> 14 days PADE", DelegateCommand(HUGO, FORTNIGHT, "PADE")),
        ("delegate <@U0HRO00001|hugo> 1w 7 days", DelegateCommand(HUGO, FORTNIGHT)),
        ("delegate “<@U0HRO00001|hugo>” 14d.", DelegateCommand(HUGO, FORTNIGHT)),
        ("delegate <@U0HRO00001> 14d", DelegateCommand(Mention("U0HRO00001"), FORTNIGHT)),
        ("delegate <@U0HRO00001|hugo> off", EndDelegationCommand(HUGO)),
        ("delegate End <@U0HRO00001|hugo>", EndDelegationCommand(HUGO)),
        ("delegates", DelegatesCommand()),
        (" Delegates ", DelegatesCommand()),
    ],
)
def test_it_is_read_in_any_order(typed: str, command: object) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("delegate", "Who should act for you? Name a member: /bailiff delegate @name 14d"),
        ("delegate 14d AGR", "Who should act for you?"),
        ("delegate @hugo 14d", "Slack did not recognize “@hugo”: choose the person from the list"),
        ("delegate <@U0HRO00001|hugo> <@U0AGR00001|ada> 14d", "Name one person at a time"),
        ("delegate <@U0HRO00001|hugo> 14", "'14' is not a duration: write a number and a unit, such as 7d, 2w or 36h."),
        ("delegate <@U0HRO00001|hugo> 0d", "'0d' should be more than nothing"),
        ("delegate <@U0HRO00001|hugo> 14d AGR MLG", "is not a duration"),
        ("delegate <@U0HRO00001|hugo> of", "Did you mean “off”?"),
        ("delegate <@U0HRO00001|hugo> -3d", "'-3d' should be more than nothing, and at most 365d."),
        ("delegate <@U0HRO00001|hugo> 366d", "and at most 365d."),
        ("delegates 14d", "Did you mean “/bailiff delegate”?"),
        ("delegates <@U0HRO00001|hugo> 14d", "without “@hugo”"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(typed: str, sentence: str) -> None:
    command = parse(typed)
    assert isinstance(command, WrongDelegateCommand)
    assert sentence in command.answer


def test_a_mistyped_command_is_recognized() -> None:
    assert "UnknownCommand" in repr(parse("delgate <@U0HRO00001|hugo> 14d"))


WORDS = st.sampled_from(
    [*HOSTILE_TEXTS, "<@U0HRO00001|hugo>", "<@U0HRO00001>", "14d", "2 weeks", "AGR", "off", "end", "@hugo", "14", "<"]
)


@given(st.lists(WORDS | st.text(max_size=100), max_size=8).map(" ".join))
@example("<@U0HRO00001|hugo> " + "9" * 5000)
@example("<@U0HRO00001|hugo> 99999999999999999d")
def test_whatever_is_typed_is_read_or_answered(typed: str) -> None:
    match parse(f"delegate {typed}"):
        case DelegateCommand(_, time, identifier):
            assert time is None or time > timedelta()
            assert identifier == identifier.upper()
        case WrongDelegateCommand(answer):
            check_message(rendered(sentence(answer)))
            assert len(answer) < 600
        case command:
            assert isinstance(command, EndDelegationCommand)
