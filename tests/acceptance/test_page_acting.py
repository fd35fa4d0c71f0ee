"""*Stop*, *Rename* and *Delete* of the real bot, in the browser, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.sandbox import OWNERS_SETTLED, WITH_ACTING, Sandbox
from tests.acceptance.window import Window, Windows
from tests.integration.bot.databases import BACKENDS, new_database
from tests.quick import TICKING_COMMAND

SETTINGS = {**WITH_ACTING, **OWNERS_SETTLED, "BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": ""}
FLEET = (
    InstanceFixture(
        key="agr-stop",
        name="agr-stop",
        since_start=timedelta(days=60),
        has_public_address=True,
        expected_table="stopped-when-unused",
    ),
    InstanceFixture(
        key="worker",
        name="workernode",
        since_start=timedelta(days=10),
        tags=(("Owner", "agr@octo.example"),),
        expected_table="owned",
    ),
    InstanceFixture(
        key="agr-old",
        name="agr-old",
        since_start=timedelta(days=90),
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=timedelta(days=40),
        expected_table="deleted-when-abandoned",
    ),
)


@pytest.fixture(scope="module", params=BACKENDS)
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    database = new_database(str(request.param), request, tmp_path_factory.mktemp("acting"))
    with Sandbox(FLEET, settings={**SETTINGS, "BAILIFF_DATABASE_URL": database}, command=TICKING_COMMAND) as running:
        running.settle_owners(timedelta(hours=1))
        running.start_bot()
        assert running.send_digest().returncode == 0
        yield running


@pytest.fixture
def ada(windows: Windows, sandbox: Sandbox) -> Window:
    window = windows.open(sandbox.slack.url, "ada", "C0COSTS001")
    window.go("Bailiff")
    return window


def state(sandbox: Sandbox, key: str) -> str:
    instance = next(one for one in FLEET if one.key == key)
    return next(one.state for one in sandbox.aws.instances() if one.id == instance.id)


def nudge(window: Window) -> Locator:
    return window.message("You get this message because")


def close(window: Window, form: Locator) -> None:
    """Close a form with the keyboard."""
    window.page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_an_instance_is_stopped_in_two_clicks_and_started_again_with_undo(sandbox: Sandbox, ada: Window) -> None:
    nudge(ada).get_by_role("button", name="Stop", exact=True).click()
    form = ada.page.get_by_role("dialog", name="Stop")
    expect(form).to_contain_text("agr-stop")
    expect(form).to_contain_text("Its public address is lost")
    assert state(sandbox, "agr-stop") == "running"
    form.get_by_role("button", name="Stop it").click()
    expect(form).to_contain_text("Ada Granger is stopping agr-stop")
    close(ada, form)
    expect(nudge(ada)).to_contain_text("Ada Granger stopped agr-stop")
    assert state(sandbox, "agr-stop") == "stopped"
    nudge(ada).get_by_role("button", name="Undo").click()
    expect(nudge(ada)).to_contain_text("Ada Granger started agr-stop")
    assert state(sandbox, "agr-stop") == "running"
    expect(nudge(ada).get_by_role("button", name="Undo")).to_have_count(0)


def test_a_name_is_checked_in_its_field_and_the_instance_is_renamed(sandbox: Sandbox, ada: Window) -> None:
    nudge(ada).get_by_role("button", name="Rename", exact=True).click()
    form = ada.page.get_by_role("dialog", name="Rename")
    field = form.get_by_label("New name")
    expect(field).to_have_value("agr-workernode")
    field.fill("workernode")
    form.get_by_role("button", name="Rename it").click()
    expect(form.get_by_role("alert").filter(has_text="Start with an identifier")).to_be_visible()
    field.fill("agr-worker")
    form.get_by_role("button", name="Rename it").click()
    expect(form).to_contain_text("Ada Granger renamed workernode")
    close(ada, form)
    expect(nudge(ada)).to_contain_text("to agr-worker")
    assert "agr-worker" in [one.name for one in sandbox.aws.instances()]


def test_a_deletion_is_asked_for_by_name_and_cancelled_before_it_is_done(sandbox: Sandbox, ada: Window) -> None:
    nudge(ada).get_by_role("button", name="Delete", exact=True).click()
    form = ada.page.get_by_role("dialog", name="Delete")
    expect(form).to_contain_text("8 GiB): is deleted")
    form.get_by_label("Type agr-old or i-").fill("agr-new")
    form.get_by_role("button", name="Request deletion").click()
    expect(form.get_by_role("alert").filter(has_text="Type the name or the id")).to_be_visible()
    form.get_by_label("Type agr-old or i-").fill("agr-old")
    form.get_by_role("button", name="Request deletion").click()
    expect(form).to_contain_text("Ada Granger asked to delete agr-old")
    close(ada, form)
    expect(nudge(ada).get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    nudge(ada).get_by_role("button", name="Cancel the deletion").click()
    expect(nudge(ada)).to_contain_text("that was cancelled")
    expect(nudge(ada).get_by_role("button", name="Delete", exact=True)).to_have_count(1)
    assert state(sandbox, "agr-old") == "stopped"
    assert "ec2:TerminateInstances" not in {call.iam_action for call in sandbox.aws.calls}
