"""What people type, and what they see: the real bot, over real sockets, with a snapshot at hand."""

import re
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bailiff_bot.sandbox.aws.fleet import ADA, HECTOR
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.sandbox.slack.base_types import Json
from tests.integration.bot.conftest import (
    CLEAN,
    FLEET_REGIONS,
    INVISIBLE,
    PATIENCE,
    VISIBLE,
    Audience,
    ids,
    ids_of,
    keyed,
)

NOTIFYING = frozenset({"user", "usergroup", "broadcast", "channel", "team"})
ADAS_DEBTS = ids_of(*(one for one in ADA if one.verdict not in CLEAN)) | keyed("tagged-identifier")
HECTORS_DEBTS = ids_of(*(one for one in HECTOR if one.verdict not in CLEAN | INVISIBLE)) | keyed("tagged-address")


@pytest.fixture(scope="module", autouse=True)
def _bot(stage: Stage) -> Iterator[None]:
    """Start the bot, and let it have looked at AWS once."""
    stage.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    Audience(stage).asks("ada", "/bailiff report")
    yield
    assert not [one for one in stage.slack.driver.failures() if one.kind != "refused"]


def test_a_report_is_seen_by_who_asked_and_by_nobody_else(audience: Audience) -> None:
    billies = audience.screen("bill", "cloud-costs")
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    assert answer.is_ephemeral
    assert billies.new() == []


def test_with_a_snapshot_the_report_is_the_only_and_first_answer(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    assert "instances owe something" in answer.words


def test_the_counts_of_a_report_add_up_to_the_fleet(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    counts = [int(count) for count in re.findall(r"^(\d+)\n  ", answer.words, re.MULTILINE)]
    assert sum(counts) == len(VISIBLE)
    assert f"of {len(VISIBLE)} instances" in answer.words


def test_a_report_says_what_was_not_read_and_why_and_how_old_it_is(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    assert "9 of 10 regions of 2 accounts read" in answer.words
    assert "not read: 111122223333/sa-east-1 (access denied)" in answer.words
    assert "just now" in answer.words or "min ago" in answer.words


def test_a_reports_notification_says_as_much_as_its_blocks(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    assert "instances owe something" in answer.text
    assert "sa-east-1 (access denied)" in answer.text


def test_a_report_in_an_internal_channel_can_be_shared_and_had_in_full(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    assert answer.buttons == ["Share in channel", "Full report"]


@pytest.mark.parametrize(("who", "debts", "count"), [("ada", ADAS_DEBTS, 8), ("hector", HECTORS_DEBTS, 7)])
def test_mine_shows_ones_own_debts_and_nothing_of_others(
    audience: Audience, who: str, debts: set[str], count: int
) -> None:
    (answer,) = audience.asks(who, "/bailiff mine", "general")
    assert answer.is_ephemeral
    assert ids(answer.words) == debts
    assert f"{len(debts)} of {count} instances" in answer.words


def test_mine_says_what_to_do_about_each_broken_rule(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff mine")
    for remedy in ("Name it", "Delete it", "Still needed? Stop it", "Recreate it in eu-west-1"):
        assert remedy in answer.words


def test_mine_of_who_owes_nothing_says_so_and_claims_nothing_of_what_was_not_read(audience: Audience) -> None:
    (answer,) = audience.asks("nadia", "/bailiff mine")
    assert answer.words.startswith("NABE: Nothing is owed by ")
    assert "2 instances in what could be read" in answer.words
    assert "sa-east-1 (access denied)" in answer.words
    assert ids(answer.words) == set()


@pytest.mark.parametrize(("who", "address"), [("malo", "mlg@octo.example"), ("bill", "bill@octo.example")])
def test_mine_of_who_has_no_identifier_in_the_directory_says_why_and_what_to_do(
    audience: Audience, who: str, address: str
) -> None:
    (answer,) = audience.asks(who, "/bailiff mine")
    assert f"The directory knows no identifier of {address}" in answer.words
    assert "ask whoever keeps it to add yours" in answer.words
    assert "/bailiff mine AGR" in answer.words
    assert ids(answer.words) == set()


@pytest.mark.parametrize("typed", ["/bailiff mine HRO", "/bailiff mine hro", "/bailiff  MINE  Hro"])
def test_mine_with_an_identifier_shows_those_of_that_identifier(audience: Audience, typed: str) -> None:
    (answer,) = audience.asks("ada", typed)
    assert ids(answer.words) == HECTORS_DEBTS - keyed("tagged-address")


def test_mine_with_an_identifier_that_nothing_stands_under_claims_nothing_of_what_was_not_read(
    audience: Audience,
) -> None:
    (answer,) = audience.asks("ada", "/bailiff mine ZZZ")
    assert "ZZZ: There are no instances in what could be read" in answer.words
    assert answer.buttons == []


def test_help_lists_what_there_is_to_type(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff help")
    for typed in ("/bailiff report", "/bailiff mine", "/bailiff mine AGR", "/bailiff help"):
        assert typed in answer.words


def test_an_empty_command_gets_the_usage(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff")
    assert "What shall Bailiff do?" in answer.words
    assert "/bailiff report" in answer.words


def test_unknown_words_are_repeated_with_the_usage(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff repotr please")
    assert "Bailiff does not know “repotr please”" in answer.words
    assert "/bailiff report" in answer.words


@pytest.mark.parametrize(
    "typed", ["<!channel>", "<@U0HRO00003> mine", "<!subteam^S0123>", "*mine* `x` ```", "&lt;!here&gt;"]
)
def test_hostile_words_come_back_as_they_were_typed_and_notify_nobody(audience: Audience, typed: str) -> None:
    (answer,) = audience.asks("ada", f"/bailiff {typed}")
    assert f"“{typed}”" in answer.words
    assert not NOTIFYING & {one.get("type") for one in _elements(list(answer.blocks))}
    assert "<" not in answer.text


def test_an_address_that_is_typed_is_no_link_in_the_answer(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff <https://evil.example|mine>")
    assert "evil.example" in answer.words
    assert "link" not in {one.get("type") for one in _elements(list(answer.blocks))}
    assert "<" not in answer.text


def test_three_thousand_characters_get_an_answer_that_stays_short(audience: Audience) -> None:
    (answer,) = audience.asks("ada", f"/bailiff {'x' * 3_000}")
    assert "Bailiff does not know “xxx" in answer.words
    assert len(answer.words) < 600


@pytest.mark.parametrize(("who", "why"), [("gus", "a guest"), ("sam", "a member of another company")])
@pytest.mark.parametrize("typed", ["/bailiff report", "/bailiff mine HRO", "/bailiff help", "/bailiff"])
def test_who_is_no_full_member_gets_a_refusal_and_nothing_else(
    audience: Audience, who: str, why: str, typed: str
) -> None:
    (answer,) = audience.asks(who, typed)
    assert answer.words == f"Bailiff answers full members of this workspace only; you are {why} in Slack."
    assert audience.calls("chat.postMessage") == []


def test_a_stranger_in_the_shared_channel_gets_a_refusal(audience: Audience) -> None:
    (answer,) = audience.asks("sam", "/bailiff report", "with-partner")
    assert answer.is_ephemeral
    assert "full members of this workspace only" in answer.words


def test_when_slack_does_not_say_who_asks_there_is_an_apology_in_one_line(audience: Audience) -> None:
    audience.driver.fault("server_error", "users.info")
    (answer,) = audience.asks("ada", "/bailiff report")
    assert answer.words.startswith("That did not work.")
    assert "\n" not in answer.words
    assert ids(answer.words) == set()


def test_a_click_on_a_button_of_another_version_is_acknowledged(audience: Audience, stage: Stage) -> None:
    button = {"type": "button", "action_id": "of_long_ago", "text": {"type": "plain_text", "text": "Old"}}
    client = WebClient(token=stage.slack.bot_token, base_url=stage.slack.api_url)
    screen = audience.screen("ada", "cloud-costs")
    client.chat_postMessage(
        channel="C0COSTS001", text="An old message.", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert audience.clicks("ada", screen.wait()[0], "Old").acknowledged


def test_the_home_tab_shows_ones_own_debts_and_what_to_type(audience: Audience) -> None:
    ada = audience.driver.user("ada")
    assert ada.opens_home().acknowledged
    home = audience.driver.wait_for(ada.home, PATIENCE)
    assert home is not None
    assert ids(home.words) == ADAS_DEBTS
    assert "/bailiff report" in home.words


def test_the_home_tab_of_a_guest_shows_a_refusal_alone(audience: Audience) -> None:
    gus = audience.driver.user("gus")
    assert gus.opens_home().acknowledged
    home = audience.driver.wait_for(gus.home, PATIENCE)
    assert home is not None
    assert home.words == "Bailiff answers full members of this workspace only; you are a guest in Slack."


def test_names_that_would_mention_or_link_are_shown_as_they_are(audience: Audience) -> None:
    (answer,) = audience.asks("hector", "/bailiff mine")
    assert "hro <https://evil.example|click>" in answer.words
    links = {one["url"] for one in _elements(list(answer.blocks)) if one.get("type") == "link"}
    assert links
    assert all(".console.aws.amazon.com/" in address for address in links)


def test_every_answer_is_private_wherever_it_was_asked_for(audience: Audience) -> None:
    answers: list[Seen] = [
        *audience.asks("bill", "/bailiff report", "ops-private"),
        *audience.asks("ada", "/bailiff help", "with-partner"),
        *audience.asks("ada", "/bailiff mine", "general"),
    ]
    assert all(answer.is_ephemeral for answer in answers)


def _elements(thing: object) -> Iterator[Json]:
    if isinstance(thing, list):
        for item in thing:
            yield from _elements(item)
    elif isinstance(thing, dict):
        yield thing
        yield from _elements(list(thing.values()))
