"""A person fills a modal in and sends it, closes it, or opens the App Home."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import Journal
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.input_state import entered
from bailiff_bot.sandbox.slack.interactions.lookup import person
from bailiff_bot.sandbox.slack.interactions.result import Impossible, Outcome
from bailiff_bot.sandbox.slack.socket_mode.events import Events
from bailiff_bot.sandbox.slack.socket_mode.server import Sockets
from bailiff_bot.sandbox.slack.web.views import checked_view
from bailiff_bot.sandbox.slack.workspace import User, View, Workspace


@dataclass(frozen=True, slots=True)
class Screen:
    """What people have open."""

    workspace: Workspace
    sockets: Sockets
    events: Events
    journal: Journal

    async def submits(self, name: str, view_id: str, values: Json) -> Outcome:
        """Send a modal with values by action id; it closes unless the app says otherwise."""
        user, view = self._modal(name, view_id)
        payload = payloads.submission(self.workspace, user, view, filled_in(view, values))
        what = f"{user.name} submits {view.content.get('callback_id', view.id)}"
        outcome = Outcome.of(
            await self.sockets.deliver("interactive", payload, what=what, takes_payload=True),
            payload,
        )
        if outcome.acknowledged:
            self._follow(view, outcome.payload)
        return outcome

    async def closes(self, name: str, view_id: str) -> Outcome | None:
        """Close a modal; the app is told if it asked for that."""
        user, view = self._modal(name, view_id)
        self.workspace.views.close(view)
        if not view.content.get("notify_on_close"):
            return None
        payload = payloads.closing(self.workspace, user, view)
        what = f"{user.name} closes a modal"
        return Outcome.of(
            await self.sockets.deliver("interactive", payload, what=what, takes_payload=False),
            payload,
        )

    async def opens_home(self, name: str) -> Outcome:
        """Open the app's Home."""
        user = person(self.workspace, name)
        payload = payloads.home_opened(self.workspace, user)
        return Outcome.of(await self.events.send(payload, f"{user.name} opens the App Home"), {})

    def _modal(self, name: str, view_id: str) -> tuple[User, View]:
        user = person(self.workspace, name)
        view = self.workspace.views.modal(user.id)
        if view is None or view.id != view_id:
            raise Impossible(f"{name} does not have that modal open")
        return user, view

    def _follow(self, view: View, payload: Json) -> None:
        try:
            self._obey(view, payload)
        except Refused as refused:
            self.journal.failed("bad_ack", f"view_submission: {refused.answer()}")

    def _obey(self, view: View, payload: Json) -> None:
        match payload.get("response_action"):
            case "errors":
                return
            case "clear":
                self.workspace.views.clear(view.user)
            case "update":
                self.workspace.views.update(view, checked_view(payload.get("view"), ("modal",)))
            case "push":
                self.workspace.views.open(view.user, checked_view(payload.get("view"), ("modal",)))
            case _:
                self.workspace.views.close(view)


def filled_in(view: View, values: Json) -> Json:
    """Return the state of the view's inputs with these values, by block id and action id."""
    state: Json = {}
    known = set()
    for block in view.content["blocks"]:
        item = block.get("element") if block.get("type") == "input" else None
        if item is None:
            continue
        action_id = item.get("action_id", "")
        known.add(action_id)
        if action_id not in values and not block.get("optional") and "initial_value" not in item:
            raise Impossible(f"{action_id!r} has to be filled in")
        given = values.get(action_id, item.get("initial_value"))
        state.setdefault(block.get("block_id", ""), {})[action_id] = entered(item, given)
    if values.keys() - known:
        raise Impossible(f"the modal has no {sorted(values.keys() - known)}, only {sorted(known)}")
    return state
