"""A bot that may change instances, with owners who have been that for long."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.fixtures import (
    ACTION_ROLE_ARNS,
    ADMINISTRATOR_ID,
    DELETE_ROLE_ARNS,
    EXTERNAL_ID,
    TRIAGE_CHANNEL,
)
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ONE_REGION
from tests.integration.bot.databases import serving_program
from tests.program import Program, open_program

_START = datetime(2020, 1, 1, tzinfo=UTC)
SETTLED = {"BAILIFF_OWNER_SETTLED_HOURS": "1", "BAILIFF_CLOCK_AHEAD": "7200"}
"""The owners were seen in a scan two hours ago, and one is enough."""
ACTING = {
    "BAILIFF_ACTIONS": "keep,not-mine,rename,stop,delete",
    "BAILIFF_ACTION_ROLE_ARNS": ",".join(ACTION_ROLE_ARNS),
    "BAILIFF_DELETE_ROLE_ARNS": ",".join(DELETE_ROLE_ARNS),
    "BAILIFF_EXTERNAL_ID": EXTERNAL_ID,
    "BAILIFF_TRIAGE_CHANNEL": TRIAGE_CHANNEL,
    "BAILIFF_ADMINS": ADMINISTRATOR_ID,
}


def see_owners(sandbox: Sandbox, database: str, **settings: str) -> None:
    """Scan once, now, so that a bot with `SETTLED` has known the owners for long."""
    wanted = {**ONE_REGION, **ACTING, **settings}
    environment = sandbox.environment(BAILIFF_DATABASE_URL=database, **wanted)
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        program.shared.snapshots.scan()


@contextmanager
def acting_program(sandbox: Sandbox, database: str, *, digest: bool = True, **settings: str) -> Iterator[Program]:
    """Serve a bot that may change instances. `digest`: send one first."""
    see_owners(sandbox, database)
    with serving_program(sandbox, database, digest=digest, **{**ACTING, **SETTLED, **settings}) as program:
        yield program


def audit(program: Program) -> list[tuple[str, AuditResult, str]]:
    """Return action, result and reason of each row of the audit log."""
    entries = program.shared.store.audit.since(_START)
    return [(entry.record.action, entry.record.result, entry.record.reason) for entry in entries]
