"""The form of *Keep*: what it says of an earlier exemption."""

from datetime import UTC, date, datetime

import pytest

from bailiff_bot.messages.document import Paragraph
from bailiff_bot.messages.keep_modal import keep_form

TODAY = date(2026, 11, 23)
KEPT_UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def lines(kept_until: datetime | None, extension: int) -> list[str]:
    modal = keep_form("c", "agr-web (i-1)", TODAY, TODAY, kept_until, extension, UTC)
    return [part.text for part in modal.document.parts if isinstance(part, Paragraph)]


def test_the_first_time_it_says_nothing_of_an_extension() -> None:
    assert lines(None, 0) == ["agr-web (i-1) is not reported until the end of the day that you choose."]


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        (1, ["It is kept until 2026-11-30 already. A later day extends that: the 1st extension."]),
        (
            2,
            [
                "It is kept until 2026-11-30 already. A later day extends that: the 2nd extension.",
                "Administrators are shown this extension.",
            ],
        ),
    ],
)
def test_later_it_says_until_when_it_is_kept_and_which_extension_it_is(extension: int, expected: list[str]) -> None:
    assert lines(KEPT_UNTIL, extension)[1:] == expected
