"""Users type commands and see the answers: the real bot, over real sockets, with a snapshot."""

import re
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bailiff_bot.sandbox.aws.fleet import ADA_INSTANCES, HECTOR_INSTANCES
from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.sandbox.slack.base_types import Json
from tests.integration.bot.conftest import (
    ANSWER_TIMEOUT,
    FLEET_REGIONS,
    INVISIBLE_TABLES,
    UNFLAGGED_TABLES,
    VISIBLE_INSTANCES,
    SandboxUsers,
    ids,
    ids_by_key,
    ids_of,
)

NOTIFYING = frozenset({"user", "usergroup", "broadcast", "channel", "team"})
ADA_FLAGGED_IDS = ids_of(
    *(instance for instance in ADA_INSTANCES if instance.expected_table not in UNFLAGGED_TABLES)
) | ids_by_key("tagged-identifier")
HECTOR_FLAGGED_IDS = ids_of(
    *(instance for instance in HECTOR_INSTANCES if instance.expected_table not in UNFLAGGED_TABLES | INVISIBLE_TABLES)
) | ids_by_key("tagged-address")


@pytest.fixture(scope="module", autouse=True)
def _running_bot(sandbox: Sandbox) -> Iterator[None]:
    """Start the bot, and wait until its first scan is done."""
    sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    yield
    assert not [failure for failure in sandbox.slack.driver.failures() if failure.kind != "refused"]


def test_only_the_user_who_asks_sees_the_report(users: SandboxUsers) -> None:
    bill_view = users.view("bill", "cloud-costs")
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert answer.is_ephemeral
    assert bill_view.new_messages() == []


def test_with_a_snapshot_the_report_is_the_first_and_only_answer(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert "instances break a rule" in answer.visible_text


def test_the_counts_of_a_report_add_up_to_the_fleet(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    counts = [int(count) for count in re.findall(r"^(\d+)\n  ", answer.visible_text, re.MULTILINE)]
    assert sum(counts) == len(VISIBLE_INSTANCES)
    assert f"of {len(VISIBLE_INSTANCES)} instances" in answer.visible_text


def test_a_report_says_what_was_not_read_and_why_and_its_age(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert "9 of 10 regions of 2 accounts read" in answer.visible_text
    assert "not read: 111122223333/sa-east-1 (access denied)" in answer.visible_text
    assert "just now" in answer.visible_text or "min ago" in answer.visible_text


def test_the_notification_text_of_a_report_has_its_counts_and_coverage(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert "instances break a rule" in answer.text
    assert "sa-east-1 (access denied)" in answer.text


def test_a_report_in_an_internal_channel_has_buttons_to_share_it_and_to_get_all_of_it(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    assert answer.buttons == ["Share in channel", "Full report"]


@pytest.mark.parametrize(
    ("user", "flagged_ids", "count"), [("ada", ADA_FLAGGED_IDS, 8), ("hector", HECTOR_FLAGGED_IDS, 7)]
)
def test_mine_shows_the_users_own_findings_only(
    users: SandboxUsers, user: str, flagged_ids: set[str], count: int
) -> None:
    (answer,) = users.run_command(user, "/bailiff mine", "general")
    assert answer.is_ephemeral
    assert ids(answer.visible_text) == flagged_ids
    assert f"{len(flagged_ids)} of {count} instances" in answer.visible_text


def test_mine_says_what_to_do_about_each_broken_rule(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff mine")
    for remedy in (
        "Add a Name tag",
        "Delete it if nobody needs it",
        "Stop it if nobody uses it",
        "Move it to eu-west-1",
    ):
        assert remedy in answer.visible_text


def test_mine_without_findings_says_so_and_names_what_was_not_read(users: SandboxUsers) -> None:
    (answer,) = users.run_command("nadia", "/bailiff mine")
    assert answer.visible_text.startswith("NABE: No instance breaks a rule ")
    assert "No instance breaks a rule in what could be read (2 instances)" in answer.visible_text
    assert "sa-east-1 (access denied)" in answer.visible_text
    assert ids(answer.visible_text) == set()


@pytest.mark.parametrize(("user", "address"), [("malo", "mlg@octo.example"), ("bill", "bill@octo.example")])
def test_mine_tells_a_user_without_an_identifier_why_and_what_to_do(
    users: SandboxUsers, user: str, address: str
) -> None:
    (answer,) = users.run_command(user, "/bailiff mine")
    assert f"The directory has no identifier for {address}" in answer.visible_text
    assert "ask its administrator to add it" in answer.visible_text
    assert "/bailiff mine AGR" in answer.visible_text
    assert ids(answer.visible_text) == set()


@pytest.mark.parametrize("command", ["/bailiff mine HRO", "/bailiff mine hro", "/bailiff  MINE  Hro"])
def test_mine_with_an_identifier_shows_the_findings_of_that_identifier(users: SandboxUsers, command: str) -> None:
    (answer,) = users.run_command("ada", command)
    assert ids(answer.visible_text) == HECTOR_FLAGGED_IDS - ids_by_key("tagged-address")


def test_mine_with_an_unused_identifier_speaks_only_of_what_could_be_read(
    users: SandboxUsers,
) -> None:
    (answer,) = users.run_command("ada", "/bailiff mine ZZZ")
    assert "ZZZ: There are no instances in what could be read" in answer.visible_text
    assert answer.buttons == []


# --- filters ---


@pytest.mark.parametrize("command", ["/bailiff report eu-west-1 AGR", "/bailiff report “agr”, EU-WEST-1"])
def test_a_report_is_filtered_by_several_words(users: SandboxUsers, command: str) -> None:
    (answer,) = users.run_command("bill", command, "cloud-costs")
    assert answer.visible_text.startswith("AGR, eu-west-1: ")
    assert answer.buttons == ["Share in channel", "Full report"]
    assert ids(answer.visible_text) <= ADA_FLAGGED_IDS
    assert "of 2 accounts read" in answer.visible_text
    assert "sa-east-1" not in answer.visible_text


def test_a_report_of_an_account_and_a_rule_counts_what_breaks_the_rule(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", f"/bailiff report {OWN_ACCOUNT} abandoned")
    assert answer.visible_text.startswith(f"account {OWN_ACCOUNT}, Stopped for 15 days or more: ")
    assert "instances break this rule" in answer.visible_text
    assert "not read: sa-east-1 (access denied)" in answer.visible_text


@pytest.mark.parametrize("command", ["/bailiff report sa-east-1", "/bailiff report sa-east-1 AGR unnamed"])
def test_a_report_of_a_region_that_was_not_read_says_so(users: SandboxUsers, command: str) -> None:
    (answer,) = users.run_command("ada", f"{command} {OWN_ACCOUNT}")
    assert "Nothing could be read" in answer.visible_text
    assert "0 of 1 region read" in answer.visible_text
    assert "No instance" not in answer.visible_text


@pytest.mark.parametrize("whom", ["@hector", "hro@octo.example", "HRO@octo.example"])
@pytest.mark.parametrize("command", ["mine", "report"])
def test_the_instances_of_somebody_else_are_found_by_name_and_address(
    users: SandboxUsers, command: str, whom: str
) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {command} {whom}")
    assert answer.visible_text.startswith("HRO and hro@octo.example: 5 of 7 instances break a rule")


def test_mine_of_somebody_else_shows_the_same_findings_as_their_own(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff mine @hector")
    assert ids(answer.visible_text) == HECTOR_FLAGGED_IDS


@pytest.mark.parametrize(
    ("whom", "sentence"),
    [
        ("@gus", "@gus is a guest in Slack, so Bailiff does not look for instances."),
        ("@sam", "@sam is a member of another company in Slack, so Bailiff does not look for instances."),
        ("@paul", "@paul is deactivated in Slack, so Bailiff does not look for instances."),
        ("@bailiff", "@bailiff is a bot in Slack, so Bailiff does not look for instances."),
        ("@bill", "The directory has no identifier for bill@octo.example: ask its administrator to add it."),
    ],
)
@pytest.mark.parametrize("command", ["mine", "report"])
def test_a_user_who_has_no_instances_is_named_with_the_reason(
    users: SandboxUsers, command: str, whom: str, sentence: str
) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {command} eu-west-1 {whom}")
    assert answer.visible_text == f"{sentence} Type the identifier instead: /bailiff {command} AGR"


@pytest.mark.parametrize(
    ("command", "question"),
    [
        ("raport", "Did you mean “report”?"),
        ("mien", "Did you mean “mine”?"),
        ("report eu-wset-1", "Bailiff does not read eu-wset-1"),
        ("report eu-wset-1 AGR", "Did you mean “eu-west-1”?"),
        ("report 11112222333", f"Did you mean “{OWN_ACCOUNT}”?"),
        ("report abandonned AGR", "Did you mean “abandoned”?"),
        ("mine <@U0HRO00003>", "Unknown filter “<@U0HRO00003>”."),
        ("mine @nobody", "Unknown filter “@nobody”."),
        ("report " + "AGR " * 7 + "mlg", "Too many filters"),
    ],
)
def test_a_mistyped_command_is_answered_with_what_was_meant_and_not_executed(
    users: SandboxUsers, command: str, question: str
) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {command}")
    assert question in answer.visible_text
    assert ids(answer.visible_text) == set()
    assert answer.buttons == []


def test_help_lists_the_commands(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff help")
    for command in ("/bailiff report", "/bailiff mine", "/bailiff mine AGR", "/bailiff help"):
        assert command in answer.visible_text


def test_an_empty_command_gets_the_usage(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff")
    assert "Choose a command" in answer.visible_text
    assert "/bailiff report" in answer.visible_text


def test_an_unknown_command_is_repeated_with_the_usage(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff repotr please")
    assert "Unknown command “repotr please”" in answer.visible_text
    assert "/bailiff report" in answer.visible_text


@pytest.mark.parametrize(
    "command", ["<!channel>", "<@U0HRO00003> mine", "<!subteam^S0123>", "*mine* `x` ```", "&lt;!here&gt;"]
)
def test_hostile_words_are_repeated_as_typed_and_notify_nobody(users: SandboxUsers, command: str) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {command}")
    assert f"“{command}”" in answer.visible_text
    assert not NOTIFYING & {element.get("type") for element in _elements(list(answer.blocks))}
    assert "<" not in answer.text


def test_a_typed_address_is_not_a_link_in_the_answer(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff <https://evil.example|mine>")
    assert "evil.example" in answer.visible_text
    assert "link" not in {element.get("type") for element in _elements(list(answer.blocks))}
    assert "<" not in answer.text


def test_a_command_of_three_thousand_characters_gets_a_short_answer(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", f"/bailiff {'x' * 3_000}")
    assert "Unknown command “xxx" in answer.visible_text
    assert len(answer.visible_text) < 900


@pytest.mark.parametrize(("user", "reason"), [("gus", "a guest"), ("sam", "a member of another company")])
@pytest.mark.parametrize("command", ["/bailiff report", "/bailiff mine HRO", "/bailiff help", "/bailiff"])
def test_a_user_who_is_no_full_member_gets_a_refusal_only(
    users: SandboxUsers, user: str, reason: str, command: str
) -> None:
    (answer,) = users.run_command(user, command)
    assert answer.visible_text == f"Bailiff answers only full members of this workspace; you are {reason} in Slack."
    assert users.calls("chat.postMessage") == []


def test_a_member_of_another_company_gets_a_refusal_in_the_shared_channel(users: SandboxUsers) -> None:
    (answer,) = users.run_command("sam", "/bailiff report", "with-partner")
    assert answer.is_ephemeral
    assert "only full members of this workspace" in answer.visible_text


def test_when_slack_does_not_say_who_asks_the_answer_is_one_line(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "users.info")
    (answer,) = users.run_command("ada", "/bailiff report")
    assert answer.visible_text.startswith("That did not work.")
    assert "\n" not in answer.visible_text
    assert ids(answer.visible_text) == set()


def test_a_click_on_a_button_of_an_older_version_is_acknowledged(users: SandboxUsers, sandbox: Sandbox) -> None:
    button = {"type": "button", "action_id": "of_long_ago", "text": {"type": "plain_text", "text": "Old"}}
    client = WebClient(token=sandbox.slack.bot_token, base_url=sandbox.slack.api_url)
    view = users.view("ada", "cloud-costs")
    client.chat_postMessage(
        channel="C0COSTS001", text="An old message.", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert users.click("ada", view.wait_for_messages()[0], "Old").acknowledged


def test_the_home_tab_shows_the_users_own_findings_and_the_commands(users: SandboxUsers) -> None:
    ada = users.driver.user("ada")
    assert ada.open_home().acknowledged
    home = users.driver.wait_for(ada.home, ANSWER_TIMEOUT)
    assert home is not None
    assert ids(home.visible_text) == ADA_FLAGGED_IDS
    assert "/bailiff report" in home.visible_text


def test_the_home_tab_of_a_guest_shows_only_a_refusal(users: SandboxUsers) -> None:
    gus = users.driver.user("gus")
    assert gus.open_home().acknowledged
    home = users.driver.wait_for(gus.home, ANSWER_TIMEOUT)
    assert home is not None
    assert home.visible_text == "Bailiff answers only full members of this workspace; you are a guest in Slack."


def test_names_with_mentions_or_links_are_shown_as_plain_text(users: SandboxUsers) -> None:
    (answer,) = users.run_command("hector", "/bailiff mine")
    assert "hro <https://evil.example|click>" in answer.visible_text
    links = {element["url"] for element in _elements(list(answer.blocks)) if element.get("type") == "link"}
    assert links
    assert all(".console.aws.amazon.com/" in address for address in links)


def test_every_answer_is_private_in_every_kind_of_channel(users: SandboxUsers) -> None:
    answers: list[RenderedMessage] = [
        *users.run_command("bill", "/bailiff report", "ops-private"),
        *users.run_command("ada", "/bailiff help", "with-partner"),
        *users.run_command("ada", "/bailiff mine", "general"),
    ]
    assert all(answer.is_ephemeral for answer in answers)


def _elements(value: object) -> Iterator[Json]:
    if isinstance(value, list):
        for element in value:
            yield from _elements(element)
    elif isinstance(value, dict):
        yield value
        yield from _elements(list(value.values()))


def test_anybody_may_ask_why_and_alone_sees_the_answer(users: SandboxUsers) -> None:
    ada_view = users.view("ada", "cloud-costs")
    [instance] = ids_by_key("agr-gpu")
    (answer,) = users.run_command("bill", f"/bailiff why {instance}", "cloud-costs")
    assert answer.is_ephemeral
    assert "agr-gpu-training" in answer.visible_text
    assert "breaks 1 rule" in answer.visible_text
    assert "EC2's LaunchTime" in answer.visible_text
    assert ada_view.new_messages() == []


@pytest.mark.parametrize("name", ["hro.gateway", "MLG DEMO", "mlg demo", "agr-<!channel>", "1e3", "agr-notebook"])
def test_an_instance_is_explained_by_its_name(users: SandboxUsers, name: str) -> None:
    (answer,) = users.run_command("ada", f"/bailiff why {name}")
    assert f"{name.casefold()} (i-" in answer.visible_text.casefold()
    assert "What" not in answer.visible_text.splitlines()[0]


def test_why_says_what_was_not_read_if_nothing_is_found(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff why hro-spare")  # in a region that cannot be read
    assert "No instance has the id or the name “hro-spare”" in answer.visible_text
    assert "It may be where Bailiff could not read." in answer.visible_text
    assert "sa-east-1 (access denied)" in answer.visible_text
