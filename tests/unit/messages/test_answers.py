import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.action import Action
from bailiff_bot.messages.answers import usage
from bailiff_bot.messages.formatting import visible
from tests.builders import HOSTILE_TEXTS
from tests.message_checks import check_message, nodes, rendered, texts_with_control_characters, visible_text

TYPED = st.lists(st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=300), max_size=6).map("".join)


@given(st.text(st.sampled_from("abc<>&!@#`*_:"), min_size=1, max_size=60).map(str.strip).filter(bool))
def test_the_help_repeats_the_unknown_text(word: str) -> None:
    assert f"Unknown command “{word}”" in visible_text(rendered(usage(word)))
    assert f"“{word}”" in rendered(usage(word)).text


@given(TYPED.filter(bool))
def test_the_help_repeats_only_the_beginning_of_a_long_text(typed: str) -> None:
    head = visible_text(rendered(usage(typed))).splitlines()[0].removeprefix("Unknown command “").removesuffix("”")
    assert visible(typed).startswith(head.removesuffix("…"))
    assert len(head) <= 60


@given(TYPED)
def test_the_help_does_not_change_the_writing_direction(typed: str) -> None:
    assert texts_with_control_characters(rendered(usage(typed))) == []


def test_the_help_asks_what_to_do_if_nothing_was_typed() -> None:
    assert visible_text(rendered(usage(""))).startswith("Choose a command")


@pytest.mark.parametrize("words", [None, "", "reprot"])
def test_the_help_names_every_command(words: str | None) -> None:
    message = rendered(usage(words))
    for command in ("report", "report eu-west-1 AGR", "mine", "mine AGR", "why agr-web", "help"):
        assert {"type": "text", "text": f"/bailiff {command}", "style": {"code": True}} in list(nodes(message.blocks))
        assert f"/bailiff {command}" in message.plain
    check_message(message)


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        *(("raport", "report"), ("reprot eu-west-1", "report"), ("REPROT", "report"), ("repots", "report")),
        *(("mien", "mine"), ("mines AGR", "mine"), ("hlep", "help"), ("halp me", "help")),
    ],
)
def test_a_mistyped_command_is_answered_with_what_was_meant(words: str, suggestion: str) -> None:
    assert f"Unknown command “{words}”. Did you mean “{suggestion}”?" in rendered(usage(words)).plain


@pytest.mark.parametrize("words", ["AGR", "eu-west-1", "everything", "x", "\u200b", "<@U1>", "r" * 3_000])
def test_nothing_is_suggested_if_no_command_is_similar(words: str) -> None:
    assert "Did you mean" not in rendered(usage(words)).plain


def test_the_brake_is_listed_only_where_something_is_changed_in_aws() -> None:
    assert "/bailiff brake" in rendered(usage(None, frozenset({Action.STOP}))).plain
    assert "brake" not in rendered(usage(None, frozenset({Action.KEEP}))).plain
    assert "Did you mean “brake”?" in rendered(usage("braek on")).plain
