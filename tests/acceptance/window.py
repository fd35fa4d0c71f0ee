"""A window of the browser with somebody in front of it."""

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Route, expect

_IMPOSSIBLE = re.compile(r"status of 409")
"""What Chromium itself writes when the sandbox answers that nobody can do that."""

_ELSEWHERE = re.compile(r"^(?!http://127\.0\.0\.1:|blob:|data:)")
"""Every address outside this machine. A pattern and no function, which would hold up each request to be called here."""


class Window:
    """The page, as one person sees it; its parts by the names that a screen reader says."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def become(self, name: str) -> None:
        """Be somebody else."""
        self.page.get_by_label("You are").select_option(name)

    def go(self, place: str) -> None:
        """Go to a channel, to "Bailiff" or to "Bailiff Home"."""
        self.place(place).click()
        self.page.wait_for_function("document.querySelector('.place[aria-current]') !== null")

    def place(self, name: str) -> Locator:
        """Return a place in the left column."""
        exact = re.compile(rf"^{re.escape(name)}(\s*unread)?$")
        return self.page.get_by_role("navigation").get_by_role("button", name=exact)

    def types(self, text: str) -> None:
        """Type something and send it."""
        self.page.get_by_role("combobox", name="Message").fill(text)
        self.page.keyboard.press("Enter")

    def message(self, text: str) -> Locator:
        """Return the latest message that says this in the conversation."""
        return self.page.locator("#messages article").filter(has_text=text).last

    @property
    def replies(self) -> Locator:
        """Return the messages in the thread's panel."""
        return self.page.locator("#replies article")

    def opens_thread(self, on: Locator) -> None:
        """Open the thread under a message."""
        on.get_by_role("button", name=re.compile(r"^\d+ repl")).click()
        expect(self.page.get_by_role("complementary", name="Thread")).to_be_visible()

    def developer(self, tab: str = "Switches") -> Locator:
        """Open the developers' panel at a tab, and return the panel."""
        panel = self.page.get_by_role("complementary", name="Developer")
        if not panel.is_visible():
            self.page.get_by_role("button", name="Developer").click()
        self.page.get_by_role("tab", name=tab).click()
        return panel

    def sends_digest(self) -> Locator:
        """Send the digest from the panel, and return what the command said."""
        panel = self.developer()
        panel.get_by_role("button", name="Send the digest now").click()
        expect(panel.get_by_role("status").filter(has_text="exit code")).to_be_visible(timeout=60_000)
        return panel.get_by_role("status").filter(has_text="exit code")


class Windows:
    """Opens windows, and keeps what should not have happened in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.wrong: list[str] = []

    def open(self, url: str, person: str, place: str, **options: Any) -> Window:
        """Open a window; it asks nothing of any machine but this one."""
        chosen = {"viewport": {"width": 1280, "height": 800}, "timezone_id": "Europe/Paris", **options}
        context = self._browser.new_context(**chosen)
        self._contexts.append(context)
        context.route(_ELSEWHERE, self._refuse)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.goto(f"{url}/#/{person}/{place}")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()
        return Window(page, url)

    def close(self) -> None:
        """Close every window; fails when something went wrong in one."""
        for context in self._contexts:
            context.close()
        assert self.wrong == []

    def _refuse(self, route: Route) -> None:
        self.wrong.append(f"asked {route.request.url}")
        route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _IMPOSSIBLE.search(message.text):
            self.wrong.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()
