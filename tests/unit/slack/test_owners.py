import pytest

from bailiff_bot.domain.owner import Debts, Owner, Unclaimed
from bailiff_bot.service import Digest, Untold
from bailiff_bot.slack.message import Message
from bailiff_bot.slack.owners import after_nudges, before_nudges
from tests.unit.builders import NOW, instance, report
from tests.unit.slack.looking import check, nodes, shown

FOUND = report(instance(1, "agr-a", age=40), instance(2, "mlg-a", age=40), instance(3, "zzz-a"))
ROWS = FOUND.owing
ADA = Debts(Owner("U1", "Ada <!here>"), ("AGR",), ROWS[:1])
MEL = Debts(Owner("U2", "Mel"), ("MLG", "mel@octo.example"), ROWS[:2])
NOBODY = Unclaimed("ZZZ", "the directory does not know it", ROWS[:1])


def digest(
    *debts: Debts, unclaimed: tuple[Unclaimed, ...] = (), nudges: str = "on", preview_for: str | None = None
) -> Digest:
    return Digest(FOUND, debts, unclaimed, nudges, preview_for)


COVERAGE = "1 of 1 region read, 4 min ago"


def drawn(message: Message | None) -> list[str]:
    assert message
    check(message)
    return shown(message).splitlines()


@pytest.mark.parametrize(
    ("nudges", "heading"),
    [
        ("on", "Being told in a direct message:"),
        ("dry-run", "Would be told in a direct message (BAILIFF_NUDGES is dry-run):"),
        ("off", "Found, and not told (BAILIFF_NUDGES is off):"),
    ],
)
def test_the_thread_says_who_is_told_or_would_be(nudges: str, heading: str) -> None:
    assert drawn(before_nudges(digest(ADA, MEL, nudges=nudges), NOW)) == [
        heading,
        "Ada <!here> (AGR): 1 instance",
        "Mel (MLG, mel@octo.example): 2 instances",
        COVERAGE,
    ]


def test_a_preview_says_who_would_be_told_because_nobody_is() -> None:
    lines = drawn(before_nudges(digest(ADA, preview_for="U9"), NOW))
    assert lines[0].startswith("Would be told in a direct message")


def test_a_preview_does_not_say_that_nudges_are_set_to_what_they_are_not() -> None:
    assert "dry-run" not in drawn(before_nudges(digest(ADA, preview_for="U9"), NOW))[0]


def test_whom_nobody_was_found_for_is_listed_with_the_step_at_which_it_failed() -> None:
    assert drawn(before_nudges(digest(unclaimed=(NOBODY,)), NOW)) == [
        "Nobody to tell:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


def test_afterwards_the_thread_says_who_was_told_and_who_could_not_be() -> None:
    lines = drawn(after_nudges(digest(ADA, MEL, unclaimed=(NOBODY,)), (Untold(MEL, "Slack refused it"),), NOW))
    assert lines == [
        "Told in a direct message:",
        "Ada <!here> (AGR): 1 instance",
        "Could not be told:",
        "Mel (MLG, mel@octo.example): 2 instances: Slack refused it",
        "Nobody to tell:",
        "ZZZ (1 instance): the directory does not know it",
        COVERAGE,
    ]


def test_where_there_is_nobody_to_speak_of_nothing_is_said() -> None:
    assert before_nudges(digest(), NOW) is None
    assert after_nudges(digest(), (), NOW) is None


def test_an_owner_is_named_and_not_mentioned() -> None:
    message = before_nudges(digest(ADA), NOW)
    assert message
    assert {node["type"] for node in nodes(message.blocks) if "type" in node} <= {
        *("rich_text", "rich_text_section", "rich_text_list", "text", "context", "plain_text"),
    }
    assert "U1" not in shown(message)


def test_the_notification_counts_each_list() -> None:
    message = after_nudges(digest(ADA, MEL, unclaimed=(NOBODY,)), (), NOW)
    assert message
    assert message.text == "Owners: told in a direct message: 2, nobody to tell: 1."


def test_three_thousand_owners_fit_and_the_rest_is_counted() -> None:
    debts = tuple(Debts(Owner(f"U{number}", f"Owner {number}"), ("AGR",), ROWS[:1]) for number in range(3_000))
    failures = tuple(Untold(one, "Slack refused it") for one in debts[::2])
    nobody = tuple(Unclaimed(f"{number}@octo.example", "no active Slack user", ROWS[:1]) for number in range(3_000))
    for message in (
        before_nudges(digest(*debts, unclaimed=nobody), NOW),
        after_nudges(digest(*debts, unclaimed=nobody), failures, NOW),
    ):
        assert "more; the CSV has every instance with its owner." in "\n".join(drawn(message))


def test_an_owner_of_very_many_identifiers_is_still_listed() -> None:
    whose = tuple(f"A{number:03}" for number in range(800))
    assert before_nudges(digest(Debts(Owner("U1", "Ada"), whose, ROWS[:1])), NOW)
