"""A user of a scenario's Slack, who answers the direct message of the digest."""

from collections.abc import Iterator

from bailiff_bot.sandbox.slack import InteractionResult, RenderedMessage, RenderedView
from tests.torture.processes import wait_until
from tests.torture.scenario import WAIT_LIMIT, Scenario

UNANSWERED = ("Checking ...", "Checking again and saving ...")
"""What a modal says until the bot knows the answer."""


class Person:
    """An owner, by their name in Slack."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        self.scenario = scenario
        self.name = name
        self.driver = scenario.driver.user(name)

    def nudge(self) -> RenderedMessage:
        """Return the latest direct message that is not private, as it is now."""
        return [one for one in self.driver.visible_messages() if not one.is_ephemeral][-1]

    def nudges(self) -> Iterator[RenderedMessage]:
        """Return every direct message that is not private."""
        return (one for one in self.driver.visible_messages() if not one.is_ephemeral)

    def click(self, button: str) -> InteractionResult:
        """Close what is open, and click a button of the direct message. Raises InteractionError if it has none."""
        self.dismiss()
        return self.driver.click(self.nudge(), button)

    def dismiss(self) -> None:
        """Close the open modal."""
        if modal := self.driver.modal():
            self.driver.dismiss_modal(modal)

    def answer(self) -> RenderedView | None:
        """Return the open modal, unless it still says that the bot is at work."""
        modal = self.driver.modal()
        return modal if modal and not any(text in modal.visible_text for text in UNANSWERED) else None

    def wait_for_answer(self) -> RenderedView:
        """Return the modal once it says something. Raises TimedOut."""
        return wait_until(self.answer, WAIT_LIMIT, f"an answer to {self.name}")

    def wait_for_nudge(self, text: str) -> None:
        """Wait until the direct message says a text. Raises TimedOut."""
        wait_until(lambda: text in self.nudge().visible_text, WAIT_LIMIT, f"{text!r} in the message of {self.name}")
