"""*Keep* in a direct message, in an answer and on the Home tab: decided at the click, done once, and said for good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.delivery import Batch
from bailiff_bot.domain.digest import DIGEST_KINDS
from bailiff_bot.errors import Refused
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.slack.client.replies import Replies
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers, days, ids, ids_of
from tests.integration.bot.databases import BACKENDS, new_database, serving_program
from tests.integration.bot.person import Person
from tests.program import Program

START = datetime(2020, 1, 1, tzinfo=UTC)
DEMO, GPU, BOX = "agr-demo", "agr-gpu", "agr-box"


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database. Each has a sandbox of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def fleet(backend: str) -> tuple[InstanceFixture, ...]:
    assert backend
    names = (
        DEMO,
        GPU,
        BOX,
        "agr-one",
        "agr-two",
        "agr-six",
        "agr-last",
        "agr-gone",
        "agr-late",
        "agr-both",
        "agr-more",
        "agr-soon",
        "agr-full",
        "nabe-one",
    )
    return tuple(
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(names)
    )


@pytest.fixture(scope="module")
def database(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the bot's database."""
    return new_database(backend, request, tmp_path_factory.mktemp("keep"))


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, database: str) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    with serving_program(sandbox, database, digest=True) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "ada")


def flagged(program: Program) -> set[str]:
    return {row.instance.name or "" for row in program.shared.reports.current().flagged}


def audit(program: Program) -> list[tuple[str, AuditResult, str]]:
    return [
        (entry.record.action, entry.record.result, entry.record.reason)
        for entry in program.shared.store.audit.since(START)
    ]


def test_an_instance_is_kept_in_two_clicks_and_the_message_says_so_for_good(program: Program, ada: Person) -> None:
    modal = ada.keep(ada.nudge(), DEMO)
    last_day = (program.shared.clock() + timedelta(days=14)).date().isoformat()
    assert f"Ada Granger keeps {DEMO}" in modal.visible_text
    assert f"until {last_day}: still in use" in modal.visible_text
    assert DEMO not in flagged(program)
    message = ada.wait_for_nudge(f"until {last_day}: still in use")
    assert "1 kept for now" in message.visible_text
    assert "Undo" in message.visible_text
    assert audit(program)[-1] == ("keep", AuditResult.DONE, "")
    [grant] = program.shared.store.exemptions.live(program.shared.clock())
    assert (grant.reason, grant.granter, grant.extensions) == ("still in use", "Ada Granger", 0)


def test_it_can_be_undone_and_is_reported_again(program: Program, ada: Person) -> None:
    if "Undo" not in ada.nudge().visible_text:
        ada.keep(ada.nudge(), DEMO)
        ada.wait_for_nudge("Undo")
    assert ada.driver.click(ada.nudge(), "Undo").acknowledged
    message = ada.wait_for_nudge("undid it")
    assert DEMO in flagged(program)
    assert f"{DEMO} (i-" in message.visible_text.split("undid it")[1]
    assert "Undo" not in message.visible_text.replace("undid", "")
    assert audit(program)[-1] == ("undo", AuditResult.DONE, "")


def test_own_words_go_before_a_choice(program: Program, ada: Person) -> None:
    modal = ada.keep(ada.nudge(), GPU, words="  <!channel> *the* fair \u202e ")
    assert "<!channel> *the* fair" in modal.visible_text
    ada.wait_for_nudge("<!channel> *the* fair")
    assert GPU not in flagged(program)


def test_twice_and_on_an_old_message_it_is_done_once(program: Program, ada: Person) -> None:
    sent = ada.driver.submit_modal(ada.form(ada.nudge(), BOX))
    ada.modal("keeps")
    ada.users.driver.send_payload(sent.request)  # a replay
    ada.wait_for_nudge(f"keeps {BOX}")
    before = len(program.shared.store.exemptions.live(program.shared.clock()))
    ada.users.driver.wait_for(lambda: ("keep", AuditResult.REFUSED, "done-already") in audit(program), ANSWER_TIMEOUT)
    assert len(program.shared.store.exemptions.live(program.shared.clock())) == before


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"until": "2020-01-01"}, "Choose a day from tomorrow"),
        ({"until": "2999-01-01"}, "Choose a day from tomorrow"),
    ],
)
def test_a_day_that_cannot_be_chosen_is_answered_in_its_field(ada: Person, values: dict[str, str], error: str) -> None:
    form = ada.form(ada.nudge(), "agr-one")
    answer = ada.driver.submit_modal(form, values)
    assert error in answer.payload["errors"]["until"]


def test_a_reason_that_is_too_long_is_answered_in_its_field(program: Program, ada: Person) -> None:
    form = ada.form(ada.nudge(), "agr-one")
    words = {"words": {"words": {"type": "plain_text_input", "value": "x" * 2_000}}}
    answer = ada.driver.submit_modal(form, forged=words)
    assert answer.payload["errors"] == {"words": "Write at most 300 characters"}
    assert "agr-one" in flagged(program)


@pytest.mark.parametrize("value", ["forged", "' or 1=1", "x" * 1_900])
def test_a_forged_key_does_nothing_and_is_answered(program: Program, ada: Person, value: str) -> None:
    ada.driver.click(ada.nudge(), "Keep", near="agr-one", forged={"value": value})
    assert ada.modal("too old")
    assert audit(program)[-1] == ("keep", AuditResult.REFUSED, "unknown-button")


def test_another_person_cannot_keep_it_with_a_key_of_the_owner(program: Program, ada: Person) -> None:
    nadia = Person(ada.users, "nadia")
    stolen = next(
        element["value"]
        for block in ada.nudge().blocks
        for element in block.get("elements", [])
        if element.get("action_id") == "bailiff_keep"
    )
    nadia.driver.click(nadia.nudge(), "Keep", forged={"value": stolen})
    assert "It is not yours" in nadia.modal("not yours").visible_text
    assert "AGR" in nadia.modal("not yours").visible_text
    assert audit(program)[-1] == ("keep", AuditResult.REFUSED, "not-yours")


def test_a_guest_is_refused_at_the_click(program: Program, ada: Person) -> None:
    ada.users.driver.change_user("ada", guest=True)
    try:
        ada.driver.click(ada.nudge(), "Keep", near="agr-one")
        assert ada.modal("Only full members")
    finally:
        ada.users.driver.change_user("ada", guest=False)
    assert audit(program)[-1] == ("keep", AuditResult.REFUSED, "not-a-member")


def test_if_slack_does_not_say_who_asks_nothing_is_done(program: Program, ada: Person) -> None:
    ada.users.driver.inject_fault("refuse", "users.info", user="ada", error="fatal_error", times=None)
    ada.driver.click(ada.nudge(), "Keep", near="agr-one")
    assert ada.modal("did not say whether it is yours")
    assert audit(program)[-1] == ("keep", AuditResult.REFUSED, "cannot-check-you")


def test_if_aws_does_not_show_the_instance_nothing_is_done(program: Program, ada: Person) -> None:
    ada.users.sandbox.aws.deny("eu-west-1", action="DescribeInstances")
    ada.driver.click(ada.nudge(), "Keep", near="agr-one")
    assert ada.modal("AWS did not show the instance")
    assert audit(program)[-1] == ("keep", AuditResult.REFUSED, "unread")


def test_an_answer_is_replaced_after_the_click_in_it(program: Program, ada: Person) -> None:
    (answer,) = ada.users.run_command("ada", "/bailiff mine")
    ada.keep(answer, "agr-two")
    ada.users.driver.wait_for(
        lambda: any(
            "keeps agr-two" in one.visible_text
            for one in ada.driver.visible_messages(answer.channel)
            if one.is_ephemeral
        ),
        ANSWER_TIMEOUT,
    )
    assert "agr-two" not in flagged(program)


def test_if_an_answer_cannot_be_replaced_the_form_says_that_it_is_done_all_the_same(
    program: Program, ada: Person
) -> None:
    (answer,) = ada.users.run_command("ada", "/bailiff mine")
    ada.users.driver.inject_fault("server_error", "response_url", times=None)
    form = ada.form(answer, "agr-more")
    ada.driver.submit_modal(form)
    ada.users.driver.wait_for(lambda: "agr-more" not in flagged(program), ANSWER_TIMEOUT)
    assert ada.modal("keeps agr-more")


def test_if_an_answer_takes_no_more_replies_the_result_is_a_direct_message(program: Program, ada: Person) -> None:
    """Slack accepts five replies to a click. The message that cannot be replaced says nothing of the second click."""
    (answer,) = ada.users.run_command("ada", "/bailiff mine")
    ada.keep(answer, "agr-full")
    kept = ada.users.driver.wait_for(lambda: undo_of(ada, answer, "agr-full"), ANSWER_TIMEOUT)
    assert kept
    refused = Refused("Slack refused an answer: used_url", "used_url")
    with patch.object(Replies, "send", side_effect=refused):
        assert ada.driver.click(kept, "Undo", near="keeps agr-full").acknowledged
        ada.users.driver.wait_for(lambda: "undid it, so agr-full" in "".join(said_to(ada)), ANSWER_TIMEOUT)
    assert "agr-full" in flagged(program)


def undo_of(ada: Person, answer: RenderedMessage, name: str) -> RenderedMessage | None:
    """Return the answer in which an instance is kept; None if none says so."""
    shown = [one for one in ada.driver.visible_messages(answer.channel) if one.is_ephemeral]
    return next((one for one in shown if f"keeps {name}" in one.visible_text), None)


def said_to(ada: Person) -> list[str]:
    """Return what was said to a user in direct messages that are no digest's."""
    return [one.visible_text for one in ada.driver.visible_messages("bailiff") if "/nudge/" not in str(one.metadata)]


def test_the_home_tab_is_drawn_again_after_the_click_in_it(program: Program, ada: Person) -> None:
    ada.driver.open_home()
    home = ada.users.driver.wait_for(ada.driver.home)
    assert home
    ada.keep(home, "agr-six")

    def says_so() -> bool:
        drawn = ada.driver.home()
        return drawn is not None and "keeps agr-six" in drawn.visible_text

    ada.users.driver.wait_for(says_so, ANSWER_TIMEOUT)
    assert "agr-six" not in flagged(program)


def test_if_the_form_was_closed_the_result_is_in_the_message(program: Program, ada: Person) -> None:
    ada.users.driver.inject_fault("slow", "users.info", user="ada", times=2, seconds=1.0)
    ada.driver.submit_modal(ada.form(ada.nudge(), "agr-one"))
    ada.driver.dismiss_modal(ada.modal("saving"))
    ada.wait_for_nudge("keeps agr-one")
    assert "agr-one" not in flagged(program)


def test_a_click_is_acknowledged_while_all_workers_wait(program: Program, ada: Person) -> None:
    ada.users.sandbox.aws.delay_responses("eu-west-1", 3.0, action="DescribeInstances")
    results = [ada.driver.click(ada.nudge(), "Keep", near="agr-") for _ in range(12)]
    assert all(result.acknowledged for result in results)
    assert ada.modal("Checking")
    assert program


def test_what_was_done_is_shown_after_a_bot_was_killed_before_it_could_say_so(program: Program, ada: Person) -> None:
    with patch.object(type(program.slack.nudge_refresh), "refresh"):
        ada.keep(ada.nudge(), "agr-last")
    assert "keeps agr-last" not in ada.nudge().visible_text
    program.run_due()
    ada.wait_for_nudge("keeps agr-last")


def test_a_digest_that_was_judged_before_a_click_does_not_hide_what_was_done(
    program: Program, ada: Person, fleet: tuple[InstanceFixture, ...]
) -> None:
    """The digest lists one instance less, so it edits the message; the click is saved before the digest's plan."""
    ada.users.sandbox.aws.delete("agr-gone")
    digests, clicked = program.slack.digests, "agr-late"
    made = digests.new_digests.make

    def make_and_click(nudges: str, planned_at: datetime) -> object:
        digest = made(nudges, planned_at)
        ada.keep(ada.nudge(), clicked)
        ada.wait_for_nudge(f"keeps {clicked}")
        return digest

    with patch.object(type(digests.new_digests), "make", lambda _, *given: make_and_click(*given)):
        digests.send_now().result()
    program.run_due()
    message = ada.nudge()
    assert f"keeps {clicked}" in message.visible_text
    assert "agr-gone" not in message.visible_text
    late = ids_of(*(one for one in fleet if one.key == clicked))
    assert late <= ids(message.visible_text)
    assert not any(f"instanceId={one}" in str(message.blocks) for one in late)
    assert clicked not in flagged(program)


def test_what_is_done_in_an_answer_is_in_the_direct_message_too(ada: Person) -> None:
    (answer,) = ada.users.run_command("ada", "/bailiff mine")
    kept = ada.nudge().visible_text.count("keeps agr-")
    ada.keep(answer, "agr-six")
    ada.wait_until_unlisted("agr-six")
    assert ada.nudge().visible_text.count("keeps agr-") == kept  # it was not done there


def test_a_click_before_a_new_direct_message_arrives_is_shown_once_it_has_arrived(
    program: Program, ada: Person
) -> None:
    """The new direct message is planned before the click, and sent after it."""
    ada.users.sandbox.aws.add(
        InstanceFixture(key="agr-new", name="agr-new", since_start=days(50), expected_table="stopped-when-unused")
    )
    digests, old, submit = program.slack.digests, ada.nudge(), program.slack.digests.outbox.submit

    def click_and_submit(batch: Batch) -> object:
        if batch.kind in DIGEST_KINDS:
            ada.keep(old, "agr-soon")
        return submit(batch)

    with patch.object(type(digests.outbox), "submit", lambda _, batch: click_and_submit(batch)):
        digests.send_now().result()
    assert ada.nudge().ts != old.ts
    program.run_due()
    ada.wait_until_unlisted("agr-soon")


def test_two_replicas_do_a_click_once(program: Program, ada: Person, sandbox: Sandbox, database: str) -> None:
    """Another replica, with the same database, gets the same submission."""
    with serving_program(sandbox, database):
        form = ada.form(ada.nudge(), "agr-both")
        before = len(program.shared.store.exemptions.live(program.shared.clock()))
        sent = ada.driver.submit_modal(form)
        for _ in range(6):
            ada.users.driver.send_payload(sent.request)
        ada.wait_for_nudge("keeps agr-both")
        done = [one for one in program.shared.store.action_results.since(START) if "agr-both" in one.offer.title]
        assert len(done) == 1
    assert len(program.shared.store.exemptions.live(program.shared.clock())) == before + 1


def test_the_audit_log_is_whole(program: Program) -> None:
    assert program.shared.store.audit.verify()
    assert "number" in str(program.shared.store.audit.verify())
