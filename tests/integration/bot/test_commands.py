"""What people type, and what they see: the real bot, over real sockets, with a snapshot at hand."""

import re
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bailiff_bot.sandbox.aws.fleet import ADA_INSTANCES, HECTOR_INSTANCES
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.sandbox.slack.base_types import Json
from tests.integration.bot.conftest import (
    CLEAN,
    FLEET_REGIONS,
    INVISIBLE,
    PATIENCE,
    VISIBLE,
    SandboxUsers,
    ids,
    ids_by_key,
    ids_of,
)

NOTIFYING = frozenset({"user", "usergroup", "broadcast", "channel", "team"})
ADA_FLAGGED_IDS = ids_of(*(one for one in ADA_INSTANCES if one.expected_table not in CLEAN)) | ids_by_key(
    "tagged-identifier"
)
HECTOR_FLAGGED_IDS = ids_of(
    *(one for one in HECTOR_INSTANCES if one.expected_table not in CLEAN | INVISIBLE)
) | ids_by_key("tagged-address")


@pytest.fixture(scope="module", autouse=True)
def _running_bot(sandbox: Sandbox) -> Iterator[None]:
    """Start the bot, and let it have looked at AWS once."""
    sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    yield
    assert not [one for one in sandbox.slack.driver.failures() if one.kind != "refused"]


def test_a_report_is_seen_by_who_asked_and_by_nobody_else(users: SandboxUsers) -> None:
    billies = users.view("bill", "cloud-costs")
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert answer.is_ephemeral
    assert billies.new_messages() == []


def test_with_a_snapshot_the_report_is_the_only_and_first_answer(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert "instances owe something" in answer.visible_text


def test_the_counts_of_a_report_add_up_to_the_fleet(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    counts = [int(count) for count in re.findall(r"^(\d+)\n  ", answer.visible_text, re.MULTILINE)]
    assert sum(counts) == len(VISIBLE)
    assert f"of {len(VISIBLE)} instances" in answer.visible_text


def test_a_report_says_what_was_not_read_and_why_and_how_old_it_is(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert "9 of 10 regions of 2 accounts read" in answer.visible_text
    assert "not read: 111122223333/sa-east-1 (access denied)" in answer.visible_text
    assert "just now" in answer.visible_text or "min ago" in answer.visible_text


def test_a_reports_notification_says_as_much_as_its_blocks(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert "instances owe something" in answer.text
    assert "sa-east-1 (access denied)" in answer.text


def test_a_report_in_an_internal_channel_can_be_shared_and_had_in_full(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert answer.buttons == ["Share in channel", "Full report"]


@pytest.mark.parametrize(("who", "debts", "count"), [("ada", ADA_FLAGGED_IDS, 8), ("hector", HECTOR_FLAGGED_IDS, 7)])
def test_mine_shows_ones_own_findings_and_nothing_of_others(
    users: SandboxUsers, who: str, debts: set[str], count: int
) -> None:
    (answer,) = users.run_command(who, "/bailiff mine", "general")
    assert answer.is_ephemeral
    assert ids(answer.visible_text) == debts
    assert f"{len(debts)} of {count} instances" in answer.visible_text


def test_mine_says_what_to_do_about_each_broken_rule(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff mine")
    for remedy in ("Name it", "Delete it", "Still needed? Stop it", "Recreate it in eu-west-1"):
        assert remedy in answer.visible_text


def test_mine_without_findings_says_so_and_claims_nothing_of_what_was_not_read(users: SandboxUsers) -> None:
    (answer,) = users.run_command("nadia", "/bailiff mine")
    assert answer.visible_text.startswith("NABE: Nothing is owed by ")
    assert "2 instances in what could be read" in answer.visible_text
    assert "sa-east-1 (access denied)" in answer.visible_text
    assert ids(answer.visible_text) == set()


@pytest.mark.parametrize(("who", "address"), [("malo", "mlg@octo.example"), ("bill", "bill@octo.example")])
def test_mine_of_who_has_no_identifier_in_the_directory_says_why_and_what_to_do(
    users: SandboxUsers, who: str, address: str
) -> None:
    (answer,) = users.run_command(who, "/bailiff mine")
    assert f"The directory knows no identifier of {address}" in answer.visible_text
    assert "ask whoever keeps it to add yours" in answer.visible_text
    assert "/bailiff mine AGR" in answer.visible_text
    assert ids(answer.visible_text) == set()


@pytest.mark.parametrize("typed", ["/bailiff mine HRO", "/bailiff mine hro", "/bailiff  MINE  Hro"])
def test_mine_with_an_identifier_shows_those_of_that_identifier(users: SandboxUsers, typed: str) -> None:
    (answer,) = users.run_command("ada", typed)
    assert ids(answer.visible_text) == HECTOR_FLAGGED_IDS - ids_by_key("tagged-address")


def test_mine_with_an_identifier_that_nothing_stands_under_claims_nothing_of_what_was_not_read(
    users: SandboxUsers,
) -> None:
    (answer,) = users.run_command("ada", "/bailiff mine ZZZ")
    assert "ZZZ: There are no instances in what could be read" in answer.visible_text
    assert answer.buttons == []


def test_help_lists_what_there_is_to_type(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff help")
    for typed in ("/bailiff report", "/bailiff mine", "/bailiff mine AGR", "/bailiff help"):
        assert typed in answer.visible_text


def test_an_empty_command_gets_the_usage(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff")
    assert "What shall Bailiff do?" in answer.visible_text
    assert "/bailiff report" in answer.visible_text


def test_unknown_words_are_repeated_with_the_usage(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff repotr please")
    assert "Bailiff does not know “repotr please”" in answer.visible_text
    assert "/bailiff report" in answer.visible_text


@pytest.mark.parametrize(
    "typed", ["<!channel>", "<@U0HRO00003> mine", "<!subteam^S0123>", "*mine* `x` ```", "&lt;!here&gt;"]
)
def test_hostile_words_come_back_as_they_were_typed_and_notify_nobody(users: SandboxUsers, typed: str) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {typed}")
    assert f"“{typed}”" in answer.visible_text
    assert not NOTIFYING & {one.get("type") for one in _elements(list(answer.blocks))}
    assert "<" not in answer.text


def test_an_address_that_is_typed_is_no_link_in_the_answer(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff <https://evil.example|mine>")
    assert "evil.example" in answer.visible_text
    assert "link" not in {one.get("type") for one in _elements(list(answer.blocks))}
    assert "<" not in answer.text


def test_three_thousand_characters_get_an_answer_that_stays_short(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {'x' * 3_000}")
    assert "Bailiff does not know “xxx" in answer.visible_text
    assert len(answer.visible_text) < 600


@pytest.mark.parametrize(("who", "why"), [("gus", "a guest"), ("sam", "a member of another company")])
@pytest.mark.parametrize("typed", ["/bailiff report", "/bailiff mine HRO", "/bailiff help", "/bailiff"])
def test_who_is_no_full_member_gets_a_refusal_and_nothing_else(
    users: SandboxUsers, who: str, why: str, typed: str
) -> None:
    (answer,) = users.run_command(who, typed)
    assert answer.visible_text == f"Bailiff answers full members of this workspace only; you are {why} in Slack."
    assert users.calls("chat.postMessage") == []


def test_a_stranger_in_the_shared_channel_gets_a_refusal(users: SandboxUsers) -> None:
    (answer,) = users.run_command("sam", "/bailiff report", "with-partner")
    assert answer.is_ephemeral
    assert "full members of this workspace only" in answer.visible_text


def test_when_slack_does_not_say_who_asks_there_is_an_apology_in_one_line(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "users.info")
    (answer,) = users.run_command("ada", "/bailiff report")
    assert answer.visible_text.startswith("That did not work.")
    assert "\n" not in answer.visible_text
    assert ids(answer.visible_text) == set()


def test_a_click_on_a_button_of_another_version_is_acknowledged(users: SandboxUsers, sandbox: Sandbox) -> None:
    button = {"type": "button", "action_id": "of_long_ago", "text": {"type": "plain_text", "text": "Old"}}
    client = WebClient(token=sandbox.slack.bot_token, base_url=sandbox.slack.api_url)
    view = users.view("ada", "cloud-costs")
    client.chat_postMessage(
        channel="C0COSTS001", text="An old message.", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert users.click("ada", view.wait_for_messages()[0], "Old").acknowledged


def test_the_home_tab_shows_ones_own_findings_and_what_to_type(users: SandboxUsers) -> None:
    ada = users.driver.user("ada")
    assert ada.open_home().acknowledged
    home = users.driver.wait_for(ada.home, PATIENCE)
    assert home is not None
    assert ids(home.visible_text) == ADA_FLAGGED_IDS
    assert "/bailiff report" in home.visible_text


def test_the_home_tab_of_a_guest_shows_a_refusal_alone(users: SandboxUsers) -> None:
    gus = users.driver.user("gus")
    assert gus.open_home().acknowledged
    home = users.driver.wait_for(gus.home, PATIENCE)
    assert home is not None
    assert home.visible_text == "Bailiff answers full members of this workspace only; you are a guest in Slack."


def test_names_that_would_mention_or_link_are_shown_as_they_are(users: SandboxUsers) -> None:
    (answer,) = users.run_command("hector", "/bailiff mine")
    assert "hro <https://evil.example|click>" in answer.visible_text
    links = {one["url"] for one in _elements(list(answer.blocks)) if one.get("type") == "link"}
    assert links
    assert all(".console.aws.amazon.com/" in address for address in links)


def test_every_answer_is_private_wherever_it_was_asked_for(users: SandboxUsers) -> None:
    answers: list[RenderedMessage] = [
        *users.run_command("bill", "/bailiff report", "ops-private"),
        *users.run_command("ada", "/bailiff help", "with-partner"),
        *users.run_command("ada", "/bailiff mine", "general"),
    ]
    assert all(answer.is_ephemeral for answer in answers)


def _elements(thing: object) -> Iterator[Json]:
    if isinstance(thing, list):
        for item in thing:
            yield from _elements(item)
    elif isinstance(thing, dict):
        yield thing
        yield from _elements(list(thing.values()))
