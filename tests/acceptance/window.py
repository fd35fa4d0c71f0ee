"""A browser window, used as one user of the workspace."""

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Route, expect

_CONFLICT_STATUS = re.compile(r"status of 409")
"""What Chromium logs when the sandbox answers that an interaction is impossible."""

_OTHER_HOST = re.compile(r"^(?!http://127\.0\.0\.1:|blob:|data:)")
"""Every address outside this machine. A pattern, because a function would be called for each request and delay it."""


class Window:
    """The page, as one user sees it. Elements are found by their accessible names."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def become(self, name: str) -> None:
        """Switch to another user."""
        self.page.get_by_label("You are").select_option(name)

    def go(self, place: str) -> None:
        """Go to a channel, to "Bailiff" or to "Bailiff Home"."""
        self.place(place).click()
        self.page.wait_for_function("document.querySelector('.place[aria-current]') !== null")

    def place(self, name: str) -> Locator:
        """Return a channel or conversation in the left column."""
        exact = re.compile(rf"^{re.escape(name)}(\s*unread)?$")
        return self.page.get_by_role("navigation").get_by_role("button", name=exact)

    def send(self, text: str) -> None:
        """Type a message or command, and send it."""
        self.page.get_by_role("combobox", name="Message").fill(text)
        self.page.keyboard.press("Enter")

    def message(self, text: str) -> Locator:
        """Return the latest message in the conversation that contains this text."""
        return self.page.locator("#messages article").filter(has_text=text).last

    @property
    def replies(self) -> Locator:
        """Return the messages in the thread panel."""
        return self.page.locator("#replies article")

    def open_thread(self, message: Locator) -> None:
        """Open the thread of a message."""
        message.get_by_role("button", name=re.compile(r"^\d+ repl")).click()
        expect(self.page.get_by_role("complementary", name="Thread")).to_be_visible()

    def developer(self, tab: str = "Switches") -> Locator:
        """Open a tab of the developer panel. Returns the panel."""
        panel = self.page.get_by_role("complementary", name="Developer")
        if not panel.is_visible():
            self.page.get_by_role("button", name="Developer").click()
        self.page.get_by_role("tab", name=tab).click()
        return panel

    def send_digest(self) -> Locator:
        """Send the digest from the developer panel. Returns the output of the command."""
        panel = self.developer()
        panel.get_by_role("button", name="Send the digest now").click()
        expect(panel.get_by_role("status").filter(has_text="exit code")).to_be_visible(timeout=60_000)
        return panel.get_by_role("status").filter(has_text="exit code")


class Windows:
    """Opens windows, and records problems in them: console errors, dialogs, requests to other hosts."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def open(self, url: str, user: str, place: str, **options: Any) -> Window:
        """Open a window. Its requests to other hosts are refused."""
        context_options = {"viewport": {"width": 1280, "height": 800}, "timezone_id": "Europe/Paris", **options}
        context = self._browser.new_context(**context_options)
        self._contexts.append(context)
        context.route(_OTHER_HOST, self._refuse_request)
        page = context.new_page()
        page.on("console", self._record_console)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", self._record_dialog)
        page.goto(f"{url}/#/{user}/{place}")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()
        return Window(page, url)

    def close(self) -> None:
        """Close every window. Fails if one had a problem."""
        for context in self._contexts:
            context.close()
        assert self.problems == []

    def _refuse_request(self, route: Route) -> None:
        self.problems.append(f"asked {route.request.url}")
        route.abort()

    def _record_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _CONFLICT_STATUS.search(message.text):
            self.problems.append(f"console: {message.text}")

    def _record_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()
