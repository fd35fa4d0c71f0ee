"""A digest while Slack fails in one place: everything comes and nothing twice, but for what Slack refuses.

What is refused is named in the thread and on standard error, and the exit code tells.
"""

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import Machine
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.sandbox.slack.faults import FaultKind
from tests.integration.bot.conftest import (
    GPU,
    LEGIT,
    ONE_REGION,
    RETIRED,
    Audience,
    bailiff_here,
    days,
    ids,
    ids_of,
)
from tests.quick import QUICK

POST = "chat.postMessage"
CHANNEL = "cloud-costs"
DIRECT = ("D0AGR00001", "D0HRO00003")
"""The conversations of the owners."""
PROD = Machine(key="prod", name="prod-db", up=days(5), verdict="owned")


@pytest.fixture(scope="module")
def fleet() -> tuple[Machine, ...]:
    return (GPU, RETIRED, PROD, LEGIT)


class Digest:
    """A digest that is sent to an audience."""

    def __init__(self, audience: Audience) -> None:
        self._channel = audience.screen("bill", CHANNEL)
        screens = {who: audience.screen(who) for who in ("ada", "hector")}
        done = bailiff_here(audience.stage, "digest", **ONE_REGION)
        self.code, self.errors = done.returncode, done.stderr.splitlines()
        self.posted: list[Seen] = self._channel.new()
        self.thread: list[Seen] = self._channel.thread(self.posted[0]) if self.posted else []
        self.told = {who: screen.new() for who, screen in screens.items()}

    @property
    def missing(self) -> str:
        """What the thread says did not arrive."""
        return self.owners.partition("Missing from this thread")[2]

    @property
    def tables(self) -> list[Seen]:
        return [one for one in self.thread if one.text.startswith("Tables of the report")]

    @property
    def files(self) -> list[str]:
        return [file.text for one in self.thread for file in one.files]

    @property
    def owners(self) -> str:
        return "\n".join(one.words for one in self.thread if one.text.startswith("Owners:"))


def assert_whole(digest: Digest) -> None:
    """See that everything came, and once."""
    assert len(digest.posted) == 1
    assert len(digest.tables) == 1
    assert [ids(text) for text in digest.files] == [ids_of(GPU, RETIRED, PROD, LEGIT)]
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    assert (digest.code, digest.errors) == (0, [])


def test_without_faults_everything_comes_once_and_the_exit_code_is_0(audience: Audience) -> None:
    assert_whole(Digest(audience))


LOST: tuple[FaultKind, ...] = ("drop_before", "drop_after", "server_error", "html")
"""What leaves it open whether Slack took a call: of these, only after the second has it."""


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("position", [0, 1, 2], ids=["parent", "table", "word on the owners"])
def test_a_post_whose_answer_is_lost_arrives_once(audience: Audience, position: int, kind: FaultKind) -> None:
    audience.passes(POST, position, CHANNEL)
    audience.driver.fault(kind, POST, channel=CHANNEL)
    assert_whole(Digest(audience))


@pytest.mark.parametrize("kind", LOST)
def test_direct_messages_whose_answers_are_lost_arrive_once(audience: Audience, kind: FaultKind) -> None:
    for channel in DIRECT:
        audience.driver.fault(kind, POST, channel=channel)
    assert_whole(Digest(audience))


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_file_whose_answer_is_lost_at_any_step_arrives_once(audience: Audience, method: str, kind: FaultKind) -> None:
    audience.driver.fault(kind, method)
    assert_whole(Digest(audience))


@pytest.mark.parametrize("kind", LOST)
def test_a_conversation_whose_opening_was_not_answered_is_opened_again(audience: Audience, kind: FaultKind) -> None:
    audience.driver.fault(kind, "conversations.open", times=2)
    assert_whole(Digest(audience))


@pytest.mark.parametrize("kind", LOST)
def test_a_digest_in_which_every_post_is_lost_the_first_time_arrives_whole(audience: Audience, kind: FaultKind) -> None:
    audience.driver.fault(kind, POST)
    for channel in DIRECT:
        audience.driver.fault(kind, POST, channel=channel)
    audience.driver.fault(kind, "files.completeUploadExternal")
    assert_whole(Digest(audience))


def test_a_post_that_cannot_be_looked_up_at_once_is_looked_up_later_and_not_posted_twice(audience: Audience) -> None:
    audience.driver.fault("drop_after", POST)
    audience.driver.fault("server_error", "conversations.history", times=3)
    assert_whole(Digest(audience))
    assert len(audience.calls("conversations.history")) == 4


def test_a_post_that_is_lost_is_looked_for_before_it_is_posted_again(audience: Audience) -> None:
    audience.driver.fault("drop_before", POST)
    assert_whole(Digest(audience))
    first, again = audience.calls(POST)[:2]
    looked = [call.at for call in audience.calls("conversations.history") if first.at < call.at < again.at]
    assert len(looked) == 2
    assert looked[1] - first.at >= QUICK.call.total_seconds()


@pytest.mark.parametrize(("kind", "method"), [("rate_limited", POST), ("drop_before", "files.getUploadURLExternal")])
def test_a_digest_that_takes_two_tries_says_nothing_on_standard_error(
    audience: Audience, kind: FaultKind, method: str
) -> None:
    audience.driver.fault(kind, method)
    done = audience.stage.bailiff("digest", **ONE_REGION)
    assert (done.returncode, done.stderr) == (0, "")


# --- what Slack refuses ---


def test_a_digest_whose_first_message_is_refused_fails_in_one_line_and_posts_nothing_else(audience: Audience) -> None:
    audience.driver.fault("refuse", POST, error="restricted_action")
    digest = Digest(audience)
    assert (digest.posted, digest.code) == ([], 1)
    assert not any(digest.told.values())
    [line] = digest.errors
    assert line == (
        "bailiff: It was not sent: Slack refused chat_postMessage: restricted_action; "
        "the workspace does not let the bot post there: ask its administrator"
    )


def test_what_failed_is_one_line_on_standard_error_and_no_log(audience: Audience) -> None:
    audience.driver.fault("refuse", POST, error="restricted_action")
    done = audience.stage.bailiff("digest", **ONE_REGION)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_a_table_that_is_refused_is_missed_in_the_thread_and_everything_else_comes(audience: Audience) -> None:
    audience.passes(POST, 1, CHANNEL)
    audience.driver.fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    digest = Digest(audience)
    assert digest.tables == []
    assert "Tables of the report: " in digest.missing
    assert "Slack refused chat_postMessage: restricted_action" in digest.missing
    assert len(digest.files) == 1
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    assert digest.code == 1
    [line] = digest.errors
    assert line.startswith("bailiff: lost: Tables of the report: ")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_a_file_that_is_refused_is_missed_in_the_thread_and_everything_else_comes(
    audience: Audience, method: str
) -> None:
    audience.driver.fault("refuse", method, error="file_upload_disabled")
    digest = Digest(audience)
    assert digest.files == []
    assert "The CSV: Slack refused " in digest.missing
    assert "file_upload_disabled" in digest.missing
    assert len(digest.tables) == 1
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    assert (digest.code, len(digest.errors)) == (1, 1)


def test_a_word_on_the_owners_that_is_refused_is_said_on_the_command_line(audience: Audience) -> None:
    audience.passes(POST, 2, CHANNEL)
    audience.driver.fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    digest = Digest(audience)
    assert digest.owners == ""
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    [line] = digest.errors
    assert line.startswith("bailiff: lost: The word on who is told (Slack refused ")
    assert digest.code == 1


@pytest.mark.parametrize("position", [0, 1], ids=["parent", "table"])
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_arrive_as_monospace_text(audience: Audience, position: int, error: str) -> None:
    audience.passes(POST, position, CHANNEL)
    audience.driver.fault("refuse", POST, channel=CHANNEL, error=error)
    digest = Digest(audience)
    message = (digest.posted + digest.tables)[position]
    assert message.tables == []
    assert "rich_text_preformatted" in {part["type"] for block in message.blocks for part in block["elements"]}
    assert "hro-old" in message.words
    assert (len(digest.posted), len(digest.tables), digest.code) == (1, 1, 0)


def test_a_rate_limit_is_waited_out_for_as_long_as_slack_says(audience: Audience) -> None:
    audience.driver.fault("rate_limited", POST, seconds=1.0)
    assert_whole(Digest(audience))
    refused, again = audience.calls(POST)[:2]
    assert refused.status == 429
    assert again.at - refused.at >= 1.0


def test_one_owner_whose_message_is_refused_stops_no_other_and_is_listed(audience: Audience) -> None:
    audience.driver.fault("refuse", POST, channel="D0HRO00003", error="cannot_dm_user")
    digest = Digest(audience)
    assert [len(messages) for messages in digest.told.values()] == [1, 0]
    told, _, untold = digest.owners.partition("Could not be told")
    assert "Ada Granger" in told
    assert "Hector Romano (HRO" in untold
    assert digest.code == 1
    [line] = digest.errors
    assert line.startswith("bailiff: Hector Romano (HRO): 1 instance could not be told: ")


def test_an_owner_whom_slack_did_not_look_up_is_listed_and_the_exit_code_tells(audience: Audience) -> None:
    audience.driver.fault("server_error", "users.lookupByEmail")
    digest = Digest(audience)
    assert sorted(len(messages) for messages in digest.told.values()) == [0, 1]
    assert "Slack did not answer when asked who it is" in digest.owners
    assert digest.code == 1


def test_when_the_word_on_who_was_told_cannot_be_put_in_the_exit_code_tells(audience: Audience) -> None:
    audience.driver.fault("server_error", "chat.update")
    digest = Digest(audience)
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    assert "Being told in a direct message" in digest.owners
    assert digest.code == 1


def test_a_post_that_becomes_visible_late_is_replied_to_and_not_posted_twice(audience: Audience, stage: Stage) -> None:
    audience.driver.fault("late", POST, seconds=1.5)
    digest = Digest(audience)
    posted = digest.posted or audience.screen("bill", CHANNEL).wait(bool)
    assert len(posted) == 1
    assert digest.code == 0
    assert stage.slack.driver.failures("bad_ack") == []
