"""`bailiff digest`: the parent message, its thread, the direct messages to owners, and channels that it refuses."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.aws.fleet import ADA_INSTANCES, FLEET, HECTOR_INSTANCES
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.sandbox.slack.call_log import CallRecord
from tests.integration.bot.conftest import (
    FLEET_REGIONS,
    INVISIBLE_TABLES,
    ONE_REGION,
    SUMMARY_BEGINNINGS,
    UNFLAGGED_TABLES,
    VISIBLE_INSTANCES,
    CompletedCommand,
    SandboxUsers,
    days,
    ids,
    ids_by_key,
    ids_of,
    run_in_process,
)

CHANNEL = "cloud-costs"
READ_USAGE = "cloudwatch:GetMetricData"
USERS = ("ada", "albert", "hector", "nadia", "malo", "bill", "gus", "sam")
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
    """The result of sending a digest once: the command, the messages that users saw, the calls to Slack."""

    result: CompletedCommand
    posted: list[RenderedMessage]
    thread: list[RenderedMessage]
    direct_messages: dict[str, list[RenderedMessage]]
    calls: list[CallRecord]

    @property
    def parent(self) -> RenderedMessage:
        return self.posted[0]

    @property
    def delivery_summary(self) -> str:
        return next(message.visible_text for message in self.thread if message.text.startswith(SUMMARY_BEGINNINGS))

    @property
    def csv_rows(self) -> list[dict[str, str]]:
        (file,) = [file for message in self.thread for file in message.files]
        return list(csv.DictReader(io.StringIO(file.text)))


def observe_digest(sandbox: Sandbox, run: Callable[[], CompletedCommand]) -> SentDigest:
    """Run a command that sends a digest. Returns what came of it."""
    users = SandboxUsers(sandbox)
    channel_view = users.view("bill", CHANNEL)
    views = {user: users.view(user) for user in USERS}
    calls_before = len(sandbox.slack.driver.calls())
    result = run()
    posted = channel_view.new_messages()
    thread = channel_view.thread(posted[0]) if posted else []
    direct_messages = {user: view.new_messages() for user, view in views.items()}
    return SentDigest(result, posted, thread, direct_messages, sandbox.slack.driver.calls()[calls_before:])


def send_digest(sandbox: Sandbox, *arguments: str, **changes: str) -> SentDigest:
    """Send a digest from this process."""
    return observe_digest(sandbox, lambda: run_in_process(sandbox, "digest", *arguments, **changes))


@pytest.fixture(scope="module", params=["off", "on"])
def sent(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[SentDigest]:
    """Send the digest of the whole fleet by a separate process. Usage is switched off, or CloudWatch refuses it."""
    sandbox.aws.withdraw_permission(READ_USAGE)
    database = {"BAILIFF_DATABASE_URL": f"sqlite:///usage-{request.param}.sqlite"}
    changes = {**database, "BAILIFF_REGIONS": FLEET_REGIONS, "BAILIFF_USAGE": str(request.param)}
    yield observe_digest(sandbox, lambda: sandbox.run_cli("digest", **changes))
    sandbox.aws.restore_permission(READ_USAGE)


def test_the_channel_gets_one_message_with_counts_most_urgent_instances_and_coverage(sent: SentDigest) -> None:
    assert len(sent.posted) == 1
    assert f"of {len(VISIBLE_INSTANCES) + len(OUTSIDERS)} instances break a rule" in sent.parent.visible_text
    assert "Most urgent" in sent.parent.visible_text
    assert "9 of 10 regions of 2 accounts read" in sent.parent.visible_text
    assert "not read: 111122223333/sa-east-1 (access denied)" in sent.parent.visible_text


def test_the_tables_of_the_thread_have_every_instance(sent: SentDigest) -> None:
    cells = {cell for message in sent.thread for table in message.tables for row in table for cell in row}
    managed = {instance.id for instance in VISIBLE_INSTANCES if instance.expected_table == "managed"}
    assert ids_of(*VISIBLE_INSTANCES, *OUTSIDERS) - managed <= cells


def test_the_csv_of_the_thread_has_every_instance_and_what_was_not_read(sent: SentDigest) -> None:
    assert {row["instance_id"] for row in sent.csv_rows} - {""} == ids_of(*VISIBLE_INSTANCES, *OUTSIDERS)
    assert [row["region"] for row in sent.csv_rows if row["table"] == "unread"] == ["sa-east-1"]


def test_the_csv_puts_each_instance_under_the_rule_it_breaks(sent: SentDigest) -> None:
    expected_tables = {
        instance.id: instance.expected_table for instance in VISIBLE_INSTANCES if instance.region != "sa-east-1"
    }
    assert {
        row["instance_id"]: row["table"] for row in sent.csv_rows if row["instance_id"] in expected_tables
    } == expected_tables


def test_a_formula_in_a_name_is_escaped_in_the_csv(sent: SentDigest) -> None:
    (name,) = [row["name"] for row in sent.csv_rows if "HYPERLINK" in row["name"]]
    assert name.startswith("'=")


def test_a_digest_has_at_most_twelve_messages(sent: SentDigest) -> None:
    assert len(sent.posted) + len(sent.thread) <= 12


def test_slack_refuses_only_the_lookup_of_unknown_addresses(sent: SentDigest) -> None:
    refused = {(call.method, call.answer.get("error")) for call in sent.calls if call.answer.get("ok") is False}
    assert refused == {("users.lookupByEmail", "users_not_found")}


@pytest.mark.parametrize(
    ("user", "flagged_ids"),
    [
        (
            "ada",
            ids_of(*(instance for instance in ADA_INSTANCES if instance.expected_table not in UNFLAGGED_TABLES))
            | ids_by_key("tagged-identifier"),
        ),
        (
            "hector",
            ids_of(
                *(
                    instance
                    for instance in HECTOR_INSTANCES
                    if instance.expected_table not in UNFLAGGED_TABLES | INVISIBLE_TABLES
                )
            )
            | ids_by_key("tagged-address"),
        ),
    ],
)
def test_an_owner_gets_one_direct_message_with_exactly_their_findings(
    sent: SentDigest, user: str, flagged_ids: set[str]
) -> None:
    (message,) = sent.direct_messages[user]
    assert ids(message.visible_text) == flagged_ids


def test_the_machines_of_a_controller_are_one_line_of_a_nudge(sent: SentDigest) -> None:
    (message,) = sent.direct_messages["albert"]
    assert "auto-scaling group alb-workers, 3 machines" in message.visible_text
    managed = ids_of(*(instance for instance in VISIBLE_INSTANCES if instance.expected_table == "managed"))
    assert not ids(message.visible_text) & managed


def test_a_nudge_says_why_the_owner_gets_it_and_what_was_not_read(sent: SentDigest) -> None:
    (message,) = sent.direct_messages["hector"]
    assert "You get this message because a name starts with HRO and the tag Owner names you." in message.visible_text
    assert "sa-east-1 (access denied)" in message.visible_text


@pytest.mark.parametrize("user", ["nadia", "malo", "bill"])
def test_a_user_without_findings_gets_no_message(sent: SentDigest, user: str) -> None:
    assert sent.direct_messages[user] == []


@pytest.mark.parametrize(("user", "user_id"), [("gus", "U0GUE00008"), ("sam", "U0STR00009"), ("paul", "U0PADE0006")])
def test_a_guest_an_outsider_and_a_deactivated_user_get_no_message(sent: SentDigest, user: str, user_id: str) -> None:
    assert sent.direct_messages.get(user, []) == []
    assert user_id not in {str(call.arguments.get("users")) for call in sent.calls}
    assert user_id[1:] not in {str(call.arguments.get("channel"))[1:] for call in sent.calls}


@pytest.mark.parametrize("owner", ["Ada Granger (AGR)", "Albert Benoit (ALB)", "Hector Romano (HRO, hro@octo.example)"])
def test_the_thread_lists_who_was_notified(sent: SentDigest, owner: str) -> None:
    notified, _, _ = sent.delivery_summary.partition("No owner found")
    assert notified.startswith("Owners notified")
    assert owner in notified


@pytest.mark.parametrize(
    ("owner", "step"),
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
def test_the_thread_lists_each_unassigned_owner_with_the_step_that_failed(
    sent: SentDigest, owner: str, step: str
) -> None:
    _, _, unassigned = sent.delivery_summary.partition("No owner found")
    (line,) = [line for line in unassigned.splitlines() if line.startswith(owner)]
    assert line.endswith(step)
    assert "1 instance" in line


def test_a_digest_with_an_unexpected_unread_target_has_exit_code_3(sent: SentDigest) -> None:
    assert sent.result.returncode == 3
    assert sent.result.stdout == "Digest sent to #cloud-costs. Owners notified: 3 of 3.\n"
    assert "Traceback" not in sent.result.stderr


def test_a_preview_goes_to_one_user_only_and_notifies_no_owner(sandbox: Sandbox) -> None:
    sent = send_digest(sandbox, "--preview", "U0BIL00007", **ONE_REGION)
    (parent,) = sent.direct_messages.pop("bill")
    assert "A preview: only you got this message." in parent.visible_text
    assert sent.posted == []
    assert not any(sent.direct_messages.values())
    assert sent.result.returncode == 0


def test_a_preview_lists_who_would_be_notified(sandbox: Sandbox) -> None:
    bill_view = SandboxUsers(sandbox).view("bill")
    send_digest(sandbox, "--preview", "U0BIL00007", **ONE_REGION)
    (parent,) = bill_view.new_messages()
    thread = "\n".join(message.visible_text for message in bill_view.thread(parent))
    assert "Owners who would be notified" in thread
    assert "Ada Granger (AGR)" in thread


@pytest.mark.parametrize("user_id", ["U0GUE00008", "U0STR00009"], ids=["guest", "outsider"])
def test_a_preview_for_a_user_who_is_no_full_member_is_refused(sandbox: Sandbox, user_id: str) -> None:
    sent = send_digest(sandbox, "--preview", user_id, **ONE_REGION)
    assert not any(sent.direct_messages.values())
    assert sent.result.returncode in {1, 2}
    assert len(sent.result.stderr.splitlines()) == 1


def test_a_preview_for_an_unknown_user_is_refused_in_one_line(sandbox: Sandbox) -> None:
    sent = send_digest(sandbox, "--preview", "U0NOBODY99", **ONE_REGION)
    assert sent.result.returncode == 1
    assert len(sent.result.stderr.splitlines()) == 1


@pytest.mark.parametrize("user_id", ["", "@ada", "u0agr00001"])
def test_a_preview_for_a_malformed_user_id_is_misuse_and_sends_nothing(sandbox: Sandbox, user_id: str) -> None:
    sent = send_digest(sandbox, "--preview", user_id, **ONE_REGION)
    assert (sent.posted, sent.result.returncode) == ([], 2)
    assert not any(sent.direct_messages.values())


def test_a_dry_run_lists_who_would_be_notified_and_notifies_nobody(sandbox: Sandbox) -> None:
    sent = send_digest(sandbox, BAILIFF_NUDGES="dry-run", **ONE_REGION)
    assert "Owners who would be notified (BAILIFF_NUDGES is dry-run)" in sent.delivery_summary
    assert not any(sent.direct_messages.values())
    assert "Owners notified: 0 of 3, because BAILIFF_NUDGES is" in sent.result.stdout


def test_with_nudges_off_nobody_is_notified(sandbox: Sandbox) -> None:
    sent = send_digest(sandbox, BAILIFF_NUDGES="off", **ONE_REGION)
    assert "Owners found, not notified (BAILIFF_NUDGES is off)" in sent.delivery_summary
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
def test_a_channel_that_the_bot_may_not_post_to_is_refused_in_one_line(
    sandbox: Sandbox, channel: str, cause: str
) -> None:
    sent = send_digest(sandbox, BAILIFF_CHANNEL=channel, **ONE_REGION)
    assert cause in sent.result.stderr
    assert (len(sent.result.stderr.splitlines()), sent.result.returncode) == (1, 1)
    assert not [call for call in sent.calls if call.method == "chat.postMessage"]


def test_many_owners_are_looked_up_in_one_list_and_each_is_notified_once(sandbox: Sandbox) -> None:
    for number in range(25):
        tag = ("Owner", f"leaver{number}@octo.example")
        sandbox.aws.add(
            InstanceFixture(
                key=f"left-{number}", name=f"_{number}", since_start=days(2), tags=(tag,), expected_table="owned"
            )
        )
    sent = send_digest(sandbox, **ONE_REGION)
    assert "PADE" not in sent.delivery_summary.partition("No owner found")[0]
    assert "no active Slack user has leaver7@octo.example" in sent.delivery_summary
    assert not [call for call in sent.calls if call.method == "users.lookupByEmail"]
    assert [len(sent.direct_messages[user]) for user in ("ada", "albert", "hector", "gus")] == [1, 1, 1, 0]


def test_an_archived_channel_is_refused_in_one_line(sandbox: Sandbox) -> None:
    sandbox.slack.driver.archive(CHANNEL)
    result = run_in_process(sandbox, "digest", **ONE_REGION)
    assert "is archived: set BAILIFF_CHANNEL to another channel" in result.stderr
    assert (len(result.stderr.splitlines()), result.returncode) == (1, 1)
