"""A bot that may change instances, with owners who have been that for long."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.calls import AwsCall
from bailiff_bot.sandbox.fixtures import (
    ACTION_ROLE_ARNS,
    ADMINISTRATOR_ID,
    DELETE_ROLE_ARNS,
    EXTERNAL_ID,
    TRIAGE_CHANNEL,
)
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionResult, RenderedMessage, RenderedView
from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION
from tests.integration.bot.databases import serving_program
from tests.integration.bot.person import Person
from tests.program import Program, open_program
from tests.quick import QUICK

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


WITHOUT_TICKS = replace(QUICK, tick=timedelta(hours=1))
"""The tests say when the periodic work is done."""
_CHANGES = frozenset(
    f"ec2:{name}" for name in ("StopInstances", "StartInstances", "TerminateInstances", "CreateTags", "CreateImage")
)


class ShiftedClock:
    """The machine's clock, ahead by what a test says."""

    def __init__(self, ahead: timedelta = timedelta(hours=2)) -> None:
        self._ahead = ahead

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, duration: timedelta) -> None:
        self._ahead += duration


def see_owners(sandbox: Sandbox, database: str, **settings: str) -> None:
    """Scan once, now, so that a bot with `SETTLED` has known the owners for long."""
    wanted = {**ONE_REGION, **ACTING, **settings}
    environment = sandbox.environment(BAILIFF_DATABASE_URL=database, **wanted)
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        program.shared.snapshots.scan()


@contextmanager
def acting_program(
    sandbox: Sandbox, database: str, *, digest: bool = True, clock: ShiftedClock | None = None, **settings: str
) -> Iterator[Program]:
    """Serve a bot that may change instances. `digest`: send one first. With `clock`, only a test does periodic work."""
    see_owners(sandbox, database, **settings)
    timing, wanted = WITHOUT_TICKS if clock else QUICK, {**ACTING, **SETTLED, **settings}
    with serving_program(sandbox, database, digest=digest, clock=clock, timing=timing, **wanted) as program:
        yield program


def audit(program: Program) -> list[tuple[str, AuditResult, str]]:
    """Return action, result and reason of each row of the audit log."""
    entries = program.shared.store.audit.since(_START)
    return [(entry.record.action, entry.record.result, entry.record.reason) for entry in entries]


def changes(sandbox: Sandbox) -> list[AwsCall]:
    """Return the calls that change something in AWS, whatever came of them."""
    return [call for call in sandbox.aws.calls if call.iam_action in _CHANGES]


def state(sandbox: Sandbox, name: str) -> str:
    """Return the state of the instance with this name."""
    return next(one.state for one in sandbox.aws.instances() if one.name == name)


@contextmanager
def refusing(program: Program, sandbox: Sandbox, action: str, reason: str) -> Iterator[None]:
    """Fail unless the block leads to one row, of a refusal with this reason, and asks AWS for no change."""

    def rows() -> list[tuple[str, AuditResult, str]]:
        return [row for row in audit(program) if row[0] == action]

    before, called = len(rows()), changes(sandbox)
    yield
    sandbox.slack.driver.wait_for(lambda: len(rows()) > before, ANSWER_TIMEOUT)
    assert rows()[before:] == [(action, AuditResult.REFUSED, reason)]
    assert changes(sandbox) == called


def key_of(message: RenderedMessage, near: str, text: str = "") -> str:
    """Return the key of a button in the block that says `near` or below it; of the first if there is no `text`."""
    blocks = message.blocks
    start = next(number for number, block in enumerate(blocks) if near in str(block))
    for block in blocks[start:]:
        elements = [*block.get("elements", ()), block.get("accessory") or {}]
        for one in elements:
            if one.get("type") == "button" and "url" not in one and text in one["text"]["text"]:
                return str(one["value"])
    raise AssertionError(f"nothing to click near {near}: {message.visible_text}")


def forge(person: Person, button: str, key: str) -> InteractionResult:
    """Click a button with a key that somebody may have found out, as a client that is not Slack's could."""
    return person.driver.click(person.nudge(), "bailiff_keep", forged={"action_id": button, "value": key})


def submission(click: Json, view: RenderedView, form: str, click_id: str) -> Json:
    """Return the submission of an open form as one of another kind, with another key. `click` is what opened it."""
    typed = {"name": "agr-web", "confirmation": "agr-idle"}
    values = {one: {one: {"type": "plain_text_input", "value": text}} for one, text in typed.items()}
    sent = {key: click[key] for key in ("user", "team", "api_app_id", "token")}
    body = {"id": view.id, "callback_id": form, "private_metadata": click_id, "state": {"values": values}}
    return {**sent, "type": "view_submission", "view": {**body, "type": "modal"}}
