"""The databases with which the bot is tested, and the bot that uses one of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.domain.clock import Clock
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, serving
from tests.integration.store.postgres import Postgres
from tests.program import Program, open_program
from tests.quick import QUICK

BACKENDS = ("sqlite", "postgresql")


def new_database(backend: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the address of a new database."""
    if backend == "sqlite":
        return f"sqlite:///{folder / 'bailiff.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()


@contextmanager
def serving_program(
    sandbox: Sandbox,
    database: str,
    *,
    digest: bool = False,
    clock: Clock | None = None,
    timing: Timing = QUICK,
    **settings: str,
) -> Iterator[Program]:
    """Serve a bot that uses a database and reads one region. `digest`: send one first."""
    environment = sandbox.environment(BAILIFF_DATABASE_URL=database, **{**ONE_REGION, **settings})
    connected = {one.number for one in sandbox.slack.driver.connections()}
    with patch.dict(os.environ, environment, clear=True), open_program(Settings(), clock, timing) as program:
        if digest:
            program.slack.digests.send_now().result()
        with serving(program.process):
            sandbox.slack.driver.wait_for(
                lambda: {one.number for one in sandbox.slack.driver.connections()} - connected, ANSWER_TIMEOUT
            )
            yield program
