"""The two buttons of a report: shared once with everybody in the channel, and sent in full to one person alone."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from bailiff_bot.sandbox.aws.fleet import ADA, HECTOR
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Impossible, Seen
from tests.integration.bot.conftest import (
    FLEET_REGIONS,
    INVISIBLE,
    VISIBLE,
    Audience,
    Screen,
    ids,
    ids_of,
    keyed,
)

SHARE, FULL = "Share in channel", "Full report"
IN_FULL = "The full report is in your conversation with Bailiff, with every table and a CSV."
ADAS = ids_of(*ADA) | keyed("tagged-identifier")
HECTORS = ids_of(*(one for one in HECTOR if one.verdict not in INVISIBLE)) | keyed("tagged-address")


@pytest.fixture(scope="module", autouse=True)
def _bot(stage: Stage) -> None:
    """Start the bot, and let it have looked at AWS once."""
    stage.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    Audience(stage).asks("ada", "/bailiff report")


@pytest.fixture
def adas(audience: Audience) -> Screen:
    """Look at the channel as Ada does."""
    return audience.screen("ada", "cloud-costs")


@pytest.fixture
def report(audience: Audience, adas: Screen) -> Seen:
    """Return the report that Ada asked for in the channel."""
    assert adas.channel == "cloud-costs"
    (answer,) = audience.asks("ada", "/bailiff report", "cloud-costs")
    return answer


def press_twice(audience: Audience, on: Seen, button: str) -> None:
    """Press a button twice before anything can have come of it."""
    audience.driver.fault("slow", "users.info", times=2, seconds=0.3)

    def press() -> None:
        with suppress(Impossible):  # it is gone already
            assert audience.clicks("ada", on, button).acknowledged

    with ThreadPoolExecutor() as hands:
        list(hands.map(lambda _: press(), range(2)))


def shared(messages: list[Seen]) -> list[Seen]:
    """Return what everybody sees."""
    return [message for message in messages if not message.is_ephemeral]


def all_of(screen: Screen, parent: Seen) -> str:
    """Return the CSV in a report's thread, once it is there."""
    screen.stage.slack.driver.wait_for(lambda: any(one.files for one in screen.thread(parent)), 20.0)
    return next(file.text for message in screen.thread(parent) for file in message.files)


def test_a_shared_report_is_seen_by_everybody_with_the_name_of_who_shared_it(audience: Audience, report: Seen) -> None:
    billies = audience.screen("bill", "cloud-costs")
    audience.clicks("ada", report, SHARE)
    (message,) = billies.wait()
    assert not message.is_ephemeral
    assert f"of {len(VISIBLE)} instances owe something" in message.words
    assert "Shared by Ada Granger." in message.words
    assert "sa-east-1 (access denied)" in message.words
    assert message.buttons == []


def test_a_report_is_shared_once_though_the_button_is_pressed_twice(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    billies = audience.screen("bill", "cloud-costs")
    press_twice(audience, report, SHARE)
    adas.wait(lambda _: adas.again(report).buttons == [FULL])
    assert len(billies.new()) == 1


def test_once_shared_a_report_can_be_had_in_full_and_not_be_shared_again(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    audience.clicks("ada", report, SHARE)
    adas.wait(lambda _: adas.again(report).buttons == [FULL])
    assert "Shared in this channel." in adas.again(report).words


def test_a_report_is_shared_once_though_its_button_could_not_be_taken_away(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    audience.passes("response_url", 1)
    audience.driver.fault("server_error", "response_url")
    audience.clicks("ada", report, SHARE)
    adas.wait(shared)
    audience.clicks("ada", report, SHARE)
    for _ in range(3):  # by their end, whatever the click does is done
        audience.asks("ada", "/bailiff help", "cloud-costs")
    assert len(shared(adas.new())) == 1


def test_a_report_that_could_not_be_shared_can_be_shared_by_pressing_again(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    audience.driver.fault("server_error", "users.info")
    audience.clicks("ada", report, SHARE)
    adas.wait(lambda new: any("did not work" in message.words for message in new))
    audience.clicks("ada", report, SHARE)
    assert len(shared(adas.wait(shared))) == 1


@pytest.mark.parametrize(
    ("who", "channel"),
    [("ada", "with-partner"), ("ada", "bailiff"), ("bill", "ops-private")],
    ids=["shared with another company", "a direct message", "private and without the bot"],
)
def test_sharing_is_offered_in_internal_channels_alone(audience: Audience, who: str, channel: str) -> None:
    (answer,) = audience.asks(who, "/bailiff report", channel)
    assert answer.buttons == [FULL]


def test_a_full_report_is_one_message_with_a_thread_in_the_askers_own_conversation(
    audience: Audience, report: Seen
) -> None:
    adas, billies, channel = audience.screen("ada"), audience.screen("bill"), audience.screen("bill", "cloud-costs")
    audience.clicks("ada", report, FULL)
    (parent,) = adas.wait()
    all_of(adas, parent)
    assert f"of {len(VISIBLE)} instances owe something" in parent.words
    assert (billies.new(), channel.new()) == ([], [])


def test_a_full_report_has_every_instance_in_its_tables(audience: Audience, report: Seen) -> None:
    adas = audience.screen("ada")
    audience.clicks("ada", report, FULL)
    (parent,) = adas.wait()
    all_of(adas, parent)
    cells = [cell for one in adas.thread(parent) for table in one.tables for row in table for cell in row]
    managed = {one.id for one in VISIBLE if one.verdict == "managed"}
    assert ids(" ".join(cells)) == ids_of(*VISIBLE) - managed
    assert {"alb-workers", "platform"} <= set(cells)


def test_a_full_report_has_every_instance_and_what_was_not_read_in_its_csv(audience: Audience, report: Seen) -> None:
    adas = audience.screen("ada")
    audience.clicks("ada", report, FULL)
    rows = list(csv.DictReader(io.StringIO(all_of(adas, adas.wait()[0]))))
    assert {row["instance_id"] for row in rows if row["instance_id"]} == ids_of(*VISIBLE)
    assert [(row["account"], row["region"]) for row in rows if row["table"] == "unread"] == [
        ("111122223333", "sa-east-1")
    ]


def test_a_full_report_comes_in_at_most_twelve_messages(audience: Audience, report: Seen) -> None:
    adas = audience.screen("ada")
    audience.clicks("ada", report, FULL)
    (parent,) = adas.wait()
    all_of(adas, parent)
    assert 1 + len(adas.thread(parent)) <= 12


def test_after_a_full_report_its_buttons_are_gone(audience: Audience, adas: Screen, report: Seen) -> None:
    audience.clicks("ada", report, FULL)
    adas.wait(lambda _: IN_FULL in adas.again(report).words)
    assert adas.again(report).buttons == []


def test_a_full_report_is_sent_once_though_the_button_is_pressed_twice(audience: Audience, report: Seen) -> None:
    adas = audience.screen("ada")
    press_twice(audience, report, FULL)
    all_of(adas, adas.wait()[0])
    assert len(adas.new()) == 1


@pytest.mark.parametrize(("who", "own"), [("ada", ADAS), ("hector", HECTORS)])
def test_the_full_report_of_mine_has_all_of_ones_own_instances_and_nothing_of_others(
    audience: Audience, who: str, own: set[str]
) -> None:
    (answer,) = audience.asks(who, "/bailiff mine", "general")
    screen = audience.screen(who)
    audience.clicks(who, answer, FULL)
    (parent,) = screen.wait()
    assert ids(all_of(screen, parent)) == own
    assert ids("".join(message.words for message in [parent, *screen.thread(parent)])) <= own


@pytest.mark.parametrize("who", ["ada", "hector"])
def test_mine_counts_the_same_after_its_full_report_was_sent(audience: Audience, who: str) -> None:
    screen = audience.screen(who, "general")
    (answer,) = audience.asks(who, "/bailiff mine", "general")
    audience.clicks(who, answer, FULL)
    screen.wait(lambda _: screen.again(answer).buttons == [])
    assert screen.again(answer).words.splitlines()[0] == answer.words.splitlines()[0]


def test_a_file_that_slack_refuses_is_said_to_the_asker(audience: Audience, adas: Screen, report: Seen) -> None:
    audience.driver.fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled", times=None)
    audience.clicks("ada", report, FULL)
    adas.wait(lambda _: "but not all of it: lost: The CSV (Slack refused" in adas.again(report).words)


def test_a_file_that_slack_does_not_take_at_once_arrives_all_the_same(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    audience.driver.fault("server_error", "upload")
    audience.clicks("ada", report, FULL)
    adas.wait(lambda _: IN_FULL in adas.again(report).words)


def test_a_full_report_that_could_not_be_sent_is_not_said_to_be_there(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    audience.driver.fault("refuse", "chat.postMessage", error="restricted_action")
    audience.clicks("ada", report, FULL)
    adas.wait(lambda new: any("did not work" in message.words for message in new))
    assert IN_FULL not in adas.again(report).words


def test_a_full_report_that_could_not_be_sent_can_be_had_by_pressing_again(
    audience: Audience, adas: Screen, report: Seen
) -> None:
    audience.driver.fault("refuse", "chat.postMessage", error="restricted_action")
    audience.clicks("ada", report, FULL)
    adas.wait(lambda new: any("did not work" in message.words for message in new))
    assert FULL in adas.again(report).buttons


@pytest.fixture(scope="module", autouse=True)
def _no_envelope_was_lost(stage: Stage) -> Iterator[None]:
    """See at the end that every command and click was acknowledged in time."""
    yield
    assert not [one for one in stage.slack.driver.failures() if one.kind != "refused"]
