"""A user who clicks buttons and fills in forms."""

from itertools import pairwise

from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers

DM = "bailiff"
"""The conversation with the bot."""


class Person:
    """A user, who clicks and fills in forms."""

    def __init__(self, users: SandboxUsers, name: str) -> None:
        self.users = users
        self.driver = users.driver.user(name)

    def nudge(self) -> RenderedMessage:
        """Return the direct message of the latest digest, as it is now."""
        return [one for one in self.driver.visible_messages(DM) if "/nudge/" in str(one.metadata)][-1]

    def modal(self, *texts: str) -> RenderedView:
        """Return the open modal, once it says all of these texts."""

        def found() -> RenderedView | None:
            modal = self.driver.modal()
            return modal if modal and all(text in modal.visible_text for text in texts) else None

        modal = self.users.driver.wait_for(found, ANSWER_TIMEOUT)
        assert modal
        return modal

    def form(self, container: RenderedMessage | RenderedView, near: str) -> RenderedView:
        """Click *Keep* and return the form."""
        assert self.driver.click(container, "Keep", near=near).acknowledged
        return self.modal("Until when")

    def keep(self, container: RenderedMessage | RenderedView, near: str, **values: str) -> RenderedView:
        """Keep an instance, and return the modal that says so."""
        form = self.form(container, near)
        assert self.driver.submit_modal(form, values).acknowledged
        return self.modal("keeps")

    def wait_for_nudge(self, text: str) -> RenderedMessage:
        """Return the direct message once it says a text."""

        def found() -> RenderedMessage | None:
            message = self.nudge()
            return message if text in message.visible_text else None

        message = self.users.driver.wait_for(found, ANSWER_TIMEOUT)
        assert message
        return message

    def wait_until_unlisted(self, near: str) -> None:
        """Wait until the direct message offers nothing for an instance."""
        self.users.driver.wait_for(lambda: not _offers(self.nudge(), near), ANSWER_TIMEOUT)


def _offers(message: RenderedMessage, near: str) -> bool:
    """Return True if a section that names an instance has buttons with *Keep* under it."""
    return any(near in str(block) and "bailiff_keep" in str(buttons) for block, buttons in pairwise(message.blocks))
