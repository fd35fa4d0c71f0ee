"""Modals and App Homes: what each user has open."""

from collections import defaultdict
from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Installation, Json


@dataclass(frozen=True, slots=True)
class View:
    """A modal on a user's screen, or the user's App Home."""

    id: str
    user: str
    content: Json
    """What the app sent: type, title, blocks, callback_id, private_metadata ..."""
    version: int = 1

    @property
    def hash(self) -> str:
        """Changes with every update."""
        return f"{self.version}.{self.id}"

    @property
    def external_id(self) -> str:
        """The app's own key for the view, or nothing."""
        return str(self.content.get("external_id", ""))

    def as_json(self, installation: Installation) -> Json:
        """Return the view as answers and payloads show it."""
        return {
            "id": self.id,
            "team_id": installation.team_id,
            "app_id": installation.app_id,
            "bot_id": installation.bot_id,
            "state": {"values": {}},
            "hash": self.hash,
            "root_view_id": self.id,
            "previous_view_id": None,
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
        } | self.content


class Views:
    """What is open on whose screen."""

    def __init__(self) -> None:
        self._homes: dict[str, View] = {}
        self._modals: defaultdict[str, list[View]] = defaultdict(list)
        self._count = 0

    def open(self, user: str, content: Json) -> View:
        """Put a modal on top of what the user has open."""
        view = self._new(user, content)
        self._modals[user].append(view)
        return view

    def publish(self, user: str, content: Json) -> View:
        """Set the user's App Home."""
        before = self._homes.get(user)
        view = replace(before, content=content, version=before.version + 1) if before else self._new(user, content)
        self._homes[user] = view
        return view

    def update(self, view: View, content: Json) -> View:
        """Change an open modal, or a home."""
        changed = replace(view, content=content, version=view.version + 1)
        if self._homes.get(view.user) == view:
            self._homes[view.user] = changed
        else:
            self._modals[view.user] = [changed if v.id == view.id else v for v in self._modals[view.user]]
        return changed

    def close(self, view: View) -> None:
        """Take a modal away."""
        self._modals[view.user] = [v for v in self._modals[view.user] if v.id != view.id]

    def close_all(self, user: str) -> None:
        """Take all of a user's modals away."""
        self._modals[user] = []

    def home(self, user: str) -> View | None:
        """Return the user's App Home, once published."""
        return self._homes.get(user)

    def modal(self, user: str) -> View | None:
        """Return the modal on top of the user's screen."""
        return self._modals[user][-1] if self._modals[user] else None

    def get(self, view_id: str) -> View | None:
        """Return the view of this id."""
        return next((v for v in self._all() if v.id == view_id), None)

    def find_by_external_id(self, external_id: str) -> View | None:
        """Return the view that the app knows by this key."""
        return next((v for v in self._all() if external_id and v.external_id == external_id), None)

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._modals.values() for view in stack)]

    def _new(self, user: str, content: Json) -> View:
        self._count += 1
        return View(f"V0VIEW{self._count:05}", user, content)
