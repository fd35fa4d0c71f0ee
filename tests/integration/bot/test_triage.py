"""What people say is not theirs: posted into the triage channel once, assigned once, and said for good."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.ownership import Disclaimer, OwnershipClaims, ownership_fingerprint
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionResult, RenderedMessage, RenderedView
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.ownership import end_disclaimer
from bailiff_bot.usecases.triage_posts import TriagePosts
from tests.integration.bot.conftest import (
    ANSWER_TIMEOUT,
    ONE_REGION,
    ConversationView,
    SandboxUsers,
    days,
    ids,
    serving,
)
from tests.program import Program, open_program

NAMES = [
    f"agr-{name}"
    for name in (
        *("web", "db", "undo", "one", "two", "three", "four", "five", "six", "seven", "twice", "both"),
        *("late", "admins", "wrong", "forged", "killed", "replicas"),
        *(f"many-{number}" for number in range(22)),
    )
]
CHANNEL = "cloud-costs"
MINUTE = timedelta(minutes=1)
TICK = timedelta(seconds=30)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(NAMES)
    )


class MovedClock:
    """The machine's clock, which a test moves to the next minute."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def to_next_minute(self) -> None:
        now = self()
        self.ahead += now.replace(second=0, microsecond=0) + MINUTE - now


@pytest.fixture(scope="module")
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, clock: MovedClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve the bot, after a scan. Its scheduler does not tick during a test; `post` does what a tick does."""
    database = tmp_path_factory.mktemp("triage") / "bailiff.sqlite"
    with (
        patch.dict(os.environ, environment(sandbox, database), clear=True),
        open_program(Settings(), clock) as program,
    ):
        program.shared.snapshots.scan()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


def environment(sandbox: Sandbox, database: Path, channel: str = CHANNEL) -> dict[str, str]:
    return sandbox.environment(
        BAILIFF_DATABASE_URL=f"sqlite:///{database}",
        BAILIFF_TRIAGE_CHANNEL=channel,
        BAILIFF_ADMINS="U0BIL00007,U0NABE0004",
        **ONE_REGION,
    )


_numbers = count()


class Triage:
    """Says "not mine", and looks at the channel."""

    def __init__(self, program: Program, users: SandboxUsers, clock: MovedClock) -> None:
        self.program, self.users, self.clock = program, users, clock
        self.view: ConversationView = users.view("bill", CHANNEL)

    def row(self, name: str) -> Row:
        report = self.program.shared.reports.stored()
        return next(row for row in report.rows if row.instance.name == name)

    def disclaim(self, name: str, user: str = "ada") -> Disclaimer:
        """Save what *Not mine* saves."""
        row, report = self.row(name), self.program.shared.reports.stored()
        user_id, full_name, address = PEOPLE[user]
        now = self.clock()
        said = Disclaimer(
            f"said {next(_numbers)}",
            instance_subject(row.instance),
            f"{name} ({row.instance.id})",
            user_id,
            full_name,
            address,
            now,
            now + days(14),
            ownership_fingerprint(row.instance, report.policy),
        )
        self.program.shared.store.ownership.save(OwnershipClaims((said,)))
        return said

    def undo(self, said: Disclaimer) -> None:
        with self.program.shared.store.database.writing() as connection:
            assert end_disclaimer(connection, said.id, said.said_at + TICK)

    def wait_for(self, text: str) -> RenderedMessage:
        """Return the message of the channel once it says a text."""

        def found() -> RenderedMessage | None:
            return next((one for one in self.view.new_messages() if text in one.visible_text), None)

        message = self.users.driver.wait_for(found, ANSWER_TIMEOUT)
        assert message
        return message

    def audit(self) -> list[tuple[str, AuditResult, str]]:
        entries = self.program.shared.store.audit.since(self.clock() - days(1))
        return [(one.record.action, one.record.result, one.record.reason) for one in entries]

    def wait_for_audit(self, row: tuple[str, AuditResult, str]) -> None:
        """Return once this is the last row of the audit log."""
        self.users.driver.wait_for(lambda: self.audit()[-1:] == [row], ANSWER_TIMEOUT)

    def assigned(self, name: str) -> list[str]:
        subject = instance_subject(self.row(name).instance)
        return [one.name for one in self.program.shared.store.ownership.of(subject).assignments]

    def post(self) -> list[RenderedMessage]:
        """Let a minute pass, do what a tick does, and return the messages of the channel."""
        self.clock.to_next_minute()
        self.program.run_due()
        return self.view.new_messages()


PEOPLE = {
    "ada": ("U0AGR00001", "Ada Granger", "agr@octo.example"),
    "hector": ("U0HRO00003", "Hector Romano", "hro@octo.example"),
}


class Admin:
    """Bill, who assigns owners."""

    def __init__(self, triage: Triage, name: str = "bill") -> None:
        self.triage, self.driver = triage, triage.users.driver.user(name)

    def modal(self, text: str) -> RenderedView:
        """Return the open modal, once it says a text."""

        def found() -> RenderedView | None:
            modal = self.driver.modal()
            return modal if modal and text in modal.visible_text else None

        modal = self.triage.users.driver.wait_for(found, ANSWER_TIMEOUT)
        assert modal
        return modal

    def form(self, message: RenderedMessage, near: str) -> RenderedView:
        assert self.driver.click(message, "Assign to...", near=near).acknowledged
        return self.modal("New owner")

    def assign(self, message: RenderedMessage, near: str, owner: str) -> InteractionResult:
        return self.driver.submit_modal(self.form(message, near), {"New owner": owner})


@pytest.fixture
def bill(triage: Triage) -> Admin:
    return Admin(triage)


@pytest.fixture
def triage(program: Program, users: SandboxUsers, clock: MovedClock) -> Triage:
    return Triage(program, users, clock)


def test_what_was_said_in_a_minute_is_posted_once_as_one_message(triage: Triage) -> None:
    triage.disclaim("agr-web")
    triage.disclaim("agr-web", "hector")
    triage.disclaim("agr-db")
    triage.program.run_due()
    assert triage.view.new_messages() == []  # the minute is not over
    [message] = triage.post()
    text = message.visible_text
    assert "2 instances need an owner" in text
    assert text.count("says that it is not theirs") == 3
    assert "Hector Romano says" in text
    assert "running for 90 days" in text
    assert "1 of 1 region read" in text or "1 of 1 regions read" in text
    assert message.buttons == ["Assign to...", "Assign to..."]
    assert triage.post() == [message]


def test_what_was_undone_before_it_is_posted_is_not_posted(triage: Triage) -> None:
    said = triage.disclaim("agr-undo")
    triage.undo(said)
    assert triage.post() == []


def test_what_is_undone_later_is_said_in_the_message(triage: Triage) -> None:
    said = triage.disclaim("agr-undo")
    [before] = triage.post()
    assert before.buttons == ["Assign to..."]
    triage.undo(said)
    triage.program.run_due()
    message = triage.wait_for("They took it back")
    assert "It is settled whose this is" in message.visible_text
    assert message.buttons == []


def test_what_does_not_fit_into_a_message_is_in_the_next_one(triage: Triage) -> None:
    for number in range(22):
        triage.disclaim(f"agr-many-{number}")
    [first] = triage.post()
    assert len(first.buttons) == 20
    assert "more" not in first.visible_text
    [_, second] = triage.post()
    assert len(second.buttons) == 2
    assert len(ids(first.visible_text + str(first.blocks)) | ids(str(second.blocks))) == 22
    assert triage.post() == [first, second]


def test_two_replicas_post_it_once(triage: Triage, sandbox: Sandbox, clock: MovedClock) -> None:
    address = triage.program.shared.store.database.name.removeprefix("sqlite:///")
    triage.disclaim("agr-one")
    with patch.dict(os.environ, environment(sandbox, Path(address)), clear=True):
        other = Settings()
    with open_program(other, clock) as second:
        second.shared.snapshots.scan()
        clock.to_next_minute()
        second.run_due()
        triage.program.run_due()
        assert len(triage.post()) == 1
        second.run_due()
        assert len(triage.view.new_messages()) == 1


def test_what_was_planned_before_a_kill_is_sent_after_it_once(triage: Triage) -> None:
    triage.disclaim("agr-two")
    clock = triage.clock
    with patch.object(type(triage.program.slack.outbox), "submit", side_effect=SystemExit):
        clock.to_next_minute()
        with pytest.raises(SystemExit):
            triage.program.slack.triage_posts.run_due()
    assert triage.view.new_messages() == []
    assert len(triage.post()) == 1
    assert len(triage.post()) == 1


def test_a_refusal_of_the_channel_is_logged_once_and_nothing_is_lost(triage: Triage) -> None:
    triage.users.driver.remove_member("bailiff", CHANNEL)
    try:
        triage.disclaim("agr-three")
        with capture_logs() as logs:
            triage.post()
            triage.disclaim("agr-four")
            assert triage.post() == []
        problems = [line for line in logs if line["event"] == "triage.not_posted"]
        assert ["the bot is not in #cloud-costs" in line["reason"] for line in problems] == [True]
    finally:
        triage.users.driver.user("ada").invite_bot(CHANNEL)
    [message] = triage.post()
    assert "2 instances need an owner" in message.visible_text


def test_what_slack_refuses_is_posted_again_in_another_message(triage: Triage) -> None:
    triage.disclaim("agr-five")
    triage.users.driver.inject_fault("refuse", "chat.postMessage", error="restricted_action")
    assert triage.post() == []
    assert len(triage.post()) == 1


def test_an_administrator_assigns_it_and_the_message_says_so_for_good(triage: Triage, bill: Admin) -> None:
    said = triage.disclaim("agr-six")
    triage.disclaim("agr-seven")
    [message] = triage.post()
    form = bill.form(message, "agr-six")
    assert "Not theirs: Ada Granger" in form.visible_text
    bill.driver.submit_modal(form, {"New owner": "hector"})
    assert bill.modal(f"Billie Ledger assigned {said.title} to Hector Romano")
    message = triage.wait_for("Billie Ledger assigned it to Hector Romano")
    assert "1 instance needs an owner" in message.visible_text
    assert message.buttons == ["Assign to..."]
    assert triage.audit()[-1] == ("assign", AuditResult.DONE, "")
    [assignment] = triage.program.shared.store.ownership.of(said.subject).assignments
    assert (assignment.user_id, assignment.address, assignment.assigner) == (
        "U0HRO00003",
        "hro@octo.example",
        "Billie Ledger",
    )
    assert assignment.fingerprint == said.fingerprint


def test_a_replay_assigns_nothing_again(triage: Triage, bill: Admin) -> None:
    triage.disclaim("agr-twice")
    [message] = triage.post()
    sent = bill.assign(message, "agr-twice", "hector")
    triage.wait_for("assigned it to Hector Romano")
    done = triage.audit().count(DONE)
    triage.users.driver.send_payload(sent.request)
    triage.wait_for_audit(REFUSED_AGAIN)
    assert bill.modal("This was done before. Billie Ledger assigned")
    assert triage.assigned("agr-twice") == ["Hector Romano"]
    assert triage.audit().count(DONE) == done


def test_of_two_administrators_the_second_is_told_what_the_first_did(triage: Triage, bill: Admin) -> None:
    triage.disclaim("agr-both")
    [message] = triage.post()
    nadia = Admin(triage, "nadia")
    forms = nadia.form(message, "agr-both"), bill.form(message, "agr-both")
    bill.driver.submit_modal(forms[1], {"New owner": "hector"})
    assert bill.modal("assigned")
    nadia.driver.submit_modal(forms[0], {"New owner": "albert"})
    assert nadia.modal("This was done before. Billie Ledger assigned")
    assert triage.assigned("agr-both") == ["Hector Romano"]


def test_what_was_undone_cannot_be_assigned_any_more(triage: Triage, bill: Admin) -> None:
    said = triage.disclaim("agr-late")
    [message] = triage.post()
    form = bill.form(message, "agr-late")
    triage.undo(said)
    bill.driver.submit_modal(form, {"New owner": "hector"})
    assert bill.modal("It is decided already")
    assert triage.audit()[-1] == REFUSED_AGAIN
    assert triage.assigned("agr-late") == []
    triage.wait_for("They took it back")


def test_only_administrators_assign(triage: Triage) -> None:
    triage.disclaim("agr-admins")
    [message] = triage.post()
    hector = Admin(triage, "hector")
    hector.driver.click(message, "Assign to...", near="agr-admins")
    assert hector.modal("Only an administrator of Bailiff assigns owners")
    assert triage.audit()[-1] == ("assign", AuditResult.REFUSED, "not-yours")


def test_whoever_can_own_nothing_is_refused_and_the_form_stays(triage: Triage, bill: Admin) -> None:
    triage.disclaim("agr-wrong")
    [message] = triage.post()
    form = bill.form(message, "agr-wrong")
    for name, reason in (("gus", "is a guest"), ("sam", "is of another company"), ("bailiff", "is no person")):
        bill.driver.submit_modal(form, {"New owner": name})
        form = bill.modal(reason)
        assert triage.audit()[-1] == ("assign", AuditResult.REFUSED, "no-full-member-with-an-address")
    assert triage.assigned("agr-wrong") == []
    bill.driver.submit_modal(form, {"New owner": "albert"})
    assert bill.modal("to Albert Benoit")
    assert triage.assigned("agr-wrong") == ["Albert Benoit"]


def test_a_forged_choice_is_answered_and_assigns_nothing(triage: Triage, bill: Admin) -> None:
    triage.disclaim("agr-forged")
    [message] = triage.post()
    form = bill.form(message, "agr-forged")
    nobody = {"owner": {"owner": {"type": "users_select", "selected_user": None}}}
    answer = bill.driver.submit_modal(form, forged=nobody)
    assert answer.payload["errors"] == {"owner": "Choose a person"}
    unknown = {"owner": {"owner": {"type": "users_select", "selected_user": "U0NOBODY"}}}
    bill.driver.submit_modal(form, forged=unknown)
    assert bill.modal("Slack did not say who that is")
    bill.driver.click(message, "Assign to...", forged={"value": "' or 1=1"})
    assert bill.modal("This button is too old")
    assert triage.assigned("agr-forged") == []


def test_an_assignment_is_shown_after_a_bot_was_killed_before_it_could_say_so(triage: Triage, bill: Admin) -> None:
    triage.disclaim("agr-killed")
    [message] = triage.post()
    with patch.object(TriagePosts, "_refresh"):
        bill.assign(message, "agr-killed", "hector")
        assert bill.modal("assigned")
    assert triage.view.current(message).buttons == ["Assign to..."]
    triage.program.run_due()
    assert triage.view.current(message).buttons == []
    assert "assigned it to Hector Romano" in triage.view.current(message).visible_text


def test_two_replicas_assign_it_once(triage: Triage, bill: Admin, sandbox: Sandbox, clock: MovedClock) -> None:
    triage.disclaim("agr-replicas")
    [message] = triage.post()
    address = triage.program.shared.store.database.name.removeprefix("sqlite:///")
    with patch.dict(os.environ, environment(sandbox, Path(address)), clear=True):
        other = Settings()
    done = triage.audit().count(DONE)
    with open_program(other, clock) as second, serving(second.process):
        sandbox.slack.driver.wait_for(lambda: len(sandbox.slack.driver.connections()) > 1, ANSWER_TIMEOUT)
        sent = bill.assign(message, "agr-replicas", "hector")
        for _ in range(6):
            triage.users.driver.send_payload(sent.request)
        triage.wait_for("assigned it to Hector Romano")
    assert triage.assigned("agr-replicas") == ["Hector Romano"]
    assert triage.audit().count(DONE) == done + 1
    assert "number" in str(triage.program.shared.store.audit.verify())


DONE = ("assign", AuditResult.DONE, "")
REFUSED_AGAIN = ("assign", AuditResult.REFUSED, "done-already")
