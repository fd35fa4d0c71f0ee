"""The open modals and the App Home of each user."""

from collections import defaultdict
from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Installation, Json
from bailiff_bot.sandbox.slack.workspace.block_ids import BlockIds

MAX_STACK = 3
"""How many views one modal can hold."""


@dataclass(frozen=True, slots=True)
class View:
    """A view of an open modal, or the App Home of a user."""

    id: str
    user: str
    content: Json
    """The view as the app sent it, with the ids that Slack adds: type, title, blocks, callback_id ..."""
    root: str
    """The id of the modal's first view."""
    previous: str | None = None
    """The id of the view beneath, in the same modal."""
    version: int = 1

    @property
    def hash(self) -> str:
        """The hash of this version of the view."""
        return f"{self.version}.{self.id}"

    @property
    def external_id(self) -> str:
        """The app's own id of the view, or an empty string."""
        return str(self.content.get("external_id", ""))

    def as_json(self, installation: Installation, values: Json | None = None) -> Json:
        """Return the view as responses and payloads contain it, with the values of its inputs."""
        return {
            "id": self.id,
            "team_id": installation.team_id,
            "app_id": installation.app_id,
            "app_installed_team_id": installation.team_id,
            "bot_id": installation.bot_id,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
        } | {**self.content, "state": {"values": values or {}}}


class Views:
    """The open views of all users."""

    def __init__(self) -> None:
        self._homes: dict[str, View] = {}
        self._modals: defaultdict[str, list[View]] = defaultdict(list)
        self._block_ids = BlockIds()
        self._count = 0

    def open(self, user: str, content: Json) -> View:
        """Open a modal on top of the user's other modals, and return its view."""
        return self._put_on_top(self._new(user, content))

    def push(self, view: View, content: Json) -> View:
        """Put a view on top of a view in the same modal, and return it."""
        return self._put_on_top(replace(self._new(view.user, content), root=view.root, previous=view.id))

    def publish(self, user: str, content: Json) -> View:
        """Set the user's App Home and return it."""
        before = self._homes.get(user)
        self._homes[user] = self._changed(before, content) if before else self._new(user, content)
        return self._homes[user]

    def update(self, view: View, content: Json) -> View:
        """Replace the content of an open modal or an App Home, and return the changed view."""
        changed = self._changed(view, content)
        if self._homes.get(view.user) == view:
            self._homes[view.user] = changed
        else:
            self._modals[view.user] = [changed if v.id == view.id else v for v in self._modals[view.user]]
        return changed

    def close(self, view: View) -> None:
        """Close one view of a modal; the view beneath is shown again."""
        self._modals[view.user] = [v for v in self._modals[view.user] if v.id != view.id]

    def clear(self, view: View) -> None:
        """Close every view of a modal."""
        self._modals[view.user] = [v for v in self._modals[view.user] if v.root != view.root]

    def home(self, user: str) -> View | None:
        """Return the user's App Home; None before it is published."""
        return self._homes.get(user)

    def modal(self, user: str) -> View | None:
        """Return the view on top of the user's modals, or None."""
        return self._modals[user][-1] if self._modals[user] else None

    def stack(self, view: View) -> list[View]:
        """Return the open views of a modal, the first one first."""
        return [v for v in self._modals[view.user] if v.root == view.root]

    def get(self, view_id: str) -> View | None:
        """Return the open view of this id, or None."""
        return next((v for v in self._all() if v.id == view_id), None)

    def find_by_external_id(self, external_id: str) -> View | None:
        """Return the view with this external id, or None."""
        return next((v for v in self._all() if external_id and v.external_id == external_id), None)

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._modals.values() for view in stack)]

    def _put_on_top(self, view: View) -> View:
        self._modals[view.user].append(view)
        return view

    def _new(self, user: str, content: Json) -> View:
        self._count += 1
        view_id = f"V0VIEW{self._count:05}"
        return View(view_id, user, self._with_ids(content), root=view_id)

    def _changed(self, view: View, content: Json) -> View:
        return replace(view, content=self._with_ids(content), version=view.version + 1)

    def _with_ids(self, content: Json) -> Json:
        return content | {"blocks": list(self._block_ids.added_to(content["blocks"]))}
