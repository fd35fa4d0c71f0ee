"""A digest while Slack fails in one place: nothing comes twice, everything else comes, and the exit code tells."""

import pytest

from bailiff_bot.sandbox.aws.machine import BY_USER, Machine
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.sandbox.slack.faults import FaultKind
from bailiff_bot.sandbox.stage import Stage
from tests.integration.bot.conftest import ONE_REGION, Audience, bailiff_here, days, ids, ids_of

POST = "chat.postMessage"
GPU = Machine(key="gpu", name="agr-gpu", up=days(90), verdict="stopped-when-unused")
RETIRED = Machine(
    key="retired",
    name="hro-old",
    up=days(90),
    state="stopped",
    reason=BY_USER,
    stopped=days(60),
    verdict="deleted-when-abandoned",
)
PROD = Machine(key="prod", name="prod-db", up=days(5), verdict="owned")
LEGIT = Machine(key="legit", name="nabe-api", up=days(5), verdict="legit")


@pytest.fixture(scope="module")
def fleet() -> tuple[Machine, ...]:
    return (GPU, RETIRED, PROD, LEGIT)


class Digest:
    """A digest that is sent to an audience."""

    def __init__(self, audience: Audience) -> None:
        self._channel = audience.screen("bill", "cloud-costs")
        screens = {who: audience.screen(who) for who in ("ada", "hector")}
        done = bailiff_here(audience.stage, "digest", **ONE_REGION)
        self.code, self.errors = done.returncode, done.stderr.splitlines()
        self.posted: list[Seen] = self._channel.new()
        self.thread: list[Seen] = self._channel.thread(self.posted[0]) if self.posted else []
        self.told = {who: screen.new() for who, screen in screens.items()}

    @property
    def missing(self) -> str:
        """What the thread says did not arrive."""
        return "\n".join(one.words for one in self.thread if one.text.startswith("Not everything arrived"))

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


@pytest.mark.parametrize("position", [0, 1], ids=["parent", "table"])
def test_a_post_that_was_taken_while_its_answer_was_lost_is_found_and_not_posted_twice(
    audience: Audience, position: int
) -> None:
    audience.passes(POST, position)
    audience.driver.fault("drop_after", POST)
    assert_whole(Digest(audience))


def test_nudges_that_were_taken_while_their_answers_were_lost_are_found_and_not_sent_twice(audience: Audience) -> None:
    audience.passes(POST, 3)
    audience.driver.fault("drop_after", POST, times=2)
    assert_whole(Digest(audience))


def test_a_post_that_cannot_even_be_looked_up_is_not_posted_twice_and_the_exit_code_tells(audience: Audience) -> None:
    audience.driver.fault("drop_after", POST)
    audience.driver.fault("server_error", "conversations.history")
    digest = Digest(audience)
    assert len(digest.posted) == 1
    assert (digest.code, len(digest.errors)) == (1, 1)


@pytest.mark.parametrize("kind", ["drop_before", "server_error", "html"])
def test_a_digest_whose_first_message_is_lost_fails_in_one_line_and_posts_nothing_else(
    audience: Audience, kind: FaultKind
) -> None:
    audience.driver.fault(kind, POST)
    digest = Digest(audience)
    assert (digest.posted, digest.code) == ([], 1)
    assert len(digest.errors) == 1
    assert "Slack gave no answer to chat_postMessage" in digest.errors[0]


@pytest.mark.parametrize("kind", ["drop_before", "server_error", "html"])
def test_what_failed_is_one_line_on_standard_error_and_no_log(audience: Audience, kind: FaultKind) -> None:
    audience.driver.fault(kind, POST)
    done = audience.stage.bailiff("digest", **ONE_REGION)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("kind", ["drop_before", "server_error", "html"])
def test_a_table_that_is_lost_is_missed_in_the_thread_and_everything_else_comes(
    audience: Audience, kind: FaultKind
) -> None:
    audience.passes(POST, 1)
    audience.driver.fault(kind, POST)
    digest = Digest(audience)
    assert digest.tables == []
    assert "Tables of the report" in digest.missing
    assert len(digest.files) == 1
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    assert digest.code == 1


def test_what_a_thread_lacks_is_also_said_on_the_command_line(audience: Audience) -> None:
    audience.passes(POST, 1)
    audience.driver.fault("server_error", POST)
    digest = Digest(audience)
    assert digest.code == 1
    assert len(digest.errors) == 1


@pytest.mark.parametrize("position", [0, 1], ids=["parent", "table"])
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_arrive_as_monospace_text(audience: Audience, position: int, error: str) -> None:
    audience.passes(POST, position)
    audience.driver.fault("refuse", POST, error=error)
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


@pytest.mark.parametrize(
    ("method", "kind"), [("upload", "server_error"), ("files.completeUploadExternal", "server_error")]
)
def test_a_file_that_is_lost_is_missed_in_the_thread_and_everything_else_comes(
    audience: Audience, method: str, kind: FaultKind
) -> None:
    audience.driver.fault(kind, method)
    digest = Digest(audience)
    assert digest.files == []
    assert "The CSV" in digest.missing
    assert len(digest.tables) == 1
    assert [len(messages) for messages in digest.told.values()] == [1, 1]
    assert digest.code == 1


@pytest.mark.parametrize("kind", ["drop_before", "server_error", "refuse"])
def test_one_owner_whose_message_fails_stops_no_other_and_is_listed(audience: Audience, kind: FaultKind) -> None:
    audience.driver.fault(kind, POST, channel="D0HRO00003", error="cannot_dm_user")
    digest = Digest(audience)
    assert [len(messages) for messages in digest.told.values()] == [1, 0]
    told, _, untold = digest.owners.partition("Could not be told")
    assert "Ada Granger" in told
    assert "Hector Romano (HRO" in untold
    assert digest.code == 1
    assert len(digest.errors) == 1
    assert "Hector Romano could not be told" in digest.errors[0]


def test_an_owner_with_whom_no_conversation_can_be_opened_stops_no_other(audience: Audience) -> None:
    audience.driver.fault("refuse", "conversations.open", error="cannot_dm_bot")
    digest = Digest(audience)
    assert sorted(len(messages) for messages in digest.told.values()) == [0, 1]
    assert "Could not be told" in digest.owners
    assert digest.code == 1


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
    posted = digest.posted or audience.screen("bill", "cloud-costs").wait(bool)
    assert len(posted) == 1
    assert digest.code == 0
    assert stage.slack.driver.failures("bad_ack") == []
