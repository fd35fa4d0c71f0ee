"""*Not mine* in a direct message, in an answer and on the Home tab: decided at the click, done once, told to others."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.ownership import Disclaimer
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers, days, ids, serving
from tests.integration.bot.person import Person as Clicker
from tests.program import Program, open_program

START = datetime(2020, 1, 1, tzinfo=UTC)
DM, DEMO, SHARED = "bailiff", "agr-demo", "shared-box"
SURELY = "It ends on"
Container = RenderedMessage | RenderedView


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    names = (DEMO, "agr-twice", "agr-hands", "agr-undo", "agr-mine", "agr-home", "agr-name", "agr-last", "nabe-one")
    own = tuple(
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(names)
    )
    tags = (("Owner", "AGR, NABE"),)
    return *own, InstanceFixture(key=SHARED, name=SHARED, since_start=days(60), expected_table="owned", tags=tags)


@pytest.fixture(scope="module")
def settings(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Return the bot's settings, in an environment that reaches the sandbox."""
    database = tmp_path_factory.mktemp("not-mine") / "bailiff.sqlite"
    with patch.dict(os.environ, environment(sandbox, database), clear=True):
        yield Settings()


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, settings: Settings) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    with open_program(settings) as program:
        assert program.slack.digests.send_now().result().notified == 2
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


def environment(sandbox: Sandbox, database: Path, channel: str = "cloud-costs") -> dict[str, str]:
    return sandbox.environment(
        BAILIFF_DATABASE_URL=f"sqlite:///{database}", BAILIFF_TRIAGE_CHANNEL=channel, **ONE_REGION
    )


class Person(Clicker):
    """A user, who says that instances are not theirs."""

    def click(self, container: Container, near: str) -> None:
        """Click *Not mine* beside an instance."""
        assert self.driver.click(container, "Not mine", near=near).acknowledged

    def not_mine_form(self, container: Container, near: str) -> RenderedView:
        """Click *Not mine*, and return the form."""
        self.click(container, near)
        return self.modal(SURELY)

    def disclaim(self, container: Container, near: str, **values: str) -> RenderedView:
        """Say that an instance is not theirs, and return the modal that confirms it."""
        assert self.driver.submit_modal(self.not_mine_form(container, near), values).acknowledged
        return self.modal("is not theirs")


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "ada")


@pytest.fixture
def nadia(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "nadia")


def owners(program: Program, name: str) -> tuple[str, ...]:
    """Return the owners of an instance in the current report."""
    [row] = [row for row in program.shared.reports.current().rows if row.instance.name == name]
    return row.identity.owner_keys


def make_unowned(program: Program, person: Person, name: str) -> None:
    """Let somebody say that an instance is not theirs, if no test did so before."""
    if owners(program, name):
        person.disclaim(person.nudge(), name)
        person.wait_for_nudge(f"says that {name}")


def said(program: Program, name: str) -> list[Disclaimer]:
    live = program.shared.store.ownership.live(program.shared.clock())
    return [one for one in live.disclaimers if name in one.title]


def audit(program: Program) -> list[tuple[str, AuditResult, str]]:
    return [
        (entry.record.action, entry.record.result, entry.record.reason)
        for entry in program.shared.store.audit.since(START)
    ]


def choice(key: str) -> dict[str, object]:
    """Return the choice of *Not mine* in the menu of an offer."""
    return {"selected_option": {"value": f"bailiff_not_mine {key}"}}


def key_of(message: RenderedMessage, near: str) -> str:
    """Return the key of the offer beside an instance."""
    for earlier, block in zip(message.blocks, message.blocks[1:], strict=False):
        if near in str(earlier) and block["type"] == "actions":
            return str(next(one["value"] for one in block["elements"] if one["action_id"] == "bailiff_keep"))
    raise AssertionError(near)


def listed(message: RenderedMessage) -> set[str]:
    """Return the ids of the instances that a message lists with a link, so as still to be done."""
    return ids(" ".join(text for text in str(message.blocks).split("instanceId=")[1:]))


def test_the_form_says_what_happens_where_it_goes_and_until_when(ada: Person) -> None:
    form = ada.not_mine_form(ada.nudge(), DEMO)
    assert f"You say that {DEMO} (i-" in form.visible_text
    assert "other owners are still told" in form.visible_text
    assert "#cloud-costs is told" in form.visible_text
    ada.driver.dismiss_modal(form)


def test_it_is_not_theirs_any_more_and_the_message_says_so_for_good(program: Program, ada: Person) -> None:
    modal = ada.disclaim(ada.nudge(), DEMO, hint="  ask <!channel> Kim \u202e")
    assert f"Ada Granger says that {DEMO}" in modal.visible_text
    message = ada.wait_for_nudge(f"Ada Granger says that {DEMO}")
    assert "1 not yours any more" in message.visible_text
    assert DEMO not in message.visible_text.replace(f"says that {DEMO}", "")
    assert owners(program, DEMO) == ()
    [one] = said(program, DEMO)
    assert (one.user_id, one.name, one.address) == ("U0AGR00001", "Ada Granger", "agr@octo.example")
    assert one.until - one.said_at == timedelta(days=14)
    assert audit(program)[-1] == ("not-mine", AuditResult.DONE, "")
    entry = program.shared.store.audit.since(START)[-1]
    assert entry.record.why == "ask <!channel> Kim \u202e"
    assert entry.record.after == {"disclaimer": one.id, "until": one.until.isoformat()}


def test_it_is_taken_back_and_the_message_lists_it_again(program: Program, ada: Person) -> None:
    ada.disclaim(ada.nudge(), "agr-undo")
    message = ada.wait_for_nudge("says that agr-undo")
    assert owners(program, "agr-undo") == ()
    assert ada.driver.click(message, "Undo", near="says that agr-undo").acknowledged
    message = ada.wait_for_nudge("undid it, so agr-undo")
    assert key_of(message, "instanceId=" + only_id("agr-undo"))
    assert owners(program, "agr-undo") == ("AGR",)
    assert audit(program)[-1] == ("undo", AuditResult.DONE, "")


def only_id(key: str) -> str:
    return InstanceFixture(key=key, name=key, since_start=days(1), expected_table="").id


def test_twice_and_from_an_old_message_it_is_done_once(program: Program, ada: Person) -> None:
    old = ada.nudge()
    sent = ada.driver.submit_modal(ada.not_mine_form(old, "agr-twice"))
    ada.modal("is not theirs")
    ada.users.driver.send_payload(sent.request)  # a replay
    ada.users.driver.wait_for(
        lambda: ("not-mine", AuditResult.REFUSED, "done-already") in audit(program), ANSWER_TIMEOUT
    )
    ada.wait_for_nudge("says that agr-twice")
    ada.driver.click(ada.nudge(), "Not mine", forged=choice(key_of(old, only_id("agr-twice"))))
    assert ada.modal("This was done before. Ada Granger says that agr-twice")
    assert len(said(program, "agr-twice")) == 1


@pytest.mark.parametrize("value", ["forged", "' or 1=1", "x" * 1_900])
def test_a_forged_key_does_nothing_and_is_answered(program: Program, ada: Person, value: str) -> None:
    ada.driver.click(latest(ada), "Not mine", forged=choice(value))
    assert ada.modal("too old")
    assert audit(program)[-1] == ("not-mine", AuditResult.REFUSED, "unknown-button")


def latest(person: Person) -> RenderedMessage:
    """Return the latest direct message of a digest."""
    return [one for one in person.driver.visible_messages(DM) if "/nudge/" in str(one.metadata)][-1]


def test_somebody_else_cannot_say_it_with_a_key_of_the_owner(program: Program, ada: Person, nadia: Person) -> None:
    stolen = key_of(latest(ada), only_id("agr-last"))
    nadia.driver.click(latest(nadia), "Not mine", forged=choice(stolen))
    assert "It is not yours" in nadia.modal("not yours").visible_text
    assert audit(program)[-1] == ("not-mine", AuditResult.REFUSED, "not-yours")
    assert owners(program, "agr-last") == ("AGR",)


def test_after_it_changed_hands_it_is_refused(program: Program, ada: Person) -> None:
    message = latest(ada)
    ada.users.sandbox.aws.rename("agr-hands", "nabe-hands")
    ada.click(message, "agr-hands")
    assert "NABE" in ada.modal("not yours").visible_text
    assert audit(program)[-1] == ("not-mine", AuditResult.REFUSED, "not-yours")


def test_a_hint_that_is_too_long_is_answered_in_its_field(program: Program, ada: Person) -> None:
    form = ada.not_mine_form(latest(ada), "agr-last")
    hint = {"hint": {"hint": {"type": "plain_text_input", "value": "x" * 301}}}
    answer = ada.driver.submit_modal(form, forged=hint)
    assert answer.payload["errors"] == {"hint": "Write at most 300 characters"}
    assert owners(program, "agr-last") == ("AGR",)


def test_the_form_of_somebody_else_does_nothing(program: Program, ada: Person, nadia: Person) -> None:
    form = ada.not_mine_form(latest(ada), "agr-last")
    sent = nadia.driver.submit_modal(nadia.not_mine_form(latest(nadia), "nabe-one"))
    nadia.modal("is not theirs")
    stolen = {**sent.request, "view": {**sent.request["view"], "private_metadata": form.content["private_metadata"]}}
    ada.users.driver.send_payload(stolen)
    assert nadia.modal("too old")
    assert owners(program, "agr-last") == ("AGR",)


def test_an_answer_is_replaced_after_the_click_in_it(program: Program, ada: Person) -> None:
    make_unowned(program, ada, DEMO)
    (answer,) = ada.users.run_command("ada", "/bailiff mine")
    assert only_id(DEMO) not in listed(answer)
    ada.disclaim(answer, "agr-mine")
    ada.users.driver.wait_for(
        lambda: any(
            "says that agr-mine" in one.visible_text
            for one in ada.driver.visible_messages(answer.channel)
            if one.is_ephemeral
        ),
        ANSWER_TIMEOUT,
    )
    assert owners(program, "agr-mine") == ()


def test_the_home_tab_is_rendered_again_after_the_click_in_it(program: Program, ada: Person) -> None:
    ada.driver.open_home()
    home = ada.users.driver.wait_for(ada.driver.home)
    assert home
    ada.disclaim(home, "agr-home")

    def says_so() -> bool:
        shown = ada.driver.home()
        return shown is not None and "says that agr-home" in shown.visible_text

    ada.users.driver.wait_for(says_so, ANSWER_TIMEOUT)
    assert owners(program, "agr-home") == ()


def test_why_says_who_said_it_and_what_ends_it(program: Program, ada: Person) -> None:
    make_unowned(program, ada, DEMO)
    (answer,) = ada.users.run_command("ada", f"/bailiff why {only_id(DEMO)}")
    assert "Ada Granger, said on" in answer.visible_text
    assert "or when the name or an owner tag changes" in answer.visible_text
    assert "who is named said that it is not theirs" in answer.visible_text


def test_it_ends_when_the_name_changes(program: Program, ada: Person) -> None:
    ada.disclaim(latest(ada), "agr-name")
    ada.users.driver.wait_for(lambda: not owners(program, "agr-name"), ANSWER_TIMEOUT)
    ada.users.sandbox.aws.rename("agr-name", "agr-new-name")
    program.shared.snapshots.scan()
    assert owners(program, "agr-new-name") == ("AGR",)


def test_the_other_owner_is_still_told_and_the_next_digest_tells_nobody_else(
    program: Program, settings: Settings, ada: Person, nadia: Person
) -> None:
    make_unowned(program, ada, DEMO)
    ada.disclaim(ada.nudge(), SHARED)
    ada.wait_for_nudge(f"says that {SHARED}")
    assert owners(program, SHARED) == ("NABE",)
    send_digest_later(settings, days(8))  # when everybody is reminded
    assert only_id(SHARED) in listed(latest(nadia))
    assert only_id("agr-last") in listed(latest(ada))
    assert not listed(latest(ada)) & {only_id(SHARED), only_id(DEMO)}
    posted = ada.driver.visible_messages("cloud-costs")
    digest = [one for one in posted if "break a rule" in one.visible_text][-1]
    thread = ada.driver.visible_messages("cloud-costs", thread=digest)
    everything = "".join(one.visible_text for one in (digest, *thread))
    assert "Ada Granger said on" in everything
    assert "that it is not theirs; nobody else is known" in everything


def send_digest_later(settings: Settings, later: timedelta) -> None:
    """Send a digest as another process does after a time."""
    with open_program(settings, clock=lambda: datetime.now(UTC) + later) as other:
        other.slack.digests.send_now().result()
        other.run_due()


def test_without_a_channel_to_tell_it_is_not_offered(
    program: Program, ada: Person, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert program
    with patch.dict(os.environ, environment(sandbox, tmp_path / "other.sqlite", ""), clear=True):
        settings = Settings()
    with open_program(settings) as other:
        other.slack.digests.send_now().result()
    message = latest(ada)
    assert "Keep" in message.visible_text
    assert "Not mine" not in message.visible_text


def test_the_audit_log_is_whole(program: Program) -> None:
    assert "number" in str(program.shared.store.audit.verify())
