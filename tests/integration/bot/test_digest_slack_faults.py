"""Slack fails at one call of a digest: every message arrives once, unless Slack refuses it.

The thread and standard error name what Slack refuses, and the exit code is not 0.
"""

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.sandbox.slack.faults import FaultKind
from tests.integration.bot.conftest import (
    GPU,
    LEGIT,
    ONE_REGION,
    RETIRED,
    SUMMARY_BEGINNINGS,
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)
from tests.quick import QUICK

POST = "chat.postMessage"
CHANNEL = "cloud-costs"
DIRECT_CONVERSATIONS = ("D0AGR00001", "D0HRO00003")
"""The direct conversations with the owners."""
PROD = InstanceFixture(key="prod", name="prod-db", since_start=days(5), expected_table="owned")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (GPU, RETIRED, PROD, LEGIT)


class SentDigest:
    """The result of sending a digest once: the exit code, the errors, the messages that users saw."""

    def __init__(self, users: SandboxUsers) -> None:
        self._channel_view = users.view("bill", CHANNEL)
        views = {user: users.view(user) for user in ("ada", "hector")}
        result = run_in_process(users.sandbox, "digest", **ONE_REGION)
        self.exit_code, self.error_lines = result.returncode, result.stderr.splitlines()
        self.posted: list[RenderedMessage] = self._channel_view.new_messages()
        self.thread: list[RenderedMessage] = self._channel_view.thread(self.posted[0]) if self.posted else []
        self.direct_messages = {user: view.new_messages() for user, view in views.items()}

    @property
    def not_delivered(self) -> str:
        """Return what the thread lists as not delivered."""
        return self.delivery_summary.partition("Not delivered in this thread")[2]

    @property
    def tables(self) -> list[RenderedMessage]:
        return [message for message in self.thread if message.text.startswith("Tables of the report")]

    @property
    def files(self) -> list[str]:
        return [file.text for message in self.thread for file in message.files]

    @property
    def delivery_summary(self) -> str:
        return "\n".join(message.visible_text for message in self.thread if message.text.startswith(SUMMARY_BEGINNINGS))


def assert_complete(digest: SentDigest) -> None:
    """Fail unless every message arrived exactly once."""
    assert len(digest.posted) == 1
    assert len(digest.tables) == 1
    assert [ids(text) for text in digest.files] == [ids_of(GPU, RETIRED, PROD, LEGIT)]
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert (digest.exit_code, digest.error_lines) == (0, [])


def test_without_faults_every_message_arrives_once_and_the_exit_code_is_0(users: SandboxUsers) -> None:
    assert_complete(SentDigest(users))


ANSWER_LOST: tuple[FaultKind, ...] = ("drop_before", "drop_after", "server_error", "html")
"""Faults that hide whether Slack accepted a call. It did for `drop_after` only."""


@pytest.mark.parametrize("kind", ANSWER_LOST)
@pytest.mark.parametrize("position", [0, 1, 2], ids=["parent", "table", "delivery summary"])
def test_a_post_whose_answer_is_lost_arrives_once(users: SandboxUsers, position: int, kind: FaultKind) -> None:
    users.let_calls_succeed(POST, position, CHANNEL)
    users.driver.inject_fault(kind, POST, channel=CHANNEL)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", ANSWER_LOST)
def test_direct_messages_whose_answers_are_lost_arrive_once(users: SandboxUsers, kind: FaultKind) -> None:
    for channel in DIRECT_CONVERSATIONS:
        users.driver.inject_fault(kind, POST, channel=channel)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", ANSWER_LOST)
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_file_whose_answer_is_lost_at_any_step_arrives_once(
    users: SandboxUsers, method: str, kind: FaultKind
) -> None:
    users.driver.inject_fault(kind, method)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", ANSWER_LOST)
def test_a_conversation_is_opened_again_if_the_answer_is_lost(users: SandboxUsers, kind: FaultKind) -> None:
    users.driver.inject_fault(kind, "conversations.open", times=2)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", ANSWER_LOST)
def test_a_digest_whose_every_post_fails_the_first_time_arrives_as_a_whole(
    users: SandboxUsers, kind: FaultKind
) -> None:
    users.driver.inject_fault(kind, POST)
    for channel in DIRECT_CONVERSATIONS:
        users.driver.inject_fault(kind, POST, channel=channel)
    users.driver.inject_fault(kind, "files.completeUploadExternal")
    assert_complete(SentDigest(users))


def test_a_post_is_not_repeated_while_its_lookup_fails(
    users: SandboxUsers,
) -> None:
    users.driver.inject_fault("drop_after", POST)
    users.driver.inject_fault("server_error", "conversations.history", times=3)
    assert_complete(SentDigest(users))
    assert len(users.calls("conversations.history")) == 4


def test_a_lost_post_is_looked_up_before_it_is_posted_again(users: SandboxUsers) -> None:
    users.driver.inject_fault("drop_before", POST)
    assert_complete(SentDigest(users))
    first_post, retry = users.calls(POST)[:2]
    lookups = [call.at for call in users.calls("conversations.history") if first_post.at < call.at < retry.at]
    assert len(lookups) == 2
    assert lookups[1] - first_post.at >= QUICK.outbox.max_send_duration.total_seconds()


@pytest.mark.parametrize(("kind", "method"), [("rate_limited", POST), ("drop_before", "files.getUploadURLExternal")])
def test_a_digest_that_needs_two_attempts_writes_nothing_to_standard_error(
    users: SandboxUsers, kind: FaultKind, method: str
) -> None:
    users.driver.inject_fault(kind, method)
    result = users.sandbox.run_cli("digest", **ONE_REGION)
    assert (result.returncode, result.stderr) == (0, "")


# --- what Slack refuses ---


def test_a_digest_whose_first_message_is_refused_fails_in_one_line_and_posts_nothing_else(
    users: SandboxUsers,
) -> None:
    users.driver.inject_fault("refuse", POST, error="restricted_action")
    digest = SentDigest(users)
    assert (digest.posted, digest.exit_code) == ([], 1)
    assert not any(digest.direct_messages.values())
    [line] = digest.error_lines
    assert line == (
        "bailiff: It was not sent: Slack refused chat_postMessage: restricted_action; "
        "the workspace does not let the bot post there: ask its administrator"
    )


def test_a_failure_is_one_line_on_standard_error_without_log_lines(users: SandboxUsers) -> None:
    users.driver.inject_fault("refuse", POST, error="restricted_action")
    result = users.sandbox.run_cli("digest", **ONE_REGION)
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)


def test_the_thread_names_a_refused_table_and_everything_else_arrives(users: SandboxUsers) -> None:
    users.let_calls_succeed(POST, 1, CHANNEL)
    users.driver.inject_fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    digest = SentDigest(users)
    assert digest.tables == []
    assert "Tables of the report: " in digest.not_delivered
    assert "Slack refused chat_postMessage: restricted_action" in digest.not_delivered
    assert len(digest.files) == 1
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert digest.exit_code == 1
    [line] = digest.error_lines
    assert line.startswith("bailiff: not delivered: Tables of the report: ")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_the_thread_names_a_refused_file_and_everything_else_arrives(users: SandboxUsers, method: str) -> None:
    users.driver.inject_fault("refuse", method, error="file_upload_disabled")
    digest = SentDigest(users)
    assert digest.files == []
    assert "The CSV: Slack refused " in digest.not_delivered
    assert "file_upload_disabled" in digest.not_delivered
    assert len(digest.tables) == 1
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert (digest.exit_code, len(digest.error_lines)) == (1, 1)


def test_a_refused_delivery_summary_is_named_on_the_command_line(users: SandboxUsers) -> None:
    users.let_calls_succeed(POST, 2, CHANNEL)
    users.driver.inject_fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    digest = SentDigest(users)
    assert digest.delivery_summary == ""
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    [line] = digest.error_lines
    assert line.startswith("bailiff: not delivered: The list of notified owners (Slack refused ")
    assert digest.exit_code == 1


@pytest.mark.parametrize("position", [0, 1], ids=["parent", "table"])
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
def test_refused_blocks_arrive_as_monospace_text(users: SandboxUsers, position: int, error: str) -> None:
    users.let_calls_succeed(POST, position, CHANNEL)
    users.driver.inject_fault("refuse", POST, channel=CHANNEL, error=error)
    digest = SentDigest(users)
    message = (digest.posted + digest.tables)[position]
    assert message.tables == []
    assert "rich_text_preformatted" in {part["type"] for block in message.blocks for part in block["elements"]}
    assert "hro-old" in message.visible_text
    assert (len(digest.posted), len(digest.tables), digest.exit_code) == (1, 1, 0)


def test_a_rate_limited_post_is_repeated_after_the_time_that_slack_names(users: SandboxUsers) -> None:
    users.driver.inject_fault("rate_limited", POST, seconds=1.0)
    assert_complete(SentDigest(users))
    refused, retry = users.calls(POST)[:2]
    assert refused.status == 429
    assert retry.at - refused.at >= 1.0


def test_a_refused_direct_message_is_listed_and_stops_no_other(users: SandboxUsers) -> None:
    users.driver.inject_fault("refuse", POST, channel="D0HRO00003", error="cannot_dm_user")
    digest = SentDigest(users)
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 0]
    notified, _, not_notified = digest.delivery_summary.partition("Could not be notified")
    assert "Ada Granger" in notified
    assert "Hector Romano (HRO" in not_notified
    assert digest.exit_code == 1
    [line] = digest.error_lines
    assert line.startswith("bailiff: Hector Romano (HRO): 1 instance could not be notified: ")


def test_an_owner_whose_lookup_fails_is_listed_and_the_exit_code_is_1(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "users.lookupByEmail")
    digest = SentDigest(users)
    assert sorted(len(messages) for messages in digest.direct_messages.values()) == [0, 1]
    assert "Slack did not answer the look-up" in digest.delivery_summary
    assert digest.exit_code == 1


def test_a_delivery_summary_that_cannot_be_edited_gives_exit_code_1(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "chat.update")
    digest = SentDigest(users)
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert "Owners being notified" in digest.delivery_summary
    assert digest.exit_code == 1


def test_a_post_that_becomes_visible_late_is_not_posted_twice(users: SandboxUsers, sandbox: Sandbox) -> None:
    users.driver.inject_fault("late", POST, seconds=1.5)
    digest = SentDigest(users)
    posted = digest.posted or users.view("bill", CHANNEL).wait_for_messages(bool)
    assert len(posted) == 1
    assert digest.exit_code == 0
    assert sandbox.slack.driver.failures("bad_ack") == []
