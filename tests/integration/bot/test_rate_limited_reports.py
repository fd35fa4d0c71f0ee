"""Full reports that wait in a rate limit delay neither an answer nor the digest."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ONE_REGION, SandboxUsers, serving
from tests.program import Program, open_program

REPORTS = 8
RATE_LIMIT = 100.0
"""Seconds that Slack asks to wait. The reports' threads wait for so long, and the tests do not."""
IN_TIME = 30.0
"""Seconds in which something must happen on a busy machine."""


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Return a bot that serves, with eight full reports to Bill that wait in a rate limit."""
    database = tmp_path_factory.mktemp("reports") / Path("bailiff.sqlite")
    environment = sandbox.environment(**ONE_REGION, BAILIFF_DATABASE_URL=f"sqlite:///{database}")
    users = SandboxUsers(sandbox)
    with ExitStack() as opened:
        with patch.dict(os.environ, environment):
            program = opened.enter_context(open_program(Settings()))
        opened.enter_context(serving(program.process))
        users.driver.wait_for(users.driver.connections, IN_TIME)
        users.driver.inject_fault("rate_limited", "chat.postMessage", channel="bill", seconds=RATE_LIMIT)
        for _ in range(REPORTS):
            answer = users.run_command("bill", "/bailiff report")[-1]
            users.click("bill", answer, "Full report")
        users.driver.wait_for(lambda: program.slack.outbox.load().sending == REPORTS, IN_TIME)
        yield program


def test_a_command_and_a_click_are_answered(users: SandboxUsers, program: Program) -> None:
    view = users.view("ada")
    answer = users.run_command("ada", "/bailiff report")[-1]
    users.click("ada", answer, "Full report")
    view.wait_for_messages(lambda new: any("with every table and a CSV" in message.visible_text for message in new))
    assert program.slack.outbox.load().sending == REPORTS


def test_a_digest_is_sent(users: SandboxUsers, program: Program) -> None:
    view = users.view("bill", "cloud-costs")
    assert program.slack.digests.send_now().result(IN_TIME).problems == ()
    assert len(view.new_messages()) == 1
    assert program.slack.outbox.load().sending == REPORTS
