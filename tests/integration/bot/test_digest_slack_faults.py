"""A digest while Slack fails in one place: everything comes and nothing twice, but for what Slack refuses.

What is refused is named in the thread and on standard error, and the exit code tells.
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
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)
from tests.quick import QUICK

POST = "chat.postMessage"
CHANNEL = "cloud-costs"
DIRECT = ("D0AGR00001", "D0HRO00003")
"""The conversations of the owners."""
PROD = InstanceFixture(key="prod", name="prod-db", since_start=days(5), expected_table="owned")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (GPU, RETIRED, PROD, LEGIT)


class SentDigest:
    """A digest that is sent to an audience."""

    def __init__(self, users: SandboxUsers) -> None:
        self._channel = users.view("bill", CHANNEL)
        views = {who: users.view(who) for who in ("ada", "hector")}
        done = run_in_process(users.sandbox, "digest", **ONE_REGION)
        self.code, self.errors = done.returncode, done.stderr.splitlines()
        self.posted: list[RenderedMessage] = self._channel.new_messages()
        self.thread: list[RenderedMessage] = self._channel.thread(self.posted[0]) if self.posted else []
        self.direct_messages = {who: view.new_messages() for who, view in views.items()}

    @property
    def missing(self) -> str:
        """What the thread says did not arrive."""
        return self.owners.partition("Missing from this thread")[2]

    @property
    def tables(self) -> list[RenderedMessage]:
        return [one for one in self.thread if one.text.startswith("Tables of the report")]

    @property
    def files(self) -> list[str]:
        return [file.text for one in self.thread for file in one.files]

    @property
    def owners(self) -> str:
        return "\n".join(one.visible_text for one in self.thread if one.text.startswith("Owners:"))


def assert_complete(digest: SentDigest) -> None:
    """See that everything came, and once."""
    assert len(digest.posted) == 1
    assert len(digest.tables) == 1
    assert [ids(text) for text in digest.files] == [ids_of(GPU, RETIRED, PROD, LEGIT)]
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert (digest.code, digest.errors) == (0, [])


def test_without_faults_everything_comes_once_and_the_exit_code_is_0(users: SandboxUsers) -> None:
    assert_complete(SentDigest(users))


LOST: tuple[FaultKind, ...] = ("drop_before", "drop_after", "server_error", "html")
"""What leaves it open whether Slack took a call: of these, only after the second has it."""


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("position", [0, 1, 2], ids=["parent", "table", "word on the owners"])
def test_a_post_whose_answer_is_lost_arrives_once(users: SandboxUsers, position: int, kind: FaultKind) -> None:
    users.let_calls_succeed(POST, position, CHANNEL)
    users.driver.inject_fault(kind, POST, channel=CHANNEL)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", LOST)
def test_direct_messages_whose_answers_are_lost_arrive_once(users: SandboxUsers, kind: FaultKind) -> None:
    for channel in DIRECT:
        users.driver.inject_fault(kind, POST, channel=channel)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_file_whose_answer_is_lost_at_any_step_arrives_once(
    users: SandboxUsers, method: str, kind: FaultKind
) -> None:
    users.driver.inject_fault(kind, method)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", LOST)
def test_a_conversation_whose_opening_was_not_answered_is_opened_again(users: SandboxUsers, kind: FaultKind) -> None:
    users.driver.inject_fault(kind, "conversations.open", times=2)
    assert_complete(SentDigest(users))


@pytest.mark.parametrize("kind", LOST)
def test_a_digest_in_which_every_post_is_lost_the_first_time_arrives_whole(
    users: SandboxUsers, kind: FaultKind
) -> None:
    users.driver.inject_fault(kind, POST)
    for channel in DIRECT:
        users.driver.inject_fault(kind, POST, channel=channel)
    users.driver.inject_fault(kind, "files.completeUploadExternal")
    assert_complete(SentDigest(users))


def test_a_post_that_cannot_be_looked_up_at_once_is_looked_up_later_and_not_posted_twice(
    users: SandboxUsers,
) -> None:
    users.driver.inject_fault("drop_after", POST)
    users.driver.inject_fault("server_error", "conversations.history", times=3)
    assert_complete(SentDigest(users))
    assert len(users.calls("conversations.history")) == 4


def test_a_post_that_is_lost_is_looked_for_before_it_is_posted_again(users: SandboxUsers) -> None:
    users.driver.inject_fault("drop_before", POST)
    assert_complete(SentDigest(users))
    first, again = users.calls(POST)[:2]
    looked = [call.at for call in users.calls("conversations.history") if first.at < call.at < again.at]
    assert len(looked) == 2
    assert looked[1] - first.at >= QUICK.max_send_duration.total_seconds()


@pytest.mark.parametrize(("kind", "method"), [("rate_limited", POST), ("drop_before", "files.getUploadURLExternal")])
def test_a_digest_that_takes_two_tries_says_nothing_on_standard_error(
    users: SandboxUsers, kind: FaultKind, method: str
) -> None:
    users.driver.inject_fault(kind, method)
    done = users.sandbox.run_cli("digest", **ONE_REGION)
    assert (done.returncode, done.stderr) == (0, "")


# --- what Slack refuses ---


def test_a_digest_whose_first_message_is_refused_fails_in_one_line_and_posts_nothing_else(
    users: SandboxUsers,
) -> None:
    users.driver.inject_fault("refuse", POST, error="restricted_action")
    digest = SentDigest(users)
    assert (digest.posted, digest.code) == ([], 1)
    assert not any(digest.direct_messages.values())
    [line] = digest.errors
    assert line == (
        "bailiff: It was not sent: Slack refused chat_postMessage: restricted_action; "
        "the workspace does not let the bot post there: ask its administrator"
    )


def test_what_failed_is_one_line_on_standard_error_and_no_log(users: SandboxUsers) -> None:
    users.driver.inject_fault("refuse", POST, error="restricted_action")
    done = users.sandbox.run_cli("digest", **ONE_REGION)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_a_table_that_is_refused_is_missed_in_the_thread_and_everything_else_comes(users: SandboxUsers) -> None:
    users.let_calls_succeed(POST, 1, CHANNEL)
    users.driver.inject_fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    digest = SentDigest(users)
    assert digest.tables == []
    assert "Tables of the report: " in digest.missing
    assert "Slack refused chat_postMessage: restricted_action" in digest.missing
    assert len(digest.files) == 1
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert digest.code == 1
    [line] = digest.errors
    assert line.startswith("bailiff: lost: Tables of the report: ")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_a_file_that_is_refused_is_missed_in_the_thread_and_everything_else_comes(
    users: SandboxUsers, method: str
) -> None:
    users.driver.inject_fault("refuse", method, error="file_upload_disabled")
    digest = SentDigest(users)
    assert digest.files == []
    assert "The CSV: Slack refused " in digest.missing
    assert "file_upload_disabled" in digest.missing
    assert len(digest.tables) == 1
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert (digest.code, len(digest.errors)) == (1, 1)


def test_a_refused_delivery_summary_is_named_on_the_command_line(users: SandboxUsers) -> None:
    users.let_calls_succeed(POST, 2, CHANNEL)
    users.driver.inject_fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    digest = SentDigest(users)
    assert digest.owners == ""
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    [line] = digest.errors
    assert line.startswith("bailiff: lost: The word on who is told (Slack refused ")
    assert digest.code == 1


@pytest.mark.parametrize("position", [0, 1], ids=["parent", "table"])
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_arrive_as_monospace_text(users: SandboxUsers, position: int, error: str) -> None:
    users.let_calls_succeed(POST, position, CHANNEL)
    users.driver.inject_fault("refuse", POST, channel=CHANNEL, error=error)
    digest = SentDigest(users)
    message = (digest.posted + digest.tables)[position]
    assert message.tables == []
    assert "rich_text_preformatted" in {part["type"] for block in message.blocks for part in block["elements"]}
    assert "hro-old" in message.visible_text
    assert (len(digest.posted), len(digest.tables), digest.code) == (1, 1, 0)


def test_a_rate_limit_is_waited_out_for_as_long_as_slack_says(users: SandboxUsers) -> None:
    users.driver.inject_fault("rate_limited", POST, seconds=1.0)
    assert_complete(SentDigest(users))
    refused, again = users.calls(POST)[:2]
    assert refused.status == 429
    assert again.at - refused.at >= 1.0


def test_one_owner_whose_message_is_refused_stops_no_other_and_is_listed(users: SandboxUsers) -> None:
    users.driver.inject_fault("refuse", POST, channel="D0HRO00003", error="cannot_dm_user")
    digest = SentDigest(users)
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 0]
    told, _, untold = digest.owners.partition("Could not be told")
    assert "Ada Granger" in told
    assert "Hector Romano (HRO" in untold
    assert digest.code == 1
    [line] = digest.errors
    assert line.startswith("bailiff: Hector Romano (HRO): 1 instance could not be told: ")


def test_an_owner_whom_slack_did_not_look_up_is_listed_and_the_exit_code_tells(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "users.lookupByEmail")
    digest = SentDigest(users)
    assert sorted(len(messages) for messages in digest.direct_messages.values()) == [0, 1]
    assert "Slack did not answer when asked who it is" in digest.owners
    assert digest.code == 1


def test_when_the_delivery_summary_cannot_be_edited_the_exit_code_says_so(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "chat.update")
    digest = SentDigest(users)
    assert [len(messages) for messages in digest.direct_messages.values()] == [1, 1]
    assert "Being told in a direct message" in digest.owners
    assert digest.code == 1


def test_a_post_that_becomes_visible_late_is_replied_to_and_not_posted_twice(
    users: SandboxUsers, sandbox: Sandbox
) -> None:
    users.driver.inject_fault("late", POST, seconds=1.5)
    digest = SentDigest(users)
    posted = digest.posted or users.view("bill", CHANNEL).wait_for_messages(bool)
    assert len(posted) == 1
    assert digest.code == 0
    assert sandbox.slack.driver.failures("bad_ack") == []
