"""The open modals and the App Home of each user."""

from collections import defaultdict
from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Installation, Json


@dataclass(frozen=True, slots=True)
class View:
    """An open modal or the App Home of a user."""

    id: str
    user: str
    content: Json
    """The view as the app sent it: type, title, blocks, callback_id, private_metadata ..."""
    version: int = 1

    @property
    def hash(self) -> str:
        """The hash of this version of the view."""
        return f"{self.version}.{self.id}"

    @property
    def external_id(self) -> str:
        """The app's own id of the view, or an empty string."""
        return str(self.content.get("external_id", ""))

    def as_json(self, installation: Installation) -> Json:
        """Return the view as responses and payloads contain it."""
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
    """The open views of all users."""

    def __init__(self) -> None:
        self._homes: dict[str, View] = {}
        self._modals: defaultdict[str, list[View]] = defaultdict(list)
        self._count = 0

    def open(self, user: str, content: Json) -> View:
        """Open a modal on top of the user's modals, and return it."""
        view = self._new(user, content)
        self._modals[user].append(view)
        return view

    def publish(self, user: str, content: Json) -> View:
        """Set the user's App Home and return it."""
        before = self._homes.get(user)
        view = replace(before, content=content, version=before.version + 1) if before else self._new(user, content)
        self._homes[user] = view
        return view

    def update(self, view: View, content: Json) -> View:
        """Replace the content of an open modal or an App Home, and return the changed view."""
        changed = replace(view, content=content, version=view.version + 1)
        if self._homes.get(view.user) == view:
            self._homes[view.user] = changed
        else:
            self._modals[view.user] = [changed if v.id == view.id else v for v in self._modals[view.user]]
        return changed

    def close(self, view: View) -> None:
        """Close a modal."""
        self._modals[view.user] = [v for v in self._modals[view.user] if v.id != view.id]

    def close_all(self, user: str) -> None:
        """Close all modals of a user."""
        self._modals[user] = []

    def home(self, user: str) -> View | None:
        """Return the user's App Home; None before it is published."""
        return self._homes.get(user)

    def modal(self, user: str) -> View | None:
        """Return the user's top modal, or None."""
        return self._modals[user][-1] if self._modals[user] else None

    def get(self, view_id: str) -> View | None:
        """Return the view of this id, or None."""
        return next((v for v in self._all() if v.id == view_id), None)

    def find_by_external_id(self, external_id: str) -> View | None:
        """Return the view with this external id, or None."""
        return next((v for v in self._all() if external_id and v.external_id == external_id), None)

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._modals.values() for view in stack)]

    def _new(self, user: str, content: Json) -> View:
        self._count += 1
        return View(f"V0VIEW{self._count:05}", user, content)
