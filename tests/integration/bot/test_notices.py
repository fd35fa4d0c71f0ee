"""Who acts on what somebody else owns too causes one direct message to each other owner, also after a crash."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.users import SlackUsers
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers, days, serving
from tests.program import Program, open_program
from tests.quick import QUICK

KEEP, NAMES = "keeps", ("agr-ended", "agr-first", "agr-second", "agr-crash", "agr-unknown", "agr-quiet")
WITHOUT_TICKS = replace(QUICK, tick=timedelta(hours=1))
"""The tests say when the periodic work is done."""


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    tags = (("Owner", "agr@octo.example; hro@octo.example"),)
    return tuple(
        InstanceFixture(key=name, name=f"x_{name}", tags=tags, since_start=days(60), expected_table="owned")
        for name in NAMES
    )


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent to two owners."""
    database = tmp_path_factory.mktemp("notices") / "bailiff.sqlite"
    environment = sandbox.environment(BAILIFF_DATABASE_URL=f"sqlite:///{database}", **ONE_REGION)
    with (
        patch.dict(os.environ, environment, clear=True),
        open_program(Settings(), timing=WITHOUT_TICKS) as program,
    ):
        assert program.slack.digests.send_now().result().notified == 2
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


def keep(users: SandboxUsers, name: str, near: str) -> None:
    """Keep an instance from the message of the digest."""
    user = users.driver.user(name)
    assert user.click(user.visible_messages()[0], "Keep", near=f"x_{near}").acknowledged

    def modal(text: str) -> object:
        found = user.modal()
        return found if found and text in found.visible_text else None

    form = users.driver.wait_for(lambda: modal("Until when"), ANSWER_TIMEOUT)
    assert user.submit_modal(form).acknowledged  # type: ignore[arg-type]
    users.driver.wait_for(lambda: modal(KEEP), ANSWER_TIMEOUT)


def notices(users: SandboxUsers, name: str, text: str) -> list[RenderedMessage]:
    """Return the direct messages after that of the digest which say a text."""
    return [one for one in users.driver.user(name).visible_messages()[1:] if text in one.visible_text]


def test_the_other_owner_is_told_once_and_who_did_it_is_not(program: Program, users: SandboxUsers) -> None:
    keep(users, "ada", "agr-first")
    keep(users, "ada", "agr-second")
    program.run_due()
    program.run_due()

    [told] = notices(users, "hector", "agr-first")
    assert notices(users, "hector", "agr-second") == [told]
    assert told.visible_text.count("Ada Granger keeps x_agr-") == 2
    assert "2 changes to what is yours" in told.visible_text
    assert told.visible_text.count("End") == 2
    assert notices(users, "ada", "agr-first") == []


def test_after_the_end_every_message_says_so_and_who_kept_it_is_told(program: Program, users: SandboxUsers) -> None:
    keep(users, "ada", "agr-ended")
    program.run_due()
    [told] = notices(users, "hector", "agr-ended")
    assert users.driver.user("hector").click(told, "End").acknowledged

    def ended() -> bool:
        return all("Hector Romano ended" in one.visible_text for one in notices(users, "hector", "agr-ended"))

    users.driver.wait_for(ended, ANSWER_TIMEOUT)
    program.run_due()
    [told] = notices(users, "hector", "agr-ended")
    assert told.visible_text.count("End") == 0
    [kept_by] = notices(users, "ada", "agr-ended")
    assert "Hector Romano ended" in kept_by.visible_text
    assert "Hector Romano ended" in users.driver.user("ada").visible_messages()[0].visible_text
    program.run_due()
    assert len(notices(users, "ada", "agr-ended")) == len(notices(users, "hector", "agr-ended")) == 1


def test_what_was_done_right_before_a_kill_is_told_by_the_next_process(program: Program, users: SandboxUsers) -> None:
    keep(users, "hector", "agr-crash")
    with patch.object(type(program.slack.outbox), "submit"):
        program.slack.notices.run_due()  # killed before the first message is sent
    assert notices(users, "ada", "agr-crash") == []
    program.run_due()
    assert len(notices(users, "ada", "agr-crash")) == 1


def test_while_slack_does_not_say_who_the_owners_are_it_is_not_lost(program: Program, users: SandboxUsers) -> None:
    keep(users, "hector", "agr-unknown")
    failed = NoOwner("Slack did not answer", lookup_failed=True)
    with patch.object(SlackUsers, "owners", lambda _, addresses: dict.fromkeys(addresses, failed)):
        program.run_due()
    assert notices(users, "ada", "agr-unknown") == []
    program.run_due()
    assert len(notices(users, "ada", "agr-unknown")) == 1


def test_without_nudges_nobody_is_told_not_even_later(program: Program, users: SandboxUsers) -> None:
    keep(users, "hector", "agr-quiet")
    with capture_logs() as logs:
        replace(program.slack.notices, nudges="dry-run").run_due()
    assert [one["reason"] for one in logs if one["event"] == "notice.not_sent"] == ["BAILIFF_NUDGES is dry-run"]
    program.run_due()
    assert notices(users, "ada", "agr-quiet") == []
