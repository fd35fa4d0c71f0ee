"""The two buttons of a report: shared once with everybody in the channel, and sent in full to one person alone."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from bailiff_bot.sandbox.aws.fleet import ADA_INSTANCES, HECTOR_INSTANCES
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionError, RenderedMessage
from tests.integration.bot.conftest import (
    FLEET_REGIONS,
    INVISIBLE,
    VISIBLE,
    ConversationView,
    SandboxUsers,
    ids,
    ids_by_key,
    ids_of,
)

SHARE, FULL = "Share in channel", "Full report"
IN_FULL = "The full report is in your conversation with Bailiff, with every table and a CSV."
ADA_IDS = ids_of(*ADA_INSTANCES) | ids_by_key("tagged-identifier")
HECTOR_IDS = ids_of(*(one for one in HECTOR_INSTANCES if one.expected_table not in INVISIBLE)) | ids_by_key(
    "tagged-address"
)


@pytest.fixture(scope="module", autouse=True)
def _running_bot(sandbox: Sandbox) -> None:
    """Start the bot, and let it have looked at AWS once."""
    sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")


@pytest.fixture
def ada_view(users: SandboxUsers) -> ConversationView:
    """Look at the channel as Ada does."""
    return users.view("ada", "cloud-costs")


@pytest.fixture
def report(users: SandboxUsers, ada_view: ConversationView) -> RenderedMessage:
    """Return the report that Ada asked for in the channel."""
    assert ada_view.channel == "cloud-costs"
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    return answer


def press_twice(users: SandboxUsers, on: RenderedMessage, button: str) -> None:
    """Press a button twice before anything can have come of it."""
    users.driver.inject_fault("slow", "users.info", times=2, seconds=0.3)

    def press() -> None:
        with suppress(InteractionError):  # it is gone already
            assert users.click("ada", on, button).acknowledged

    with ThreadPoolExecutor() as hands:
        list(hands.map(lambda _: press(), range(2)))


def shared(messages: list[RenderedMessage]) -> list[RenderedMessage]:
    """Return what everybody sees."""
    return [message for message in messages if not message.is_ephemeral]


def all_of(view: ConversationView, parent: RenderedMessage) -> str:
    """Return the CSV in a report's thread, once it is there."""
    view.sandbox.slack.driver.wait_for(lambda: any(one.files for one in view.thread(parent)), 20.0)
    return next(file.text for message in view.thread(parent) for file in message.files)


def test_a_shared_report_is_seen_by_everybody_with_the_name_of_who_shared_it(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    billies = users.view("bill", "cloud-costs")
    users.click("ada", report, SHARE)
    (message,) = billies.wait_for_messages()
    assert not message.is_ephemeral
    assert f"of {len(VISIBLE)} instances owe something" in message.visible_text
    assert "Shared by Ada Granger." in message.visible_text
    assert "sa-east-1 (access denied)" in message.visible_text
    assert message.buttons == []


def test_a_report_is_shared_once_though_the_button_is_pressed_twice(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    billies = users.view("bill", "cloud-costs")
    press_twice(users, report, SHARE)
    ada_view.wait_for_messages(lambda _: ada_view.current(report).buttons == [FULL])
    assert len(billies.new_messages()) == 1


def test_once_shared_a_report_can_be_had_in_full_and_not_be_shared_again(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.click("ada", report, SHARE)
    ada_view.wait_for_messages(lambda _: ada_view.current(report).buttons == [FULL])
    assert "Shared in this channel." in ada_view.current(report).visible_text


def test_a_report_is_shared_once_though_its_button_could_not_be_taken_away(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.let_calls_succeed("response_url", 1)
    users.driver.inject_fault("server_error", "response_url")
    users.click("ada", report, SHARE)
    ada_view.wait_for_messages(shared)
    users.click("ada", report, SHARE)
    for _ in range(3):  # by their end, whatever the click does is done
        users.run_command("ada", "/bailiff help", "cloud-costs")
    assert len(shared(ada_view.new_messages())) == 1


def test_a_report_that_could_not_be_shared_can_be_shared_by_pressing_again(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("server_error", "users.info")
    users.click("ada", report, SHARE)
    ada_view.wait_for_messages(lambda new: any("did not work" in message.visible_text for message in new))
    users.click("ada", report, SHARE)
    assert len(shared(ada_view.wait_for_messages(shared))) == 1


@pytest.mark.parametrize(
    ("who", "channel"),
    [("ada", "with-partner"), ("ada", "bailiff"), ("bill", "ops-private")],
    ids=["shared with another company", "a direct message", "private and without the bot"],
)
def test_sharing_is_offered_in_internal_channels_alone(users: SandboxUsers, who: str, channel: str) -> None:
    (answer,) = users.run_command(who, "/bailiff report", channel)
    assert answer.buttons == [FULL]


def test_a_full_report_is_one_message_with_a_thread_in_the_askers_own_conversation(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    ada_view, billies, channel = users.view("ada"), users.view("bill"), users.view("bill", "cloud-costs")
    users.click("ada", report, FULL)
    (parent,) = ada_view.wait_for_messages()
    all_of(ada_view, parent)
    assert f"of {len(VISIBLE)} instances owe something" in parent.visible_text
    assert (billies.new_messages(), channel.new_messages()) == ([], [])


def test_a_full_report_has_every_instance_in_its_tables(users: SandboxUsers, report: RenderedMessage) -> None:
    ada_view = users.view("ada")
    users.click("ada", report, FULL)
    (parent,) = ada_view.wait_for_messages()
    all_of(ada_view, parent)
    cells = [cell for one in ada_view.thread(parent) for table in one.tables for row in table for cell in row]
    managed = {one.id for one in VISIBLE if one.expected_table == "managed"}
    assert ids(" ".join(cells)) == ids_of(*VISIBLE) - managed
    assert {"alb-workers", "platform"} <= set(cells)


def test_a_full_report_has_every_instance_and_what_was_not_read_in_its_csv(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    ada_view = users.view("ada")
    users.click("ada", report, FULL)
    rows = list(csv.DictReader(io.StringIO(all_of(ada_view, ada_view.wait_for_messages()[0]))))
    assert {row["instance_id"] for row in rows if row["instance_id"]} == ids_of(*VISIBLE)
    assert [(row["account"], row["region"]) for row in rows if row["table"] == "unread"] == [
        ("111122223333", "sa-east-1")
    ]


def test_a_full_report_comes_in_at_most_twelve_messages(users: SandboxUsers, report: RenderedMessage) -> None:
    ada_view = users.view("ada")
    users.click("ada", report, FULL)
    (parent,) = ada_view.wait_for_messages()
    all_of(ada_view, parent)
    assert 1 + len(ada_view.thread(parent)) <= 12


def test_after_a_full_report_its_buttons_are_gone(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda _: IN_FULL in ada_view.current(report).visible_text)
    assert ada_view.current(report).buttons == []


def test_a_full_report_is_sent_once_though_the_button_is_pressed_twice(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    ada_view = users.view("ada")
    press_twice(users, report, FULL)
    all_of(ada_view, ada_view.wait_for_messages()[0])
    assert len(ada_view.new_messages()) == 1


@pytest.mark.parametrize(("who", "own"), [("ada", ADA_IDS), ("hector", HECTOR_IDS)])
def test_the_full_report_of_mine_has_all_of_ones_own_instances_and_nothing_of_others(
    users: SandboxUsers, who: str, own: set[str]
) -> None:
    (answer,) = users.run_command(who, "/bailiff mine", "general")
    view = users.view(who)
    users.click(who, answer, FULL)
    (parent,) = view.wait_for_messages()
    assert ids(all_of(view, parent)) == own
    assert ids("".join(message.visible_text for message in [parent, *view.thread(parent)])) <= own


@pytest.mark.parametrize("who", ["ada", "hector"])
def test_mine_counts_the_same_after_its_full_report_was_sent(users: SandboxUsers, who: str) -> None:
    view = users.view(who, "general")
    (answer,) = users.run_command(who, "/bailiff mine", "general")
    users.click(who, answer, FULL)
    view.wait_for_messages(lambda _: view.current(answer).buttons == [])
    assert view.current(answer).visible_text.splitlines()[0] == answer.visible_text.splitlines()[0]


def test_a_file_that_slack_refuses_is_said_to_the_asker(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled", times=None)
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(
        lambda _: "but not all of it: lost: The CSV (Slack refused" in ada_view.current(report).visible_text
    )


def test_a_file_that_slack_does_not_take_at_once_arrives_all_the_same(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("server_error", "upload")
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda _: IN_FULL in ada_view.current(report).visible_text)


def test_a_full_report_that_could_not_be_sent_is_not_said_to_be_there(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("refuse", "chat.postMessage", error="restricted_action")
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda new: any("did not work" in message.visible_text for message in new))
    assert IN_FULL not in ada_view.current(report).visible_text


def test_a_full_report_that_could_not_be_sent_can_be_had_by_pressing_again(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("refuse", "chat.postMessage", error="restricted_action")
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda new: any("did not work" in message.visible_text for message in new))
    assert FULL in ada_view.current(report).buttons


@pytest.fixture(scope="module", autouse=True)
def _no_envelope_was_lost(sandbox: Sandbox) -> Iterator[None]:
    """See at the end that every command and click was acknowledged in time."""
    yield
    assert not [one for one in sandbox.slack.driver.failures() if one.kind != "refused"]
