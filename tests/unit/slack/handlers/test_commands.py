import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.messages.wording import visible
from bailiff_bot.slack.handlers.commands import (
    Command,
    HelpCommand,
    MineCommand,
    ReportCommand,
    UnknownCommand,
    parse,
    usage,
)
from tests.builders import HOSTILE_TEXTS
from tests.message_checks import check_message, nodes, texts_with_control_characters, visible_text

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
        check_message(usage(command.words))


@given(TYPED)
def test_an_unknown_text_is_returned_unchanged(typed: str) -> None:
    command = parse(escaped(typed))
    assert not isinstance(command, UnknownCommand) or command.words == typed.strip()


@given(st.text(st.sampled_from("abc<>&!@#`*_:"), min_size=1, max_size=60).map(str.strip).filter(bool))
def test_the_help_repeats_the_unknown_text(word: str) -> None:
    assert f"Bailiff does not know “{word}”" in visible_text(usage(word))
    assert f"“{word}”" in html.unescape(usage(word).payload()["text"])


@given(TYPED.filter(bool))
def test_the_help_repeats_only_the_beginning_of_a_long_text(typed: str) -> None:
    head = visible_text(usage(typed)).splitlines()[0].removeprefix("Bailiff does not know “").removesuffix("”")
    assert visible(typed).startswith(head.removesuffix("…"))
    assert len(head) <= 60


@given(TYPED)
def test_the_help_does_not_change_the_writing_direction(typed: str) -> None:
    assert texts_with_control_characters(usage(typed)) == []


def test_the_help_asks_what_to_do_if_nothing_was_typed() -> None:
    assert visible_text(usage("")).startswith("What shall Bailiff do?")


@pytest.mark.parametrize("words", [None, "", "reprot"])
def test_the_help_names_every_command(words: str | None) -> None:
    message = usage(words)
    for command in ("/bailiff report", "/bailiff mine", "/bailiff mine AGR", "/bailiff help"):
        assert {"type": "text", "text": command, "style": {"code": True}} in list(nodes(message.blocks))
        assert command in message.plain
    check_message(message)


@pytest.mark.parametrize("text", ["/bailiff report", "/bailiff mine", "/bailiff mine AGR", "/bailiff help"])
def test_every_command_of_the_help_is_known(text: str) -> None:
    assert not isinstance(parse(text.removeprefix("/bailiff")), UnknownCommand)
