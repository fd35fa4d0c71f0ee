"""What is typed after `/bailiff brake`: on, off, nothing, or a sentence that says what is wrong."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.messages.document import sentence
from bailiff_bot.slack.handlers.brake_words import BrakeCommand, WrongBrakeCommand
from bailiff_bot.slack.handlers.command_text import parse
from tests.builders import HOSTILE_TEXTS
from tests.message_checks import check_message, rendered

TYPED = st.lists(st.sampled_from([*HOSTILE_TEXTS, "on", "off", " ", "<@U1|ada>"]) | st.text(max_size=300), max_size=6)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("brake", BrakeCommand()),
        (" BRAKE  ", BrakeCommand()),
        ("brake on", BrakeCommand(is_on=True)),
        ("Brake ON.", BrakeCommand(is_on=True)),
        ("brake “off”", BrakeCommand(is_on=False)),
    ],
)
def test_it_is_read_however_it_is_typed(typed: str, command: BrakeCommand) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize("typed", ["of", "onn", "on off", "off please", "on 2h", "<@U1|ada>", "0", "true", "no"])
def test_nothing_else_switches_it(typed: str) -> None:
    command = parse(f"brake {typed}")
    assert isinstance(command, WrongBrakeCommand)
    assert "/bailiff brake on, /bailiff brake off" in command.answer


def test_what_was_probably_meant_is_asked() -> None:
    assert parse("brake of") == WrongBrakeCommand(
        "The brake is switched on or off, not “of”. Did you mean “off”? "
        "Administrators switch it: /bailiff brake on, /bailiff brake off"
    )


@given(TYPED.map("".join))
@example("\x00")
def test_any_words_are_answered_in_a_sentence_or_are_exactly_on_or_off(typed: str) -> None:
    match parse(f"brake {typed}"):
        case BrakeCommand(None):
            assert "on" not in typed.split()
        case BrakeCommand(is_on):
            assert ("on" if is_on else "off") in typed.lower()
        case WrongBrakeCommand(answer):
            check_message(rendered(sentence(answer)))
