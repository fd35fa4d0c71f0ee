"""The buttons of a report: one shares it once in the channel, the other sends the full report to one user."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from slack_sdk import WebClient

from bailiff_bot.messages.buttons import FULL_REPORT
from bailiff_bot.messages.buttons import SHARE as SHARE_KEY
from bailiff_bot.sandbox.aws.fleet import ADA_INSTANCES, HECTOR_INSTANCES
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionError, RenderedMessage
from tests.integration.bot.conftest import (
    FLEET_REGIONS,
    INVISIBLE_TABLES,
    VISIBLE_INSTANCES,
    ConversationView,
    SandboxUsers,
    ids,
    ids_by_key,
    ids_of,
)

SHARE, FULL = "Share in channel", "Full report"
FULL_REPORT_SENT = "The full report is in your conversation with Bailiff, with every table and a CSV."
ADA_IDS = ids_of(*ADA_INSTANCES) | ids_by_key("tagged-identifier")
HECTOR_IDS = ids_of(
    *(instance for instance in HECTOR_INSTANCES if instance.expected_table not in INVISIBLE_TABLES)
) | ids_by_key("tagged-address")


@pytest.fixture(scope="module", autouse=True)
def _running_bot(sandbox: Sandbox) -> None:
    """Start the bot, and wait until its first scan is done."""
    sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")


@pytest.fixture
def ada_view(users: SandboxUsers) -> ConversationView:
    """Return what Ada sees in the channel from now on."""
    return users.view("ada", "cloud-costs")


@pytest.fixture
def report(users: SandboxUsers, ada_view: ConversationView) -> RenderedMessage:
    """Return the report that Ada asked for in the channel."""
    assert ada_view.channel == "cloud-costs"
    (answer,) = users.run_command("ada", "/bailiff report", "cloud-costs")
    return answer


def press_twice(users: SandboxUsers, message: RenderedMessage, button: str) -> None:
    """Press a button twice before the first press can have an effect."""
    users.driver.inject_fault("slow", "users.info", times=2, seconds=0.3)

    def press() -> None:
        with suppress(InteractionError):  # the button is gone already
            assert users.click("ada", message, button).acknowledged

    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: press(), range(2)))


def visible_to_all(messages: list[RenderedMessage]) -> list[RenderedMessage]:
    """Return the messages that everybody in the channel sees."""
    return [message for message in messages if not message.is_ephemeral]


def wait_for_csv(view: ConversationView, parent: RenderedMessage) -> str:
    """Return the CSV in the thread of a report, once it is there."""
    view.sandbox.slack.driver.wait_for(lambda: any(message.files for message in view.thread(parent)), 20.0)
    return next(file.text for message in view.thread(parent) for file in message.files)


def test_everybody_sees_a_shared_report_with_the_name_of_the_user_who_shared_it(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    bill_view = users.view("bill", "cloud-costs")
    users.click("ada", report, SHARE)
    (message,) = bill_view.wait_for_messages()
    assert not message.is_ephemeral
    assert f"of {len(VISIBLE_INSTANCES)} instances break a rule" in message.visible_text
    assert "Shared by Ada Granger." in message.visible_text
    assert "sa-east-1 (access denied)" in message.visible_text
    assert message.buttons == []


def test_a_report_is_shared_once_if_the_button_is_pressed_twice(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    bill_view = users.view("bill", "cloud-costs")
    press_twice(users, report, SHARE)
    ada_view.wait_for_messages(lambda _: ada_view.current(report).buttons == [FULL])
    assert len(bill_view.new_messages()) == 1


def test_a_shared_report_keeps_only_the_full_report_button(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.click("ada", report, SHARE)
    ada_view.wait_for_messages(lambda _: ada_view.current(report).buttons == [FULL])
    assert "Shared in this channel." in ada_view.current(report).visible_text


def test_a_report_is_shared_once_even_if_its_button_could_not_be_removed(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("server_error", "response_url", times=2)
    users.click("ada", report, SHARE)
    ada_view.wait_for_messages(visible_to_all)
    users.click("ada", report, SHARE)
    for _ in range(3):  # by their end the click is handled too
        users.run_command("ada", "/bailiff help", "cloud-costs")
    assert len(visible_to_all(ada_view.new_messages())) == 1


def test_a_report_that_could_not_be_shared_can_be_shared_by_pressing_again(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("server_error", "users.info")
    users.click("ada", report, SHARE)
    ada_view.wait_for_messages(lambda new: any("did not work" in message.visible_text for message in new))
    users.click("ada", report, SHARE)
    assert len(visible_to_all(ada_view.wait_for_messages(visible_to_all))) == 1


@pytest.mark.parametrize(
    ("user", "channel"),
    [("ada", "with-partner"), ("ada", "bailiff"), ("bill", "ops-private")],
    ids=["shared with another company", "a direct message", "private and without the bot"],
)
def test_sharing_is_offered_in_internal_channels_only(users: SandboxUsers, user: str, channel: str) -> None:
    (answer,) = users.run_command(user, "/bailiff report", channel)
    assert answer.buttons == [FULL]


def test_a_full_report_is_one_message_with_a_thread_in_the_users_own_conversation(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    ada_view, bill_view, channel_view = users.view("ada"), users.view("bill"), users.view("bill", "cloud-costs")
    users.click("ada", report, FULL)
    (parent,) = ada_view.wait_for_messages()
    wait_for_csv(ada_view, parent)
    assert f"of {len(VISIBLE_INSTANCES)} instances break a rule" in parent.visible_text
    assert (bill_view.new_messages(), channel_view.new_messages()) == ([], [])


def test_a_full_report_has_every_instance_in_its_tables(users: SandboxUsers, report: RenderedMessage) -> None:
    ada_view = users.view("ada")
    users.click("ada", report, FULL)
    (parent,) = ada_view.wait_for_messages()
    wait_for_csv(ada_view, parent)
    cells = [cell for message in ada_view.thread(parent) for table in message.tables for row in table for cell in row]
    managed = {instance.id for instance in VISIBLE_INSTANCES if instance.expected_table == "managed"}
    assert ids(" ".join(cells)) == ids_of(*VISIBLE_INSTANCES) - managed
    assert {"alb-workers", "platform"} <= set(cells)


def test_a_full_report_has_every_instance_and_what_was_not_read_in_its_csv(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    ada_view = users.view("ada")
    users.click("ada", report, FULL)
    rows = list(csv.DictReader(io.StringIO(wait_for_csv(ada_view, ada_view.wait_for_messages()[0]))))
    assert {row["instance_id"] for row in rows if row["instance_id"]} == ids_of(*VISIBLE_INSTANCES)
    assert [(row["account"], row["region"]) for row in rows if row["table"] == "unread"] == [
        ("111122223333", "sa-east-1")
    ]


def test_a_full_report_has_at_most_twelve_messages(users: SandboxUsers, report: RenderedMessage) -> None:
    ada_view = users.view("ada")
    users.click("ada", report, FULL)
    (parent,) = ada_view.wait_for_messages()
    wait_for_csv(ada_view, parent)
    assert 1 + len(ada_view.thread(parent)) <= 12


def test_after_a_full_report_its_buttons_are_gone(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda _: FULL_REPORT_SENT in ada_view.current(report).visible_text)
    assert ada_view.current(report).buttons == []


def test_a_full_report_is_sent_once_if_the_button_is_pressed_twice(
    users: SandboxUsers, report: RenderedMessage
) -> None:
    ada_view = users.view("ada")
    press_twice(users, report, FULL)
    wait_for_csv(ada_view, ada_view.wait_for_messages()[0])
    assert len(ada_view.new_messages()) == 1


@pytest.mark.parametrize(("user", "own_ids"), [("ada", ADA_IDS), ("hector", HECTOR_IDS)])
def test_the_full_report_of_mine_has_all_of_the_users_own_instances_and_no_others(
    users: SandboxUsers, user: str, own_ids: set[str]
) -> None:
    (answer,) = users.run_command(user, "/bailiff mine", "general")
    view = users.view(user)
    users.click(user, answer, FULL)
    (parent,) = view.wait_for_messages()
    assert ids(wait_for_csv(view, parent)) == own_ids
    assert ids("".join(message.visible_text for message in [parent, *view.thread(parent)])) <= own_ids


@pytest.mark.parametrize("user", ["ada", "hector"])
def test_mine_counts_the_same_after_its_full_report_was_sent(users: SandboxUsers, user: str) -> None:
    view = users.view(user, "general")
    (answer,) = users.run_command(user, "/bailiff mine", "general")
    users.click(user, answer, FULL)
    view.wait_for_messages(lambda _: view.current(answer).buttons == [])
    assert view.current(answer).visible_text.splitlines()[0] == answer.visible_text.splitlines()[0]


def test_the_user_is_told_that_slack_refused_the_file(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled", times=None)
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(
        lambda _: "but not all of it: not delivered: The CSV (Slack refused" in ada_view.current(report).visible_text
    )


def test_a_file_arrives_if_its_first_upload_fails(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("server_error", "upload")
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda _: FULL_REPORT_SENT in ada_view.current(report).visible_text)


def test_a_full_report_that_could_not_be_sent_is_not_reported_as_sent(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("refuse", "chat.postMessage", error="restricted_action")
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda new: any("did not work" in message.visible_text for message in new))
    assert FULL_REPORT_SENT not in ada_view.current(report).visible_text


def test_a_full_report_that_could_not_be_sent_keeps_its_button(
    users: SandboxUsers, ada_view: ConversationView, report: RenderedMessage
) -> None:
    users.driver.inject_fault("refuse", "chat.postMessage", error="restricted_action")
    users.click("ada", report, FULL)
    ada_view.wait_for_messages(lambda new: any("did not work" in message.visible_text for message in new))
    assert FULL in ada_view.current(report).buttons


@pytest.fixture(scope="module", autouse=True)
def _every_interaction_was_acknowledged(sandbox: Sandbox) -> Iterator[None]:
    """Fail at the end if a command or click was not acknowledged in time."""
    yield
    assert not [failure for failure in sandbox.slack.driver.failures() if failure.kind != "refused"]


def publish_home(sandbox: Sandbox, button: str, value: str = "report") -> None:
    """Publish a Home tab of Ada that has a button, as a later version may."""
    client = WebClient(sandbox.slack.bot_token, base_url=sandbox.slack.api_url)
    element = {"type": "button", "action_id": button, "value": value, "text": {"type": "plain_text", "text": "Go"}}
    client.views_publish(
        user_id="U0AGR00001", view={"type": "home", "blocks": [{"type": "actions", "elements": [element]}]}
    )


def test_a_click_in_the_home_tab_sends_the_full_report(sandbox: Sandbox, users: SandboxUsers) -> None:
    publish_home(sandbox, FULL_REPORT)
    ada, ada_view = sandbox.slack.driver.user("ada"), users.view("ada")
    home = ada.home()
    assert home
    assert ada.click(home, "Go").acknowledged
    (parent,) = ada_view.wait_for_messages()
    assert wait_for_csv(ada_view, parent)


@pytest.mark.parametrize("value", ["everyone", "AGR", "report <@U0AGR00001|ada>", "report agr", "mine eu-wset-1"])
def test_a_click_with_a_value_that_bailiff_does_not_write_sends_nothing_and_says_why(
    sandbox: Sandbox, users: SandboxUsers, value: str
) -> None:
    publish_home(sandbox, FULL_REPORT, value)
    ada, ada_view = sandbox.slack.driver.user("ada"), users.view("ada")
    home = ada.home()
    assert home
    assert ada.click(home, "Go").acknowledged
    (answer,) = ada_view.wait_for_messages()
    assert "Type the command again" in answer.visible_text or "Did you mean “eu-west-1”?" in answer.visible_text
    assert ids(answer.visible_text) == set()


FILTERED_IDS = ids_of(
    *(one for one in VISIBLE_INSTANCES if one.region == "eu-west-1" and one.expected_table == "stopped-when-unused")
)


@pytest.fixture
def filtered_report(users: SandboxUsers, ada_view: ConversationView) -> RenderedMessage:
    assert ada_view.channel == "cloud-costs"
    (answer,) = users.run_command("ada", "/bailiff report eu-west-1 long running", "cloud-costs")
    return answer


FILTER_TEXT = "eu-west-1, Running for 30 days or more: "


def test_the_full_report_of_a_filtered_report_has_the_same_filter(
    users: SandboxUsers, ada_view: ConversationView, filtered_report: RenderedMessage
) -> None:
    direct_view = users.view("ada")
    users.click("ada", filtered_report, FULL)
    (parent,) = direct_view.wait_for_messages()
    rows = list(csv.DictReader(io.StringIO(wait_for_csv(direct_view, parent))))
    assert parent.visible_text.startswith(FILTER_TEXT)
    assert {row["instance_id"] for row in rows} >= FILTERED_IDS
    assert all(row["region"] == "eu-west-1" and "stopped-when-unused" in row["findings"] for row in rows)
    (name,) = [file.name for message in direct_view.thread(parent) for file in message.files]
    assert name.startswith("bailiff-eu-west-1-stopped-when-unused-")
    cells = [cell for one in direct_view.thread(parent) for table in one.tables for row in table for cell in row]
    assert ids(" ".join(cells)) <= {row["instance_id"] for row in rows}
    ada_view.wait_for_messages(lambda _: FULL_REPORT_SENT in ada_view.current(filtered_report).visible_text)
    assert ada_view.current(filtered_report).visible_text.startswith(FILTER_TEXT)


def test_a_shared_report_has_the_filter_and_says_it(
    users: SandboxUsers, ada_view: ConversationView, filtered_report: RenderedMessage
) -> None:
    bill_view = users.view("bill", "cloud-costs")
    users.click("ada", filtered_report, SHARE)
    (message,) = bill_view.wait_for_messages()
    assert message.visible_text.startswith(FILTER_TEXT)
    assert "sa-east-1" not in message.visible_text
    ada_view.wait_for_messages(lambda _: ada_view.current(filtered_report).buttons == [FULL])
    assert ada_view.current(filtered_report).visible_text.startswith(FILTER_TEXT)


def test_a_click_in_the_home_tab_that_fails_is_answered_in_the_users_own_conversation(
    sandbox: Sandbox, users: SandboxUsers
) -> None:
    publish_home(sandbox, SHARE_KEY)
    ada, ada_view = sandbox.slack.driver.user("ada"), users.view("ada")
    home = ada.home()
    assert home
    assert ada.click(home, "Go").acknowledged
    (answer,) = ada_view.wait_for_messages()
    assert "only in an internal channel" in answer.visible_text
