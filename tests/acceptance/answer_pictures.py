"""The pictures of what owners and administrators answer in Slack. They are taken in the order of this file."""

from playwright.sync_api import Locator, expect

from bailiff_bot.sandbox import fixtures
from tests.acceptance.pictures import resize, save_screenshot
from tests.acceptance.window import Window

_TRIAGE_MS = 150_000
"""What people say is not theirs is collected for a minute."""
ANSWER_MS = 60_000
"""An answer may need a scan."""
KEPT, NOT_MINE = "workernode", "hro-poc"
"""Hector's instances: the one that he keeps, and the one that he says is not his."""


def save_direct_message(window: Window) -> None:
    """Save the picture of a direct message to an owner."""
    resize(window, 1080, 900)
    window.become("hector")
    window.go("Bailiff")
    expect(window.message("of 5 fixed since")).to_be_visible()
    save_screenshot(window, "direct-message")


def save_keep(window: Window) -> None:
    """Save the picture of the form of *Keep*, and keep an instance."""
    resize(window, 1080, 760)
    window.go("Bailiff")
    buttons_of(window, KEPT).get_by_role("button", name="Keep", exact=True).click()
    form = window.page.get_by_role("dialog", name="Keep for a while")
    form.get_by_label("Or in your own words").fill("the demo of 10 December runs on it")
    save_screenshot(window, "keep")
    form.get_by_role("button", name="Keep it").click()
    expect(form).to_contain_text("keeps")
    window.page.keyboard.press("Escape")
    expect(window.message(f"keeps {KEPT}")).to_be_visible()


def save_not_mine(window: Window) -> None:
    """Say that an instance is not Hector's, and save the picture of the message that says both."""
    resize(window, 1080, 670)
    buttons = buttons_of(window, NOT_MINE)
    buttons.get_by_role("button", name="More actions").click()
    buttons.get_by_role("menuitem", name="Not mine").click()
    form = window.page.get_by_role("dialog", name="Not mine")
    form.get_by_label("Whose is it, if you know?").fill("ask Albert, he took over the cluster")
    form.get_by_role("button", name="It is not mine").click()
    expect(form).to_contain_text("is not theirs")
    window.page.keyboard.press("Escape")
    expect(window.message("is not theirs")).to_be_visible()
    save_screenshot(window, "answered")


def save_why(window: Window) -> None:
    """Save the picture of `/bailiff why`."""
    resize(window, 1280, 1120)
    window.go("general")
    window.send(f"/bailiff why {KEPT}")
    answer = window.message("Next, if nothing changes")
    expect(answer).to_be_visible(timeout=ANSWER_MS)
    answer.evaluate("node => node.scrollIntoView({ block: 'end' })")
    save_screenshot(window, "why")


def save_triage(window: Window) -> None:
    """Save the picture of the triage channel, as an administrator sees it."""
    resize(window, 1080, 560)
    window.become("bill")
    window.go(fixtures.TRIAGE_CHANNEL)
    expect(window.message("Assign to...")).to_be_visible(timeout=_TRIAGE_MS)
    save_screenshot(window, "triage")


def save_homes(window: Window) -> None:
    """Save the pictures of the Home tab of an owner and of an administrator."""
    resize(window, 1080, 850)
    for name, text, picture in (("hector", KEPT, "home"), ("bill", "All owners", "home-administrator")):
        window.become(name)
        window.go("Bailiff Home")
        expect(window.page.locator("#home")).to_contain_text(text, timeout=ANSWER_MS)
        save_screenshot(window, picture)


def buttons_of(window: Window, name: str) -> Locator:
    """Return the row of buttons below an instance, in the direct message."""
    rows = window.message("You get this message").locator(f"xpath=.//*[starts-with(normalize-space(.), '{name} (')]")
    return rows.last.locator("xpath=following::*[.//button][1]")
