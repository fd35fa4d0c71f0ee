"""Three digests, a day apart: what changed is told, what was said before is kept true, and nobody is told twice."""

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
    CompletedCommand,
    ConversationView,
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)

OWNERS = ("ada", "albert", "hector")
LAB = InstanceFixture(key="lab", name="agr-lab", since_start=days(60), expected_table="stopped-when-unused")
NEW = InstanceFixture(key="new", name="alb-new", since_start=days(45), expected_table="stopped-when-unused")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (GPU, LAB, RETIRED, LEGIT)


@dataclass(frozen=True, slots=True)
class DigestDay:
    """A digest, and what everybody had on the screen after it."""

    done: CompletedCommand
    parent: RenderedMessage
    thread: list[RenderedMessage]
    direct: dict[str, list[RenderedMessage]]

    @property
    def owners(self) -> str:
        """The word on who was told."""
        return "\n".join(one.visible_text for one in self.thread if one.text.startswith("Owners:"))

    @property
    def kinds(self) -> list[str]:
        """The kinds of the parent's blocks."""
        return [block["type"] for block in self.parent.blocks]


def send_digest(
    sandbox: Sandbox, folder: Path, channel: ConversationView, direct: dict[str, ConversationView]
) -> DigestDay:
    done = run_in_process(sandbox, "digest", folder=folder, **ONE_REGION)
    parent = channel.new_messages()[-1]
    return DigestDay(done, parent, channel.thread(parent), {who: view.new_messages() for who, view in direct.items()})


@pytest.fixture(scope="module")
def digest_days(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> list[DigestDay]:
    """Live through three days: on the second one machine is gone and another new, on the third nothing is."""
    users, folder = SandboxUsers(sandbox), tmp_path_factory.mktemp("remembered")
    channel, direct = users.view("bill", "cloud-costs"), {who: users.view(who) for who in OWNERS}
    first = send_digest(sandbox, folder, channel, direct)
    sandbox.advance_time(days(1))
    sandbox.aws.delete(LAB.id)
    sandbox.aws.add(NEW)
    second = send_digest(sandbox, folder, channel, direct)
    sandbox.advance_time(days(1))
    third = send_digest(sandbox, folder, channel, direct)
    assert [day.done.stderr for day in (first, second, third)] == ["", "", ""]
    return [first, second, third]


def test_the_first_digest_tells_of_no_change(digest_days: list[DigestDay]) -> None:
    assert "Since" not in digest_days[0].parent.visible_text
    assert "data_visualization" not in digest_days[0].kinds


def test_the_second_lists_what_is_new_fixed_and_still_open(digest_days: list[DigestDay]) -> None:
    assert "1 new, 1 fixed, 2 still owed (the longest for 1 day)" in digest_days[1].parent.visible_text


def test_the_second_thanks_who_fixed_something(digest_days: list[DigestDay]) -> None:
    assert "Thanks to Ada Granger (1)." in digest_days[1].parent.visible_text


def test_from_the_second_on_there_is_a_trend(digest_days: list[DigestDay]) -> None:
    (chart,) = [block for block in digest_days[2].parent.blocks if block["type"] == "data_visualization"]
    (series,) = chart["chart"]["series"]
    assert [point["value"] for point in series["data"]] == [3, 3, 3]
    assert "data_visualization" in digest_days[1].kinds


def test_the_third_tells_that_nothing_changed(digest_days: list[DigestDay]) -> None:
    assert "nothing new, nothing fixed, 3 still owed (the longest for 2 days)" in digest_days[2].parent.visible_text
    assert "Thanks" not in digest_days[2].parent.visible_text


def test_nobody_gets_a_second_message_while_nothing_is_new(digest_days: list[DigestDay]) -> None:
    assert [{who: len(seen) for who, seen in day.direct.items()} for day in digest_days] == [
        {"ada": 1, "albert": 0, "hector": 1},
        {"ada": 1, "albert": 1, "hector": 1},
        {"ada": 1, "albert": 1, "hector": 1},
    ]


def test_the_message_of_who_fixed_a_part_is_edited_to_what_is_left(digest_days: list[DigestDay]) -> None:
    (before,), (after,) = digest_days[0].direct["ada"], digest_days[1].direct["ada"]
    assert ids(before.visible_text) == ids_of(GPU, LAB)
    assert (after.ts, after.is_edited) == (before.ts, True)
    assert after.visible_text.startswith("1 of 2 settled since ")
    assert ids(after.visible_text) == ids_of(GPU)


def test_the_message_of_who_fixed_nothing_is_not_edited(digest_days: list[DigestDay]) -> None:
    assert digest_days[0].direct["hector"] == digest_days[1].direct["hector"] == digest_days[2].direct["hector"]


def test_the_thread_lists_who_was_notified_and_who_was_before(digest_days: list[DigestDay]) -> None:
    told, _, before = digest_days[1].owners.partition("Told before, and nothing is new")
    assert told.startswith("Told in a direct message")
    assert "Albert Benoit (ALB): 1 instance" in told
    assert "Ada Granger (AGR): 1 instance; told on " in before
    assert "Hector Romano (HRO): 1 instance; told on " in before


def test_the_command_line_says_who_was_notified_and_who_was_before(digest_days: list[DigestDay]) -> None:
    assert [day.done.stdout.partition("cloud-costs. ")[2].strip() for day in digest_days] == [
        "Owners told: 2 of 2.",
        "Owners told: 1 of 1. 2 were told before, and nothing is new.",
        "Owners told: 0 of 0. 3 were told before, and nothing is new.",
    ]


def test_a_week_later_who_fixed_nothing_is_reminded_and_the_earlier_message_points_there(
    sandbox: Sandbox, tmp_path: Path, users: SandboxUsers
) -> None:
    channel, direct = users.view("bill", "cloud-costs"), {"hector": users.view("hector")}
    send_digest(sandbox, tmp_path, channel, direct)
    sandbox.advance_time(days(7))
    before, after = send_digest(sandbox, tmp_path, channel, direct).direct["hector"]
    assert before.visible_text.startswith("This was the state of ")
    assert after.visible_text.startswith("Reminder: 1 instance of yours needs you")


def test_the_message_of_who_fixed_all_is_edited_into_thanks(
    sandbox: Sandbox, tmp_path: Path, users: SandboxUsers
) -> None:
    channel, direct = users.view("bill", "cloud-costs"), {"nadia": users.view("nadia")}
    own = sandbox.aws.add(
        InstanceFixture(key="own", name="nabe-old", since_start=days(45), expected_table="stopped-when-unused")
    )
    send_digest(sandbox, tmp_path, channel, direct)
    sandbox.advance_time(days(1))
    sandbox.aws.delete(own)
    (message,) = send_digest(sandbox, tmp_path, channel, direct).direct["nadia"]
    assert message.visible_text.startswith("It is settled. Thank you.")


def test_findings_of_an_unread_region_are_not_called_fixed(
    sandbox: Sandbox, tmp_path: Path, users: SandboxUsers
) -> None:
    channel, direct = users.view("bill", "cloud-costs"), {"ada": users.view("ada")}
    (before,) = send_digest(sandbox, tmp_path, channel, direct).direct["ada"]
    sandbox.advance_time(days(1))
    sandbox.aws.deny("eu-west-1")
    blind = send_digest(sandbox, tmp_path, channel, direct)
    assert blind.direct["ada"] == [before]
    assert "nothing fixed" in blind.parent.visible_text
    assert "Not known whether fixed: " in blind.parent.visible_text
    assert blind.done.returncode == 3
