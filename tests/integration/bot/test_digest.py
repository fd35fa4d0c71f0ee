"""The digest by the command line: the parent, its thread, the owners' direct messages; and where it may not go."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.aws.fleet import ADA_INSTANCES, FLEET, HECTOR_INSTANCES
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.sandbox.slack.call_log import CallRecord
from tests.integration.bot.conftest import (
    CLEAN,
    FLEET_REGIONS,
    INVISIBLE,
    ONE_REGION,
    VISIBLE,
    CompletedCommand,
    SandboxUsers,
    days,
    ids,
    ids_by_key,
    ids_of,
    run_in_process,
)

CHANNEL = "cloud-costs"
EVERYBODY = ("ada", "albert", "hector", "nadia", "malo", "bill", "gus", "sam")
OUTSIDERS = (
    InstanceFixture(
        key="of-a-guest",
        name="x",
        since_start=days(3),
        tags=(("Owner", "gus@freelance.example"),),
        expected_table="owned",
    ),
    InstanceFixture(
        key="of-a-stranger",
        name="y",
        since_start=days(3),
        tags=(("Owner", "sam@partner.example"),),
        expected_table="owned",
    ),
)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (*FLEET, *OUTSIDERS)


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A digest that was sent once, and all that came of it."""

    done: CompletedCommand
    posted: list[RenderedMessage]
    thread: list[RenderedMessage]
    direct_messages: dict[str, list[RenderedMessage]]
    calls: list[CallRecord]

    @property
    def parent(self) -> RenderedMessage:
        return self.posted[0]

    @property
    def owners(self) -> str:
        """The message on the owners."""
        return next(message.visible_text for message in self.thread if message.text.startswith("Owners:"))

    @property
    def rows(self) -> list[dict[str, str]]:
        """The CSV."""
        (file,) = [file for message in self.thread for file in message.files]
        return list(csv.DictReader(io.StringIO(file.text)))


def observe_digest(sandbox: Sandbox, run: Callable[[], CompletedCommand]) -> SentDigest:
    """Return all that came of a digest."""
    users = SandboxUsers(sandbox)
    channel = users.view("bill", CHANNEL)
    views = {who: users.view(who) for who in EVERYBODY}
    before = len(sandbox.slack.driver.calls())
    done = run()
    posted = channel.new_messages()
    thread = channel.thread(posted[0]) if posted else []
    told = {who: view.new_messages() for who, view in views.items()}
    return SentDigest(done, posted, thread, told, sandbox.slack.driver.calls()[before:])


def send(sandbox: Sandbox, *arguments: str, **changes: str) -> SentDigest:
    """Send a digest."""
    return observe_digest(sandbox, lambda: run_in_process(sandbox, "digest", *arguments, **changes))


@pytest.fixture(scope="module")
def sent(sandbox: Sandbox) -> SentDigest:
    """Return the digest of the whole fleet, with nudges on, sent by a process of its own."""
    return observe_digest(sandbox, lambda: sandbox.run_cli("digest", BAILIFF_REGIONS=FLEET_REGIONS))


def test_the_channel_gets_one_message_with_headline_counts_the_worst_and_coverage(sent: SentDigest) -> None:
    assert len(sent.posted) == 1
    assert f"of {len(VISIBLE) + len(OUTSIDERS)} instances owe something" in sent.parent.visible_text
    assert "The worst" in sent.parent.visible_text
    assert "9 of 10 regions of 2 accounts read" in sent.parent.visible_text
    assert "not read: 111122223333/sa-east-1 (access denied)" in sent.parent.visible_text


def test_the_thread_has_every_instance_in_tables(sent: SentDigest) -> None:
    cells = {cell for message in sent.thread for table in message.tables for row in table for cell in row}
    managed = {one.id for one in VISIBLE if one.expected_table == "managed"}
    assert ids_of(*VISIBLE, *OUTSIDERS) - managed <= cells


def test_the_threads_csv_has_every_instance_and_what_was_not_read(sent: SentDigest) -> None:
    assert {row["instance_id"] for row in sent.rows} - {""} == ids_of(*VISIBLE, *OUTSIDERS)
    assert [row["region"] for row in sent.rows if row["table"] == "unread"] == ["sa-east-1"]


def test_the_csv_puts_each_instance_under_the_rule_it_breaks(sent: SentDigest) -> None:
    verdicts = {one.id: one.expected_table for one in VISIBLE if one.region != "sa-east-1"}
    assert {row["instance_id"]: row["table"] for row in sent.rows if row["instance_id"] in verdicts} == verdicts


def test_a_formula_in_a_name_is_defused_in_the_csv(sent: SentDigest) -> None:
    (name,) = [row["name"] for row in sent.rows if "HYPERLINK" in row["name"]]
    assert name.startswith("'=")


def test_a_digest_comes_in_at_most_twelve_messages(sent: SentDigest) -> None:
    assert len(sent.posted) + len(sent.thread) <= 12


def test_slack_refuses_nothing_of_a_digest_but_addresses_it_does_not_know(sent: SentDigest) -> None:
    refused = {(call.method, call.answer.get("error")) for call in sent.calls if call.answer.get("ok") is False}
    assert refused == {("users.lookupByEmail", "users_not_found")}


@pytest.mark.parametrize(
    ("who", "owed"),
    [
        (
            "ada",
            ids_of(*(one for one in ADA_INSTANCES if one.expected_table not in CLEAN))
            | ids_by_key("tagged-identifier"),
        ),
        (
            "hector",
            ids_of(*(one for one in HECTOR_INSTANCES if one.expected_table not in CLEAN | INVISIBLE))
            | ids_by_key("tagged-address"),
        ),
    ],
)
def test_an_owner_gets_one_direct_message_with_exactly_their_findings(
    sent: SentDigest, who: str, owed: set[str]
) -> None:
    (message,) = sent.direct_messages[who]
    assert ids(message.visible_text) == owed


def test_a_controllers_machines_are_one_line_of_a_nudge(sent: SentDigest) -> None:
    (message,) = sent.direct_messages["albert"]
    assert "auto-scaling group alb-workers, 3 machines" in message.visible_text
    managed = ids_of(*(one for one in VISIBLE if one.expected_table == "managed"))
    assert not ids(message.visible_text) & managed


def test_a_nudge_says_why_one_gets_it_and_what_was_not_read(sent: SentDigest) -> None:
    (message,) = sent.direct_messages["hector"]
    assert "You are told because a name starts with HRO and the tag Owner names you." in message.visible_text
    assert "sa-east-1 (access denied)" in message.visible_text


@pytest.mark.parametrize("who", ["nadia", "malo", "bill"])
def test_without_findings_or_without_a_slack_user_there_is_no_message(sent: SentDigest, who: str) -> None:
    assert sent.direct_messages[who] == []


@pytest.mark.parametrize(("who", "user_id"), [("gus", "U0GUE00008"), ("sam", "U0STR00009"), ("paul", "U0PADE0006")])
def test_a_guest_a_stranger_and_a_deactivated_account_get_no_message(sent: SentDigest, who: str, user_id: str) -> None:
    assert sent.direct_messages.get(who, []) == []
    assert user_id not in {str(call.arguments.get("users")) for call in sent.calls}
    assert user_id[1:] not in {str(call.arguments.get("channel"))[1:] for call in sent.calls}


@pytest.mark.parametrize("owner", ["Ada Granger (AGR)", "Albert Benoit (ALB)", "Hector Romano (HRO, hro@octo.example)"])
def test_the_thread_lists_who_was_notified(sent: SentDigest, owner: str) -> None:
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
    sent: SentDigest, whose: str, step: str
) -> None:
    _, _, untold = sent.owners.partition("Nobody to tell")
    (line,) = [line for line in untold.splitlines() if line.startswith(whose)]
    assert line.endswith(step)
    assert "1 instance" in line


def test_a_digest_in_which_something_unexpected_was_unread_leaves_with_3(sent: SentDigest) -> None:
    assert sent.done.returncode == 3
    assert sent.done.stdout == "The digest was sent to cloud-costs. Owners told: 3 of 3.\n"
    assert "Traceback" not in sent.done.stderr


def test_a_preview_goes_to_one_person_alone_and_nobody_is_nudged(sandbox: Sandbox) -> None:
    sent = send(sandbox, "--preview", "U0BIL00007", **ONE_REGION)
    (parent,) = sent.direct_messages.pop("bill")
    assert "A preview: only you were sent this." in parent.visible_text
    assert sent.posted == []
    assert not any(sent.direct_messages.values())
    assert sent.done.returncode == 0


def test_a_preview_lists_who_would_be_notified(sandbox: Sandbox) -> None:
    billies = SandboxUsers(sandbox).view("bill")
    send(sandbox, "--preview", "U0BIL00007", **ONE_REGION)
    (parent,) = billies.new_messages()
    thread = "\n".join(message.visible_text for message in billies.thread(parent))
    assert "Would be told in a direct message" in thread
    assert "Ada Granger (AGR)" in thread


@pytest.mark.parametrize("user_id", ["U0GUE00008", "U0STR00009"], ids=["guest", "stranger"])
def test_a_preview_for_who_is_no_full_member_is_refused(sandbox: Sandbox, user_id: str) -> None:
    sent = send(sandbox, "--preview", user_id, **ONE_REGION)
    assert not any(sent.direct_messages.values())
    assert sent.done.returncode in {1, 2}
    assert len(sent.done.stderr.splitlines()) == 1


def test_a_preview_for_nobody_is_refused_in_one_line(sandbox: Sandbox) -> None:
    sent = send(sandbox, "--preview", "U0NOBODY99", **ONE_REGION)
    assert sent.done.returncode == 1
    assert len(sent.done.stderr.splitlines()) == 1


@pytest.mark.parametrize("user_id", ["", "@ada", "u0agr00001"])
def test_a_preview_for_what_is_no_user_is_misuse_and_sends_nothing(sandbox: Sandbox, user_id: str) -> None:
    sent = send(sandbox, "--preview", user_id, **ONE_REGION)
    assert (sent.posted, sent.done.returncode) == ([], 2)
    assert not any(sent.direct_messages.values())


def test_in_a_dry_run_the_thread_lists_who_would_be_notified_and_nobody_is(sandbox: Sandbox) -> None:
    sent = send(sandbox, BAILIFF_NUDGES="dry-run", **ONE_REGION)
    assert "Would be told in a direct message (BAILIFF_NUDGES is dry-run)" in sent.owners
    assert not any(sent.direct_messages.values())
    assert "Owners told: 0 of 3, because BAILIFF_NUDGES is" in sent.done.stdout


def test_with_nudges_off_nobody_is_notified(sandbox: Sandbox) -> None:
    sent = send(sandbox, BAILIFF_NUDGES="off", **ONE_REGION)
    assert "Found, and not told (BAILIFF_NUDGES is off)" in sent.owners
    assert not any(sent.direct_messages.values())


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
    sandbox: Sandbox, channel: str, cause: str
) -> None:
    sent = send(sandbox, BAILIFF_CHANNEL=channel, **ONE_REGION)
    assert cause in sent.done.stderr
    assert (len(sent.done.stderr.splitlines()), sent.done.returncode) == (1, 1)
    assert not [call for call in sent.calls if call.method == "chat.postMessage"]


def test_slack_is_asked_once_for_many_owners_and_each_is_notified_once(sandbox: Sandbox) -> None:
    for number in range(25):
        tag = ("Owner", f"leaver{number}@octo.example")
        sandbox.aws.add(
            InstanceFixture(
                key=f"left-{number}", name=f"_{number}", since_start=days(2), tags=(tag,), expected_table="owned"
            )
        )
    sent = send(sandbox, **ONE_REGION)
    assert "PADE" not in sent.owners.partition("Nobody to tell")[0]
    assert "no active Slack user has leaver7@octo.example" in sent.owners
    assert not [call for call in sent.calls if call.method == "users.lookupByEmail"]
    assert [len(sent.direct_messages[who]) for who in ("ada", "albert", "hector", "gus")] == [1, 1, 1, 0]


def test_an_archived_channel_is_refused_in_one_line(sandbox: Sandbox) -> None:
    sandbox.slack.driver.archive(CHANNEL)
    done = run_in_process(sandbox, "digest", **ONE_REGION)
    assert "is archived: set BAILIFF_CHANNEL to another channel" in done.stderr
    assert (len(done.stderr.splitlines()), done.returncode) == (1, 1)
