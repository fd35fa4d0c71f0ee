"""A user of a scenario's Slack, who answers the direct message of the digest."""

from bailiff_bot.domain.notice import NOTICE
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
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
        """Return the latest direct message of a digest, as it is now."""
        return self.nudges()[-1]

    def nudges(self) -> list[RenderedMessage]:
        """Return the direct messages of digests."""
        return [one for one in self.messages() if "/nudge/" in str(one.metadata)]

    def notices(self) -> list[RenderedMessage]:
        """Return the direct messages about what others did."""
        return [one for one in self.messages() if f"/{NOTICE} " in str(one.metadata)]

    def messages(self) -> list[RenderedMessage]:
        """Return every direct message that is not private."""
        return [one for one in self.driver.visible_messages() if not one.is_ephemeral]

    def answers(self) -> list[RenderedMessage]:
        """Return every private message."""
        return [one for one in self.driver.visible_messages() if one.is_ephemeral]

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
