"""The forms that clicks open: whose each is, and what was typed wrongly in it."""

from dataclasses import dataclass
from typing import Protocol

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.usecases.decisions import Decisions


class ClickStore(Protocol):
    """Stores clicks. Raises StoreError."""

    def save(self, click: Click) -> None:
        """Save a click."""
        ...

    def get(self, click_id: str) -> Click | None:
        """Return the click with this id; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Forms:
    """Remembers the click that opened each form. A form holds its id."""

    clicks: ClickStore
    decisions: Decisions

    def save(self, click: Click) -> None:
        """Save a click. Raises StoreError."""
        self.clicks.save(click)

    def clicked(self, click_id: str, user_id: str) -> Click | None:
        """Return the click that opened a user's form; None if it is unknown, or somebody else's. Raises StoreError."""
        click = self.clicks.get(click_id)
        return click if click and click.user_id == user_id else None

    def record_wrong_input(self, asker: Asker, action: Action, click_id: str) -> None:
        """Record that a field of a form was answered with an error. Raises StoreError."""
        click = self.clicked(click_id, asker.user_id)
        self.decisions.record_wrong_input(asker, action, self.decisions.offers.get(click.offer) if click else None)
