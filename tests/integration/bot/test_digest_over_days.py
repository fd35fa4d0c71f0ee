"""Three digests, a day apart: what changed is told, what was said before is kept true, and nobody is told twice."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import Machine
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Seen
from tests.integration.bot.conftest import (
    GPU,
    LEGIT,
    ONE_REGION,
    RETIRED,
    Audience,
    Done,
    Screen,
    bailiff_here,
    days,
    ids,
    ids_of,
)

OWNERS = ("ada", "albert", "hector")
LAB = Machine(key="lab", name="agr-lab", up=days(60), verdict="stopped-when-unused")
NEW = Machine(key="new", name="alb-new", up=days(45), verdict="stopped-when-unused")


@pytest.fixture(scope="module")
def fleet() -> tuple[Machine, ...]:
    return (GPU, LAB, RETIRED, LEGIT)


@dataclass(frozen=True, slots=True)
class Day:
    """A digest, and what everybody had on the screen after it."""

    done: Done
    parent: Seen
    thread: list[Seen]
    direct: dict[str, list[Seen]]

    @property
    def owners(self) -> str:
        """The word on who was told."""
        return "\n".join(one.words for one in self.thread if one.text.startswith("Owners:"))

    @property
    def kinds(self) -> list[str]:
        """The kinds of the parent's blocks."""
        return [block["type"] for block in self.parent.blocks]


def sent(stage: Stage, folder: Path, channel: Screen, direct: dict[str, Screen]) -> Day:
    done = bailiff_here(stage, "digest", folder=folder, **ONE_REGION)
    parent = channel.new()[-1]
    return Day(done, parent, channel.thread(parent), {who: screen.new() for who, screen in direct.items()})


@pytest.fixture(scope="module")
def story(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> list[Day]:
    """Live through three days: on the second one machine is gone and another new, on the third nothing is."""
    audience, folder = Audience(stage), tmp_path_factory.mktemp("remembered")
    channel, direct = audience.screen("bill", "cloud-costs"), {who: audience.screen(who) for who in OWNERS}
    first = sent(stage, folder, channel, direct)
    stage.let_pass(days(1))
    stage.aws.delete(LAB.id)
    stage.aws.add(NEW)
    second = sent(stage, folder, channel, direct)
    stage.let_pass(days(1))
    third = sent(stage, folder, channel, direct)
    assert [day.done.stderr for day in (first, second, third)] == ["", "", ""]
    return [first, second, third]


def test_the_first_digest_tells_of_no_change(story: list[Day]) -> None:
    assert "Since" not in story[0].parent.words
    assert "data_visualization" not in story[0].kinds


def test_the_second_tells_what_is_new_fixed_and_still_owed(story: list[Day]) -> None:
    assert "1 new, 1 fixed, 2 still owed (the longest for 1 day)" in story[1].parent.words


def test_the_second_thanks_who_paid(story: list[Day]) -> None:
    assert "Thanks to Ada Granger (1)." in story[1].parent.words


def test_from_the_second_on_there_is_a_trend(story: list[Day]) -> None:
    (chart,) = [block for block in story[2].parent.blocks if block["type"] == "data_visualization"]
    (series,) = chart["chart"]["series"]
    assert [point["value"] for point in series["data"]] == [3, 3, 3]
    assert "data_visualization" in story[1].kinds


def test_the_third_tells_that_nothing_changed(story: list[Day]) -> None:
    assert "nothing new, nothing fixed, 3 still owed (the longest for 2 days)" in story[2].parent.words
    assert "Thanks" not in story[2].parent.words


def test_nobody_gets_a_second_message_while_nothing_is_new(story: list[Day]) -> None:
    assert [{who: len(seen) for who, seen in day.direct.items()} for day in story] == [
        {"ada": 1, "albert": 0, "hector": 1},
        {"ada": 1, "albert": 1, "hector": 1},
        {"ada": 1, "albert": 1, "hector": 1},
    ]


def test_the_message_of_who_paid_a_part_says_in_its_place_what_is_left(story: list[Day]) -> None:
    (before,), (after,) = story[0].direct["ada"], story[1].direct["ada"]
    assert ids(before.words) == ids_of(GPU, LAB)
    assert (after.ts, after.is_edited) == (before.ts, True)
    assert after.words.startswith("1 of 2 settled since ")
    assert ids(after.words) == ids_of(GPU)


def test_the_message_of_who_paid_nothing_stands_as_it_was(story: list[Day]) -> None:
    assert story[0].direct["hector"] == story[1].direct["hector"] == story[2].direct["hector"]


def test_the_thread_says_who_was_told_and_who_was_before(story: list[Day]) -> None:
    told, _, before = story[1].owners.partition("Told before, and nothing is new")
    assert told.startswith("Told in a direct message")
    assert "Albert Benoit (ALB): 1 instance" in told
    assert "Ada Granger (AGR): 1 instance; told on " in before
    assert "Hector Romano (HRO): 1 instance; told on " in before


def test_the_command_line_says_who_was_told_and_who_was_before(story: list[Day]) -> None:
    assert [day.done.stdout.partition("cloud-costs. ")[2].strip() for day in story] == [
        "Owners told: 2 of 2.",
        "Owners told: 1 of 1. 2 were told before, and nothing is new.",
        "Owners told: 0 of 0. 3 were told before, and nothing is new.",
    ]


def test_a_week_later_who_has_paid_nothing_is_reminded_and_the_message_before_points_there(
    stage: Stage, tmp_path: Path, audience: Audience
) -> None:
    channel, direct = audience.screen("bill", "cloud-costs"), {"hector": audience.screen("hector")}
    sent(stage, tmp_path, channel, direct)
    stage.let_pass(days(7))
    before, after = sent(stage, tmp_path, channel, direct).direct["hector"]
    assert before.words.startswith("This was the state of ")
    assert after.words.startswith("Reminder: 1 instance of yours needs you")


def test_who_has_paid_all_is_thanked_in_the_place_of_the_message(
    stage: Stage, tmp_path: Path, audience: Audience
) -> None:
    channel, direct = audience.screen("bill", "cloud-costs"), {"nadia": audience.screen("nadia")}
    own = stage.aws.add(Machine(key="own", name="nabe-old", up=days(45), verdict="stopped-when-unused"))
    sent(stage, tmp_path, channel, direct)
    stage.let_pass(days(1))
    stage.aws.delete(own)
    (message,) = sent(stage, tmp_path, channel, direct).direct["nadia"]
    assert message.words.startswith("It is settled. Thank you.")


def test_what_a_region_that_is_not_read_owes_is_neither_fixed_nor_settled(
    stage: Stage, tmp_path: Path, audience: Audience
) -> None:
    channel, direct = audience.screen("bill", "cloud-costs"), {"ada": audience.screen("ada")}
    (before,) = sent(stage, tmp_path, channel, direct).direct["ada"]
    stage.let_pass(days(1))
    stage.aws.deny("eu-west-1")
    blind = sent(stage, tmp_path, channel, direct)
    assert blind.direct["ada"] == [before]
    assert "nothing fixed" in blind.parent.words
    assert "Not known whether fixed: " in blind.parent.words
    assert blind.done.returncode == 3
