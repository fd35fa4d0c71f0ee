"""Modals that users submit or close, and the App Home that they open."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.input_state import element_state
from bailiff_bot.sandbox.slack.interactions.lookup import active_user
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.socket_mode.events import EventSender
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer
from bailiff_bot.sandbox.slack.web.views import checked_view
from bailiff_bot.sandbox.slack.workspace import User, View, Workspace


@dataclass(frozen=True, slots=True)
class ViewInteractions:
    """Performs interactions with views."""

    workspace: Workspace
    socket_mode: SocketModeServer
    event_sender: EventSender
    call_log: CallLog

    async def submit_modal(self, name: str, view_id: str, values: Json) -> InteractionResult:
        """Submit a modal with values by action id; it closes unless the app's response says otherwise."""
        user, view = self._open_modal(name, view_id)
        payload = payloads.view_submission(self.workspace, user, view, view_state(view, values))
        description = f"{user.name} submits {view.content.get('callback_id', view.id)}"
        result = InteractionResult.from_envelope_result(
            await self.socket_mode.deliver("interactive", payload, description=description, accepts_payload=True),
            payload,
        )
        if result.acknowledged:
            self._handle_response(view, result.payload)
        return result

    async def close_modal(self, name: str, view_id: str) -> InteractionResult | None:
        """Close a modal; notify the app if the view has `notify_on_close`."""
        user, view = self._open_modal(name, view_id)
        self.workspace.views.close(view)
        if not view.content.get("notify_on_close"):
            return None
        payload = payloads.view_closed(self.workspace, user, view)
        description = f"{user.name} closes a modal"
        return InteractionResult.from_envelope_result(
            await self.socket_mode.deliver("interactive", payload, description=description, accepts_payload=False),
            payload,
        )

    async def open_home(self, name: str) -> InteractionResult:
        """Open the App Home."""
        user = active_user(self.workspace, name)
        payload = payloads.app_home_opened(self.workspace, user)
        return InteractionResult.from_envelope_result(
            await self.event_sender.send(payload, f"{user.name} opens the App Home"), {}
        )

    def _open_modal(self, name: str, view_id: str) -> tuple[User, View]:
        user = active_user(self.workspace, name)
        view = self.workspace.views.modal(user.id)
        if view is None or view.id != view_id:
            raise InteractionError(f"{name} does not have that modal open")
        return user, view

    def _handle_response(self, view: View, payload: Json) -> None:
        try:
            self._apply_response_action(view, payload)
        except ApiError as error:
            self.call_log.record_failure("bad_ack", f"view_submission: {error.response_body()}")

    def _apply_response_action(self, view: View, payload: Json) -> None:
        match payload.get("response_action"):
            case "errors":
                return
            case "clear":
                self.workspace.views.close_all(view.user)
            case "update":
                self.workspace.views.update(view, checked_view(payload.get("view"), ("modal",)))
            case "push":
                self.workspace.views.open(view.user, checked_view(payload.get("view"), ("modal",)))
            case _:
                self.workspace.views.close(view)


def view_state(view: View, values: Json) -> Json:
    """Return the state of the view's inputs, by block id and action id.

    Raises InteractionError if a required value is missing or an action id is unknown.
    """
    state: Json = {}
    known = set()
    for block in view.content["blocks"]:
        item = block.get("element") if block.get("type") == "input" else None
        if item is None:
            continue
        action_id = item.get("action_id", "")
        known.add(action_id)
        if action_id not in values and not block.get("optional") and "initial_value" not in item:
            raise InteractionError(f"{action_id!r} has to be filled in")
        value = values.get(action_id, item.get("initial_value"))
        state.setdefault(block.get("block_id", ""), {})[action_id] = element_state(item, value)
    if values.keys() - known:
        raise InteractionError(f"the modal has no {sorted(values.keys() - known)}, only {sorted(known)}")
    return state
