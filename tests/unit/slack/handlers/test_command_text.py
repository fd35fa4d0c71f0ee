import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.messages.answers import usage
from bailiff_bot.slack.handlers.command_text import (
    Command,
    HelpCommand,
    MineCommand,
    ReportCommand,
    UnknownCommand,
    parse,
)
from tests.builders import HOSTILE_TEXTS
from tests.message_checks import check_message, rendered

WORDS = st.sampled_from([*HOSTILE_TEXTS, "report", "mine", "help", "MINE", "AGR", "agr-x", " "])
TYPED = st.lists(WORDS | st.text(max_size=300), max_size=6).map("".join)


def escaped(text: str) -> str:
    """Return a text as Slack escapes it for the bot."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("report", ReportCommand()),
        ("  REPORT ", ReportCommand()),
        ("mine", MineCommand()),
        ("Mine agr", MineCommand("AGR")),
        ("mine\tPADE", MineCommand("PADE")),
        ("help", HelpCommand()),
        ("", UnknownCommand("")),
        ("   ", UnknownCommand("")),
        ("report now", UnknownCommand("report now")),
        ("mine agr mlg", UnknownCommand("mine agr mlg")),
        ("mine ab", UnknownCommand("mine ab")),
        ("mine agré", UnknownCommand("mine agré")),
        ("mine <@U0AGR00001|ada>", UnknownCommand("mine <@U0AGR00001|ada>")),
        ("reprot", UnknownCommand("reprot")),
        ("h&lt;lp", UnknownCommand("h<lp")),
        ("&amp;lt;", UnknownCommand("&lt;")),
    ],
)
def test_a_text_is_parsed_or_returned_as_unknown(typed: str, command: Command) -> None:
    assert parse(typed) == command


@given(TYPED)
@example("\x00")
@example("&#xD800;")
@example("&#99999999;")
def test_any_text_is_answered(typed: str) -> None:
    command = parse(typed)
    if isinstance(command, UnknownCommand):
        check_message(rendered(usage(command.words)))


@given(TYPED)
def test_an_unknown_text_is_returned_unchanged(typed: str) -> None:
    command = parse(escaped(typed))
    assert not isinstance(command, UnknownCommand) or command.words == typed.strip()


@pytest.mark.parametrize("text", ["/bailiff report", "/bailiff mine", "/bailiff mine AGR", "/bailiff help"])
def test_every_command_of_the_help_is_known(text: str) -> None:
    assert not isinstance(parse(text.removeprefix("/bailiff")), UnknownCommand)
