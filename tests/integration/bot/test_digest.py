"""The digest by the command line: the parent, its thread, the owners' direct messages; and where it may not go."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.aws.fleet import ADA, FLEET, HECTOR
from bailiff_bot.sandbox.aws.instance_fixture import Machine
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.sandbox.slack.call_log import CallRecord
from tests.integration.bot.conftest import (
    CLEAN,
    FLEET_REGIONS,
    INVISIBLE,
    ONE_REGION,
    VISIBLE,
    Audience,
    Done,
    bailiff_here,
    days,
    ids,
    ids_of,
    keyed,
)

CHANNEL = "cloud-costs"
EVERYBODY = ("ada", "albert", "hector", "nadia", "malo", "bill", "gus", "sam")
OUTSIDERS = (
    Machine(key="of-a-guest", name="x", up=days(3), tags=(("Owner", "gus@freelance.example"),), verdict="owned"),
    Machine(key="of-a-stranger", name="y", up=days(3), tags=(("Owner", "sam@partner.example"),), verdict="owned"),
)


@pytest.fixture(scope="module")
def fleet() -> tuple[Machine, ...]:
    return (*FLEET, *OUTSIDERS)


@dataclass(frozen=True, slots=True)
class Sent:
    """A digest that was sent once, and all that came of it."""

    done: Done
    posted: list[Seen]
    thread: list[Seen]
    told: dict[str, list[Seen]]
    calls: list[CallRecord]

    @property
    def parent(self) -> Seen:
        return self.posted[0]

    @property
    def owners(self) -> str:
        """The message on the owners."""
        return next(message.words for message in self.thread if message.text.startswith("Owners:"))

    @property
    def rows(self) -> list[dict[str, str]]:
        """The CSV."""
        (file,) = [file for message in self.thread for file in message.files]
        return list(csv.DictReader(io.StringIO(file.text)))


def witnessed(stage: Stage, run: Callable[[], Done]) -> Sent:
    """Return all that came of a digest."""
    audience = Audience(stage)
    channel = audience.screen("bill", CHANNEL)
    screens = {who: audience.screen(who) for who in EVERYBODY}
    before = len(stage.slack.driver.calls())
    done = run()
    posted = channel.new()
    thread = channel.thread(posted[0]) if posted else []
    told = {who: screen.new() for who, screen in screens.items()}
    return Sent(done, posted, thread, told, stage.slack.driver.calls()[before:])


def send(stage: Stage, *arguments: str, **changes: str) -> Sent:
    """Send a digest."""
    return witnessed(stage, lambda: bailiff_here(stage, "digest", *arguments, **changes))


@pytest.fixture(scope="module")
def sent(stage: Stage) -> Sent:
    """Return the digest of the whole fleet, with nudges on, sent by a process of its own."""
    return witnessed(stage, lambda: stage.bailiff("digest", BAILIFF_REGIONS=FLEET_REGIONS))


def test_the_channel_gets_one_message_with_headline_counts_the_worst_and_coverage(sent: Sent) -> None:
    assert len(sent.posted) == 1
    assert f"of {len(VISIBLE) + len(OUTSIDERS)} instances owe something" in sent.parent.words
    assert "The worst" in sent.parent.words
    assert "9 of 10 regions of 2 accounts read" in sent.parent.words
    assert "not read: 111122223333/sa-east-1 (access denied)" in sent.parent.words


def test_the_thread_has_every_instance_in_tables(sent: Sent) -> None:
    cells = {cell for message in sent.thread for table in message.tables for row in table for cell in row}
    managed = {one.id for one in VISIBLE if one.verdict == "managed"}
    assert ids_of(*VISIBLE, *OUTSIDERS) - managed <= cells


def test_the_threads_csv_has_every_instance_and_what_was_not_read(sent: Sent) -> None:
    assert {row["instance_id"] for row in sent.rows} - {""} == ids_of(*VISIBLE, *OUTSIDERS)
    assert [row["region"] for row in sent.rows if row["table"] == "unread"] == ["sa-east-1"]


def test_the_csv_puts_each_instance_under_the_rule_it_breaks(sent: Sent) -> None:
    verdicts = {one.id: one.verdict for one in VISIBLE if one.region != "sa-east-1"}
    assert {row["instance_id"]: row["table"] for row in sent.rows if row["instance_id"] in verdicts} == verdicts


def test_a_formula_in_a_name_is_defused_in_the_csv(sent: Sent) -> None:
    (name,) = [row["name"] for row in sent.rows if "HYPERLINK" in row["name"]]
    assert name.startswith("'=")


def test_a_digest_comes_in_at_most_twelve_messages(sent: Sent) -> None:
    assert len(sent.posted) + len(sent.thread) <= 12


def test_slack_refuses_nothing_of_a_digest_but_addresses_it_does_not_know(sent: Sent) -> None:
    refused = {(call.method, call.answer.get("error")) for call in sent.calls if call.answer.get("ok") is False}
    assert refused == {("users.lookupByEmail", "users_not_found")}


@pytest.mark.parametrize(
    ("who", "owed"),
    [
        ("ada", ids_of(*(one for one in ADA if one.verdict not in CLEAN)) | keyed("tagged-identifier")),
        (
            "hector",
            ids_of(*(one for one in HECTOR if one.verdict not in CLEAN | INVISIBLE)) | keyed("tagged-address"),
        ),
    ],
)
def test_an_owner_gets_one_direct_message_with_exactly_what_is_owed(sent: Sent, who: str, owed: set[str]) -> None:
    (message,) = sent.told[who]
    assert ids(message.words) == owed


def test_who_owes_a_controllers_machines_is_told_of_them_as_one(sent: Sent) -> None:
    (message,) = sent.told["albert"]
    assert "auto-scaling group alb-workers, 3 machines" in message.words
    managed = ids_of(*(one for one in VISIBLE if one.verdict == "managed"))
    assert not ids(message.words) & managed


def test_a_nudge_says_why_one_is_told_and_what_was_not_read(sent: Sent) -> None:
    (message,) = sent.told["hector"]
    assert "You are told because a name starts with HRO and the tag Owner names you." in message.words
    assert "sa-east-1 (access denied)" in message.words


@pytest.mark.parametrize("who", ["nadia", "malo", "bill"])
def test_who_owes_nothing_and_who_cannot_be_found_gets_no_message(sent: Sent, who: str) -> None:
    assert sent.told[who] == []


@pytest.mark.parametrize(("who", "user_id"), [("gus", "U0GUE00008"), ("sam", "U0STR00009"), ("paul", "U0PADE0006")])
def test_a_guest_a_stranger_and_a_deactivated_account_get_no_message(sent: Sent, who: str, user_id: str) -> None:
    assert sent.told.get(who, []) == []
    assert user_id not in {str(call.arguments.get("users")) for call in sent.calls}
    assert user_id[1:] not in {str(call.arguments.get("channel"))[1:] for call in sent.calls}


@pytest.mark.parametrize("owner", ["Ada Granger (AGR)", "Albert Benoit (ALB)", "Hector Romano (HRO, hro@octo.example)"])
def test_the_thread_says_who_was_told(sent: Sent, owner: str) -> None:
    told, _, _ = sent.owners.partition("Nobody to tell")
    assert told.startswith("Told in a direct message")
    assert owner in told


@pytest.mark.parametrize(
    ("whose", "step"),
    [
        ("MLG", "the directory has no e-mail address for it"),
        ("NCV", "no active Slack user has ncv@octo.example"),
        ("PADE", "no active Slack user has pade@octo.example"),
        ("DUP", "two people claim it in the directory"),
        ("VLE", "the directory does not know it"),
        ("gus@freelance.example", "a guest in Slack"),
        ("sam@partner.example", "no active Slack user has sam@partner.example"),
    ],
)
def test_the_thread_lists_whom_nobody_was_found_for_with_the_step_at_which_it_failed(
    sent: Sent, whose: str, step: str
) -> None:
    _, _, untold = sent.owners.partition("Nobody to tell")
    (line,) = [line for line in untold.splitlines() if line.startswith(whose)]
    assert line.endswith(step)
    assert "1 instance" in line


def test_a_digest_in_which_something_unexpected_was_unread_leaves_with_3(sent: Sent) -> None:
    assert sent.done.returncode == 3
    assert sent.done.stdout == "The digest was sent to cloud-costs. Owners told: 3 of 3.\n"
    assert "Traceback" not in sent.done.stderr


def test_a_preview_goes_to_one_person_alone_and_nobody_is_nudged(stage: Stage) -> None:
    sent = send(stage, "--preview", "U0BIL00007", **ONE_REGION)
    (parent,) = sent.told.pop("bill")
    assert "A preview: only you were sent this." in parent.words
    assert sent.posted == []
    assert not any(sent.told.values())
    assert sent.done.returncode == 0


def test_a_preview_says_who_would_be_told(stage: Stage) -> None:
    billies = Audience(stage).screen("bill")
    send(stage, "--preview", "U0BIL00007", **ONE_REGION)
    (parent,) = billies.new()
    thread = "\n".join(message.words for message in billies.thread(parent))
    assert "Would be told in a direct message" in thread
    assert "Ada Granger (AGR)" in thread


@pytest.mark.parametrize("user_id", ["U0GUE00008", "U0STR00009"], ids=["guest", "stranger"])
def test_a_preview_for_who_is_no_full_member_is_refused(stage: Stage, user_id: str) -> None:
    sent = send(stage, "--preview", user_id, **ONE_REGION)
    assert not any(sent.told.values())
    assert sent.done.returncode in {1, 2}
    assert len(sent.done.stderr.splitlines()) == 1


def test_a_preview_for_nobody_is_refused_in_one_line(stage: Stage) -> None:
    sent = send(stage, "--preview", "U0NOBODY99", **ONE_REGION)
    assert sent.done.returncode == 1
    assert len(sent.done.stderr.splitlines()) == 1


@pytest.mark.parametrize("user_id", ["", "@ada", "u0agr00001"])
def test_a_preview_for_what_is_no_user_is_misuse_and_sends_nothing(stage: Stage, user_id: str) -> None:
    sent = send(stage, "--preview", user_id, **ONE_REGION)
    assert (sent.posted, sent.done.returncode) == ([], 2)
    assert not any(sent.told.values())


def test_in_a_dry_run_the_thread_says_who_would_be_told_and_nobody_is(stage: Stage) -> None:
    sent = send(stage, BAILIFF_NUDGES="dry-run", **ONE_REGION)
    assert "Would be told in a direct message (BAILIFF_NUDGES is dry-run)" in sent.owners
    assert not any(sent.told.values())
    assert "Owners told: 0 of 3, because BAILIFF_NUDGES is" in sent.done.stdout


def test_with_nudges_off_nobody_is_told(stage: Stage) -> None:
    sent = send(stage, BAILIFF_NUDGES="off", **ONE_REGION)
    assert "Found, and not told (BAILIFF_NUDGES is off)" in sent.owners
    assert not any(sent.told.values())


@pytest.mark.parametrize(
    ("channel", "cause"),
    [
        ("with-partner", "shared with another company"),
        ("#with-partner", "shared with another company"),
        ("C0PARTNER3", "shared with another company"),
        ("nowhere", "no channel #nowhere"),
        ("C0NOWHERE99", "channel_not_found"),
        ("general", "not in #general"),
        ("ops-private", "no channel #ops-private"),
    ],
)
def test_a_channel_in_which_the_bot_may_not_speak_is_refused_in_one_line(
    stage: Stage, channel: str, cause: str
) -> None:
    sent = send(stage, BAILIFF_CHANNEL=channel, **ONE_REGION)
    assert cause in sent.done.stderr
    assert (len(sent.done.stderr.splitlines()), sent.done.returncode) == (1, 1)
    assert not [call for call in sent.calls if call.method == "chat.postMessage"]


def test_of_many_owners_slack_is_asked_in_one_go_and_each_is_told_once(stage: Stage) -> None:
    for number in range(25):
        tag = ("Owner", f"leaver{number}@octo.example")
        stage.aws.add(Machine(key=f"left-{number}", name=f"_{number}", up=days(2), tags=(tag,), verdict="owned"))
    sent = send(stage, **ONE_REGION)
    assert "PADE" not in sent.owners.partition("Nobody to tell")[0]
    assert "no active Slack user has leaver7@octo.example" in sent.owners
    assert not [call for call in sent.calls if call.method == "users.lookupByEmail"]
    assert [len(sent.told[who]) for who in ("ada", "albert", "hector", "gus")] == [1, 1, 1, 0]


def test_an_archived_channel_is_refused_in_one_line(stage: Stage) -> None:
    stage.slack.driver.archives(CHANNEL)
    done = bailiff_here(stage, "digest", **ONE_REGION)
    assert "is archived: set BAILIFF_CHANNEL to another channel" in done.stderr
    assert (len(done.stderr.splitlines()), done.returncode) == (1, 1)
