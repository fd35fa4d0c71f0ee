"""The pictures of what owners do in AWS. They are taken in the order of this file, on the page as Hector sees it."""

from playwright.sync_api import Locator, expect

from tests.acceptance.answer_pictures import ANSWER_MS, buttons_of
from tests.acceptance.pictures import resize, save_screenshot
from tests.acceptance.window import Window

STOPPED, DELETED, RENAMED = "hro-master-1", "hro-retired", "workernode"
"""Hector's instances: what he stops, asks to delete and renames."""
_DONE_MS = 60_000
"""A tick of the bot finds out what came of a stop."""


def save_stop(window: Window) -> None:
    """Save the picture of the form of *Stop*, which warns, and stop an instance."""
    form = _open_form(window, "Stop", STOPPED)
    expect(form).to_contain_text("Before you do it")
    save_screenshot(window, "stop")
    _send(window, form, "Stop it", f"is stopping {STOPPED}")
    expect(window.message(f"stopped {STOPPED}")).to_be_visible(timeout=_DONE_MS)


def save_rename(window: Window) -> None:
    """Save the picture of the form of *Rename*, and leave it."""
    form = _open_form(window, "Rename", RENAMED)
    expect(form.get_by_label("New name")).not_to_be_empty()
    save_screenshot(window, "rename")
    window.page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def save_delete(window: Window) -> None:
    """Save the picture of the form of *Delete*, ask for a deletion, and save the message that says both."""
    form = _open_form(window, "Delete", DELETED)
    form.get_by_label(f"Type {DELETED}").fill(DELETED)
    save_screenshot(window, "delete")
    _send(window, form, "Request deletion", f"asked to delete {DELETED}")
    message = window.message(f"asked to delete {DELETED}")
    expect(message.get_by_role("button", name="Undo")).to_be_visible()
    resize(window, 1080, 760)
    message.evaluate("node => node.scrollIntoView({ block: 'start' })")
    save_screenshot(window, "acted")


def save_brake(window: Window) -> None:
    """Save the picture of `/bailiff brake`, as an administrator sees it."""
    resize(window, 1080, 420)
    window.become("bill")
    window.go("general")
    window.send("/bailiff brake")
    answer = window.message("Administrators switch it")
    expect(answer).to_be_visible(timeout=ANSWER_MS)
    save_screenshot(window, "brake")
    window.become("hector")


def _open_form(window: Window, button: str, name: str) -> Locator:
    resize(window, 1080, 760)
    window.go("Bailiff")
    buttons_of(window, name).get_by_role("button", name=button, exact=True).click()
    form = window.page.get_by_role("dialog", name=button)
    expect(form).to_contain_text(name)
    return form


def _send(window: Window, form: Locator, button: str, said: str) -> None:
    """Send a form, and close it once it says what came of it."""
    form.get_by_role("button", name=button).click()
    expect(form).to_contain_text(said)
    window.page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(window.message(said.removeprefix("is "))).to_be_visible(timeout=_DONE_MS)
