"""Modals that users fill in, submit and close, and the App Home that they open."""

from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.clicks import ClickInteractions
from bailiff_bot.sandbox.slack.interactions.elements import find_input
from bailiff_bot.sandbox.slack.interactions.input_checks import check_input
from bailiff_bot.sandbox.slack.interactions.input_state import element_state, elements, surface_state
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, open_modal, open_view
from bailiff_bot.sandbox.slack.interactions.result import INVALID_RESPONSE, InteractionResult
from bailiff_bot.sandbox.slack.interactions.user_menus import chosen
from bailiff_bot.sandbox.slack.interactions.view_responses import apply_view_response
from bailiff_bot.sandbox.slack.socket_mode.events import EventSender
from bailiff_bot.sandbox.slack.workspace import User, View, Workspace


@dataclass(frozen=True, slots=True)
class ViewInteractions:
    """Performs interactions with views."""

    workspace: Workspace
    clicks: ClickInteractions
    event_sender: EventSender
    call_log: CallLog

    def fill_in(self, name: str, view_id: str, values: Json) -> None:
        """Fill in inputs of an open view, by action id, label or `block_id/action_id`. The app receives nothing."""
        user = active_user(self.workspace, name)
        self._fill(open_view(self.workspace, user, view_id), values)

    async def submit_modal(self, name: str, view_id: str, values: Json, forged: Json) -> InteractionResult:
        """Fill in a modal and submit it; it closes unless the app's response says otherwise.

        The states in `forged`, by block id and action id, replace those of the payload and are not checked.
        """
        user = active_user(self.workspace, name)
        view = open_modal(self.workspace, user, view_id)
        self._fill(view, values)
        self._check_inputs(view, forged)
        payload = payloads.view_submission(self.workspace, user, view)
        for block_id, states in forged.items():
            payload["view"]["state"]["values"].setdefault(block_id, {}).update(states)
        result = await self.clicks.send(payload, f"{user.name} submits {view.content.get('callback_id', view.id)}")
        return self._with_response(view, result) if result.acknowledged else result

    async def close_modal(self, name: str, view_id: str) -> InteractionResult | None:
        """Close the view on top with its close button; notify the app if the view has `notify_on_close`."""
        user = active_user(self.workspace, name)
        view = open_modal(self.workspace, user, view_id)
        if view.content.get("clear_on_close"):
            return await self._clear(user, view)
        self.workspace.views.close(view)
        return await self._notify(user, view, is_cleared=False)

    async def dismiss_modal(self, name: str, view_id: str) -> InteractionResult | None:
        """Close all views of a modal with its cross; notify the app if the first view has `notify_on_close`."""
        user = active_user(self.workspace, name)
        return await self._clear(user, open_modal(self.workspace, user, view_id))

    async def open_home(self, name: str) -> InteractionResult:
        """Open the App Home."""
        user = active_user(self.workspace, name)
        payload = payloads.app_home_opened(self.workspace, user)
        return InteractionResult.from_envelope_result(
            await self.event_sender.send(payload, f"{user.name} opens the App Home"), payload
        )

    def _fill(self, view: View, values: Json) -> None:
        for name, value in values.items():
            found = find_input(view.content["blocks"], name)
            key = found.block["block_id"], found.item["action_id"]
            state = element_state(found.item, chosen(self.workspace, found.item, value))
            self.workspace.inputs.fill(view.id, view.user, {key: state})

    def _check_inputs(self, view: View, forged: Json) -> None:
        blocks = view.content["blocks"]
        values = surface_state(blocks, self.workspace.inputs.filled(view.id, view.user))
        for block, item in elements(blocks):
            if block["type"] == "input" and item["action_id"] not in forged.get(block["block_id"], {}):
                check_input(block, item, values[block["block_id"]][item["action_id"]])

    async def _clear(self, user: User, view: View) -> InteractionResult | None:
        root = self.workspace.views.stack(view)[0]
        self.workspace.views.clear(view)
        return await self._notify(user, root, is_cleared=True)

    async def _notify(self, user: User, view: View, *, is_cleared: bool) -> InteractionResult | None:
        if not view.content.get("notify_on_close"):
            return None
        payload = payloads.view_closed(self.workspace, user, view, is_cleared=is_cleared)
        return await self.clicks.send(payload, f"{user.name} closes a modal")

    def _with_response(self, view: View, result: InteractionResult) -> InteractionResult:
        try:
            apply_view_response(self.workspace.views, view, result.payload)
        except ApiError as error:
            self.call_log.record_failure("bad_ack", f"view_submission: {error.response_body()}")
            return replace(result, error=INVALID_RESPONSE)
        return result
