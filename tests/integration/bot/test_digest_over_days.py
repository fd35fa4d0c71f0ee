"""Three digests, a day apart: each says what changed, updates earlier messages, and notifies nobody twice."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from tests.integration.bot.conftest import (
    GPU,
    LEGIT,
    ONE_REGION,
    RETIRED,
    SUMMARY_BEGINNINGS,
    CompletedCommand,
    ConversationView,
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)

POST = "chat.postMessage"
OWNERS = ("ada", "albert", "hector")
LAB = InstanceFixture(key="lab", name="agr-lab", since_start=days(60), expected_table="stopped-when-unused")
NEW = InstanceFixture(key="new", name="alb-new", since_start=days(45), expected_table="stopped-when-unused")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (GPU, LAB, RETIRED, LEGIT)


@dataclass(frozen=True, slots=True)
class DigestDay:
    """A digest, and the messages that users saw after it."""

    result: CompletedCommand
    parent: RenderedMessage
    thread: list[RenderedMessage]
    direct_messages: dict[str, list[RenderedMessage]]

    @property
    def delivery_summary(self) -> str:
        return "\n".join(message.visible_text for message in self.thread if message.text.startswith(SUMMARY_BEGINNINGS))

    @property
    def block_types(self) -> list[str]:
        """Return the types of the blocks of the parent message."""
        return [block["type"] for block in self.parent.blocks]


def send_digest(
    sandbox: Sandbox, folder: Path, channel_view: ConversationView, direct_views: dict[str, ConversationView]
) -> DigestDay:
    result = run_in_process(sandbox, "digest", folder=folder, **ONE_REGION)
    parent = channel_view.new_messages()[-1]
    return DigestDay(
        result, parent, channel_view.thread(parent), {user: view.new_messages() for user, view in direct_views.items()}
    )


@pytest.fixture(scope="module")
def digest_days(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> list[DigestDay]:
    """Send three digests, a day apart. Before the second, one instance is deleted and one is added."""
    users, folder = SandboxUsers(sandbox), tmp_path_factory.mktemp("days")
    channel_view, direct_views = users.view("bill", "cloud-costs"), {user: users.view(user) for user in OWNERS}
    first = send_digest(sandbox, folder, channel_view, direct_views)
    sandbox.advance_time(days(1))
    sandbox.aws.delete(LAB.id)
    sandbox.aws.add(NEW)
    second = send_digest(sandbox, folder, channel_view, direct_views)
    sandbox.advance_time(days(1))
    third = send_digest(sandbox, folder, channel_view, direct_views)
    assert [day.result.stderr for day in (first, second, third)] == ["", "", ""]
    return [first, second, third]


def test_the_first_digest_mentions_no_change(digest_days: list[DigestDay]) -> None:
    assert "Since" not in digest_days[0].parent.visible_text
    assert "data_visualization" not in digest_days[0].block_types


def test_the_second_digest_counts_new_fixed_and_open_findings(digest_days: list[DigestDay]) -> None:
    assert "1 new, 1 fixed, 2 still open (longest: 1 day)" in digest_days[1].parent.visible_text


def test_the_second_digest_thanks_the_owner_who_fixed_something(digest_days: list[DigestDay]) -> None:
    assert "Thanks to Ada Granger (1)." in digest_days[1].parent.visible_text


def test_the_trend_is_shown_from_the_second_digest_on(digest_days: list[DigestDay]) -> None:
    (chart,) = [block for block in digest_days[2].parent.blocks if block["type"] == "data_visualization"]
    (series,) = chart["chart"]["series"]
    assert [point["value"] for point in series["data"]] == [3, 3, 3]
    assert "data_visualization" in digest_days[1].block_types


def test_the_third_digest_says_that_nothing_changed(digest_days: list[DigestDay]) -> None:
    assert "nothing new, nothing fixed, 3 still open (longest: 2 days)" in digest_days[2].parent.visible_text
    assert "Thanks" not in digest_days[2].parent.visible_text


def test_an_owner_gets_no_second_message_while_nothing_is_new(digest_days: list[DigestDay]) -> None:
    assert [{user: len(messages) for user, messages in day.direct_messages.items()} for day in digest_days] == [
        {"ada": 1, "albert": 0, "hector": 1},
        {"ada": 1, "albert": 1, "hector": 1},
        {"ada": 1, "albert": 1, "hector": 1},
    ]


def test_the_message_of_an_owner_who_fixed_a_part_is_edited_to_the_rest(digest_days: list[DigestDay]) -> None:
    (earlier,), (after,) = digest_days[0].direct_messages["ada"], digest_days[1].direct_messages["ada"]
    assert ids(earlier.visible_text) == ids_of(GPU, LAB)
    assert (after.ts, after.is_edited) == (earlier.ts, True)
    assert after.visible_text.startswith("1 of 2 fixed since ")
    assert ids(after.visible_text) == ids_of(GPU)


def test_the_message_of_an_owner_who_fixed_nothing_is_not_edited(digest_days: list[DigestDay]) -> None:
    assert (
        digest_days[0].direct_messages["hector"]
        == digest_days[1].direct_messages["hector"]
        == digest_days[2].direct_messages["hector"]
    )


def test_the_thread_lists_who_was_notified_now_and_before(digest_days: list[DigestDay]) -> None:
    notified, _, notified_before = digest_days[1].delivery_summary.partition("Already notified, nothing new")
    assert notified.startswith("Owners notified")
    assert "Albert Benoit (ALB): 1 instance" in notified
    assert "Ada Granger (AGR): 1 instance; notified on " in notified_before
    assert "Hector Romano (HRO): 1 instance; notified on " in notified_before


def test_the_command_line_counts_who_was_notified_now_and_before(digest_days: list[DigestDay]) -> None:
    assert [day.result.stdout.partition("cloud-costs. ")[2].strip() for day in digest_days] == [
        "Owners notified: 2 of 2.",
        "Owners notified: 1 of 1. 2 were already notified, and nothing is new.",
        "Owners notified: 0 of 0. 3 were already notified, and nothing is new.",
    ]


def test_an_owner_is_reminded_after_a_week_and_the_earlier_message_points_to_the_reminder(
    sandbox: Sandbox, tmp_path: Path, users: SandboxUsers
) -> None:
    channel_view, direct_views = users.view("bill", "cloud-costs"), {"hector": users.view("hector")}
    send_digest(sandbox, tmp_path, channel_view, direct_views)
    sandbox.advance_time(days(7))
    earlier, after = send_digest(sandbox, tmp_path, channel_view, direct_views).direct_messages["hector"]
    assert earlier.visible_text.startswith("As of ")
    assert after.visible_text.startswith("Reminder: 1 of your instances needs attention")


def test_the_message_of_an_owner_who_fixed_all_is_edited_into_thanks(
    sandbox: Sandbox, tmp_path: Path, users: SandboxUsers
) -> None:
    channel_view, direct_views = users.view("bill", "cloud-costs"), {"nadia": users.view("nadia")}
    instance_id = sandbox.aws.add(
        InstanceFixture(key="own", name="nabe-old", since_start=days(45), expected_table="stopped-when-unused")
    )
    send_digest(sandbox, tmp_path, channel_view, direct_views)
    sandbox.advance_time(days(1))
    sandbox.aws.delete(instance_id)
    (message,) = send_digest(sandbox, tmp_path, channel_view, direct_views).direct_messages["nadia"]
    assert message.visible_text.startswith("It is fixed. Thank you.")


def test_findings_of_an_unread_region_are_not_called_fixed(
    sandbox: Sandbox, tmp_path: Path, users: SandboxUsers
) -> None:
    channel_view, direct_views = users.view("bill", "cloud-costs"), {"ada": users.view("ada")}
    (earlier,) = send_digest(sandbox, tmp_path, channel_view, direct_views).direct_messages["ada"]
    sandbox.advance_time(days(1))
    sandbox.aws.deny("eu-west-1")
    incomplete = send_digest(sandbox, tmp_path, channel_view, direct_views)
    assert incomplete.direct_messages["ada"] == [earlier]
    assert "nothing fixed" in incomplete.parent.visible_text
    assert "Could not be checked this time: " in incomplete.parent.visible_text
    assert incomplete.result.returncode == 3


def test_a_trend_whose_chart_slack_refuses_arrives_as_a_line_of_text(users: SandboxUsers, tmp_path: Path) -> None:
    channel_view = users.view("bill", "cloud-costs")
    send_digest(users.sandbox, tmp_path, channel_view, {})
    users.sandbox.advance_time(days(1))
    users.driver.inject_fault("refuse", POST, times=None, error="invalid_blocks", block="data_visualization")
    second = send_digest(users.sandbox, tmp_path, channel_view, {})
    assert [call.answer["error"] for call in users.calls(POST) if not call.answer["ok"]] == ["invalid_blocks"]
    assert "data_visualization" not in second.block_types
    assert "Trend of the last 2 digests: 3 ██ 3" in second.parent.visible_text
    assert "1 of 1 region read" in second.parent.visible_text
    assert len(channel_view.new_messages()) == 2
    assert second.result.returncode == 0
