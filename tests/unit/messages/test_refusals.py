import pytest

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.messages.refusals import refusal_sentence


@pytest.mark.parametrize("reason", [*Refusal, None])
def test_each_reason_is_one_sentence(reason: Refusal | None) -> None:
    text = refusal_sentence(Action.KEEP, reason, "AGR")
    assert text[0].isupper()
    assert text.endswith(".")
    assert text.count(".") == 1
    assert "{" not in text


def test_who_may_do_it_is_named() -> None:
    assert "its owner (AGR, mel@octo.example), or an administrator" in refusal_sentence(
        Action.KEEP, Refusal.NOT_YOURS, "AGR, mel@octo.example"
    )
    assert refusal_sentence(Action.KEEP, Refusal.NOT_YOURS, "").endswith("ask an administrator of Bailiff.")


def test_who_assigns_owners_is_an_administrator_not_an_owner() -> None:
    assert "administrator" in refusal_sentence(Action.ASSIGN, Refusal.NOT_YOURS, "AGR")
    assert "AGR" not in refusal_sentence(Action.ASSIGN, Refusal.NOT_YOURS, "AGR")
