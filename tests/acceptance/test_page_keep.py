"""*Keep* and *Undo* of the real bot, in the browser: in a direct message, in an answer and on the Home tab."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.acceptance.window import Window, Windows
from tests.quick import COMMAND

NAMES = ("agr-message", "agr-answer", "agr-home")
SETTINGS = {"BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": ""}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    fleet = tuple(
        InstanceFixture(
            key=name, name=name, since_start=timedelta(days=90 - number), expected_table="stopped-when-unused"
        )
        for number, name in enumerate(NAMES)
    )
    with Sandbox(fleet, settings=SETTINGS, command=COMMAND) as running:
        running.start_bot()
        assert running.send_digest().returncode == 0
        yield running


@pytest.fixture
def ada(windows: Windows, sandbox: Sandbox) -> Window:
    window = windows.open(sandbox.slack.url, "ada", "C0COSTS001")
    window.go("Bailiff")
    return window


def keep(window: Window, container: Locator, number: int) -> Locator:
    """Keep an instance in two clicks, on its button and on that of the form. Returns the form, which says so."""
    container.get_by_role("button", name="Keep", exact=True).nth(number).click()
    form = window.page.get_by_role("dialog", name="Keep for a while")
    form.get_by_role("button", name="Keep it").click()
    expect(form).to_contain_text(f"Ada Granger keeps {NAMES[number]}")
    expect(form).to_contain_text("still in use")
    return form


def close(window: Window, form: Locator) -> None:
    """Close a form with the keyboard."""
    window.page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_an_instance_is_kept_in_two_clicks_and_undone_in_the_message(ada: Window) -> None:
    close(ada, keep(ada, ada.message("need attention"), 0))
    kept = ada.message("keeps agr-message")
    expect(kept).to_contain_text(re.compile(r"until \d{4}-\d\d-\d\d: still in use"))
    expect(kept.get_by_role("button", name="Keep", exact=True)).to_have_count(2)
    kept.get_by_role("button", name="Undo").click()
    expect(kept).to_contain_text("undid it, so agr-message")
    expect(kept.get_by_role("button", name="Undo")).to_have_count(0)
    expect(kept.get_by_role("button", name="Keep", exact=True)).to_have_count(3)


def test_a_day_in_the_past_is_refused_in_its_field(ada: Window) -> None:
    message = ada.message("You get this message")
    message.get_by_role("button", name="Keep", exact=True).first.click()
    form = ada.page.get_by_role("dialog", name="Keep for a while")
    form.get_by_label("Until when").fill("2020-01-01")
    form.get_by_role("button", name="Keep it").click()
    expect(form.get_by_role("alert").filter(has_text="Choose a day from tomorrow")).to_be_visible()
    close(ada, form)


def test_an_answer_says_what_was_done_in_it(ada: Window) -> None:
    ada.send("/bailiff mine")
    answer = ada.message("Only visible to you")
    close(ada, keep(ada, answer, 1))
    expect(ada.message("Only visible to you")).to_contain_text("keeps agr-answer")


def test_the_home_tab_says_what_was_done_in_it(ada: Window) -> None:
    ada.go("Bailiff Home")
    home = ada.page.locator("#home")
    keep_buttons = home.get_by_role("button", name="Keep", exact=True)
    expect(keep_buttons).to_have_count(2)
    keep_buttons.last.click()
    form = ada.page.get_by_role("dialog", name="Keep for a while")
    form.get_by_label("Or in your own words").fill("the fair in <b>May</b>")
    form.get_by_role("button", name="Keep it").click()
    expect(form).to_contain_text("keeps agr-home")
    close(ada, form)
    expect(home).to_contain_text("the fair in <b>May</b>")
    expect(keep_buttons).to_have_count(1)
