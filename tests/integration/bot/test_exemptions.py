"""`/bailiff exemptions`, *End* and the reminder: what people see and click, through the sandbox's sockets."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from bailiff_bot.usecases.end_questions import EndQuestions
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers, days, serving
from tests.program import Program, open_program

START = datetime(2020, 1, 1, tzinfo=UTC)
ADA, BILL = "U0AGR00001", "U0BIL00007"
COMMAND = "/bailiff exemptions"
NAMES = ("agr-demo", "agr-gpu", "agr-box", "agr-late", "agr-twice", "mlg-one")


class MovedClock:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move_to(self, instant: datetime) -> None:
        """Make it this time now."""
        self.ahead = instant - datetime.now(UTC)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    tagged = InstanceFixture(
        key="agr-tag",
        name="agr-tag",
        since_start=days(90),
        tags=(("bailiff:exempt", "the fair"),),
        expected_table="exempt",
    )
    running = (
        InstanceFixture(key=name, name=name, since_start=days(90), expected_table="stopped-when-unused")
        for name in NAMES
    )
    return (tagged, *running)


@pytest.fixture(scope="module")
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, clock: MovedClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with (
        patch.dict(os.environ, environment(sandbox, tmp_path_factory.mktemp("exemptions")), clear=True),
        open_program(Settings(), clock) as program,
        patch.object(EndQuestions, "send_due"),  # by day only, so that it would come into some runs of the tests
    ):
        program.shared.reports.from_new_scan()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


def environment(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    settings = {"BAILIFF_DATABASE_URL": f"sqlite:///{folder / 'bailiff.sqlite'}", "BAILIFF_ADMINS": BILL}
    return sandbox.environment(BAILIFF_DIGEST_CRON="0 0 1 1 *", **settings, **ONE_REGION)


@pytest.fixture(autouse=True)
def no_exemptions(program: Program, clock: MovedClock) -> Iterator[None]:
    """End what a test granted."""
    yield
    now = program.shared.clock()
    for grant in program.shared.store.exemptions.live(now):
        program.shared.store.exemptions.end(grant.id, now)
    clock.ahead = timedelta()


def keep(program: Program, name: str, number: int, **changes: object) -> Grant:
    """Grant Ada an exemption of an instance, for ten days."""
    now = program.shared.clock()
    row = next(row for row in program.shared.reports.current().rows if row.instance.name == name)
    rules = frozenset({RuleId.STOPPED_WHEN_UNUSED})
    until = datetime.combine(now.date() + timedelta(days=11), time(), UTC)
    granted = Grant(f"grant{number}", subject_of(row), rules, until, "for a demo", ADA, "Ada Granger", now)
    grant = replace(granted, **changes)  # type: ignore[arg-type] # each field has its own type
    program.shared.store.exemptions.save(grant)
    return grant


def listed(users: SandboxUsers, user: str, command: str = COMMAND) -> RenderedMessage:
    (answer,) = users.run_command(user, command)
    return answer


def answers_of(users: SandboxUsers, user: str, click: RenderedMessage, near: str) -> list[str]:
    """Click *End* and return what the user sees then that is new."""
    view = users.view(user)
    assert users.driver.user(user).click(click, "End", near=near).acknowledged
    return [message.visible_text for message in view.wait_for_messages()]


def wait_for_text(users: SandboxUsers, user: str, message: RenderedMessage, text: str) -> RenderedMessage:
    """Return a message once it says a text."""

    def found() -> RenderedMessage | None:
        shown = [one for one in users.driver.user(user).visible_messages("bailiff") if one.ts == message.ts]
        return shown[0] if shown and text in shown[0].visible_text else None

    current = users.driver.wait_for(found, ANSWER_TIMEOUT)
    assert current
    return current


def endings(program: Program) -> list[tuple[AuditResult, str]]:
    entries = program.shared.store.audit.since(START)
    return [(one.record.result, one.record.reason) for one in entries if one.record.action == "end"]


def test_each_exemption_is_listed_with_end_only_for_who_may(program: Program, users: SandboxUsers) -> None:
    keep(program, "agr-demo", 1)
    keep(program, "mlg-one", 2, granted_by="U0MLG00005", granter="Malo Legrand", extensions=2)
    ends = {}
    for user in ("ada", "malo", "bill", "hector"):
        text = listed(users, user).visible_text
        assert "3 exemptions" in text
        assert "by Malo Legrand, extended 2 times: for a demo" in text
        assert "by Ada Granger: for a demo" in text
        assert "exempt by the tag bailiff:exempt, “the fair”, no end" in text
        assert "To end it, remove the tag bailiff:exempt in the AWS console, or set its last day" in text
        ends[user] = text.count("\nEnd")
    assert ends == {"ada": 1, "malo": 1, "bill": 2, "hector": 0}


def test_it_takes_filters(program: Program, users: SandboxUsers) -> None:
    keep(program, "mlg-one", 3)
    for command in (f"{COMMAND} AGR", f"{COMMAND} @ada"):
        text = listed(users, "hector", command).visible_text
        assert "AGR: 1 exemption" in text
        assert "agr-tag" in text
        assert "mlg-one" not in text
    assert "Unknown filter" in listed(users, "hector", f"{COMMAND} nonsense-1").visible_text


def test_end_ends_it_replaces_the_answer_and_is_audited(program: Program, users: SandboxUsers) -> None:
    keep(program, "agr-gpu", 4)
    answer = listed(users, "ada", f"{COMMAND} AGR")
    before = len(endings(program))
    assert users.driver.user("ada").click(answer, "End", near="agr-gpu").acknowledged
    current = wait_for_text(users, "ada", answer, "Ada Granger ended the exemption of agr-gpu")
    assert "kept until" not in current.visible_text
    assert "AGR: 1 exemption" in current.visible_text  # the filter stays; the tag is left
    assert program.shared.store.exemptions.live(program.shared.clock()) == ()
    assert "agr-gpu" in {row.instance.name for row in program.shared.reports.current().flagged}
    assert endings(program)[before:] == [(AuditResult.DONE, "")]


def test_the_second_click_is_shown_what_came_of_the_first(program: Program, users: SandboxUsers) -> None:
    keep(program, "agr-twice", 5)
    of_ada, of_bill = listed(users, "ada"), listed(users, "bill")
    users.driver.user("ada").click(of_ada, "End", near="agr-twice")
    wait_for_text(users, "ada", of_ada, "Ada Granger ended the exemption of agr-twice")
    [told] = [one for one in answers_of(users, "bill", of_bill, "agr-twice") if "before" in one]
    assert "This was done before. Ada Granger ended the exemption of agr-twice" in told
    assert "agr-twice (i-" not in wait_for_text(users, "bill", of_bill, "1 exemption\n").visible_text


def test_who_may_not_end_it_is_told_so(program: Program, users: SandboxUsers) -> None:
    """Hector forges the key of Ada's button."""
    grant = keep(program, "agr-box", 6)
    ada, hector = listed(users, "ada"), listed(users, "hector", "/bailiff report")
    [key] = [element["value"] for block in ada.blocks for element in block.get("elements", []) if is_end(element)]
    view = users.view("hector")
    forged = {"action_id": "bailiff_end", "value": key}
    assert users.driver.user("hector").click(hector, "Full report", forged=forged).acknowledged
    [told] = view.wait_for_messages()
    assert "Only who granted the exemption can end it, or its owner (AGR), or an administrator." in told.visible_text
    assert program.shared.store.exemptions.live(program.shared.clock()) == (grant,)
    assert endings(program)[-1] == (AuditResult.REFUSED, "not-yours")


def is_end(element: object) -> bool:
    return isinstance(element, dict) and element.get("action_id") == "bailiff_end"


def test_an_extension_is_reminded_of_a_day_before_its_end_and_extended_there(
    program: Program, users: SandboxUsers, clock: MovedClock
) -> None:
    grant = keep(program, "agr-late", 7)
    view = users.view("ada")
    the_day_before = grant.until - timedelta(days=2)
    clock.move_to(the_day_before + timedelta(hours=3))
    program.run_due()
    assert [one for one in view.new_messages() if not one.is_ephemeral] == []  # it is three in the morning
    clock.move_to(the_day_before + timedelta(hours=10))
    for _ in range(3):
        program.run_due()
    [reminder] = [one for one in view.new_messages() if not one.is_ephemeral]
    last_day = (grant.until - timedelta(days=1)).date()
    assert "The exemption of agr-late (i-" in reminder.visible_text
    assert f"ends on {last_day.isoformat()}" in reminder.visible_text
    assert users.driver.user("ada").click(reminder, "Keep", near="agr-late").acknowledged

    def form() -> object:
        modal = users.driver.user("ada").modal()
        return modal if modal and "Until when" in modal.visible_text else None

    assert users.driver.wait_for(form, ANSWER_TIMEOUT)
    modal = users.driver.user("ada").modal()
    assert modal
    assert f"It is kept until {last_day.isoformat()} already" in modal.visible_text
    assert "A later day extends that: the 1st extension." in modal.visible_text
    assert users.driver.user("ada").submit_modal(modal).acknowledged
    wait_for_text(users, "ada", reminder, "Ada Granger keeps agr-late")
    assert max(one.extensions for one in program.shared.store.exemptions.live(clock())) == 1
