"""The most similar choices are suggested, all that are equally similar, and nothing that is not similar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.messages.suggestions import did_you_mean

CHOICES = ("eu-west-1", "eu-west-3", "us-east-1", "abandoned", "111122223333")


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("eu-wset-1", " Did you mean “eu-west-1”?"),
        ("EUWEST3", " Did you mean “eu-west-3”?"),
        ("eu-west-2", " Did you mean “eu-west-1” or “eu-west-3”?"),
        ("abandon", " Did you mean “abandoned”?"),
        ("11112222333", " Did you mean “111122223333”?"),
        *((word, "") for word in ("", "x", "everything", "\x00", "e" * 5_000)),
    ],
)
def test_similar_choices_are_suggested(word: str, question: str) -> None:
    assert did_you_mean(word, CHOICES) == did_you_mean(word, CHOICES[::-1]) == question


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=5))
def test_only_choices_are_suggested(word: str, choices: list[str]) -> None:
    question = did_you_mean(word, choices)
    assert not question or any(question.startswith(f" Did you mean “{choice}”") for choice in choices)
