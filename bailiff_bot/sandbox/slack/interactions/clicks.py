"""Clicks of users: on a message, in a modal, in the App Home."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.input_state import element_state
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, find_element, visible_messages
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer
from bailiff_bot.sandbox.slack.workspace import Message, User, View, Workspace

_ECHOED_FIELDS = ("type", "action_id", "text", "value", "style", "url")
"""The fields of the clicked element that the payload contains."""


@dataclass(frozen=True, slots=True)
class Click:
    """A click on an element."""

    element: str
    """An action id, or the label of the button."""
    option: str | list[str] = ""
    """For a menu: the value or label of the chosen option; for a picker: its new value."""
    block_id: str = ""
    """The block, if several blocks have the same action id."""


@dataclass(frozen=True, slots=True)
class ClickInteractions:
    """Performs clicks."""

    workspace: Workspace
    socket_mode: SocketModeServer

    async def click_in_message(self, origin: str, name: str, channel: str, ts: str, click: Click) -> InteractionResult:
        """Click a button of a message, or choose an option of its menu."""
        user = active_user(self.workspace, name)
        message = self._message(user, channel, ts)
        payload = payloads.message_click(self.workspace, origin, user, message, _action(list(message.blocks), click))
        return await self._send(payload, f"{user.name} clicks {click.element!r}")

    async def click_in_view(self, name: str, view_id: str, click: Click) -> InteractionResult:
        """Click in a modal or the App Home that the user has open."""
        user = active_user(self.workspace, name)
        view = self._view(user, view_id)
        payload = payloads.view_click(self.workspace, user, view, _action(view.content["blocks"], click), {})
        return await self._send(payload, f"{user.name} clicks {click.element!r} in a view")

    async def _send(self, payload: Json, description: str) -> InteractionResult:
        return InteractionResult.from_envelope_result(
            await self.socket_mode.deliver("interactive", payload, description=description, accepts_payload=False),
            payload,
        )

    def _message(self, user: User, channel_id: str, ts: str) -> Message:
        channel = self.workspace.channels.get(channel_id)
        message = self.workspace.messages.get(channel_id, ts)
        is_visible = (
            message is not None
            and channel is not None
            and message in visible_messages(self.workspace, user, channel, ts)
        )
        if message is None or not is_visible:
            raise InteractionError(f"{user.name} sees no such message")
        return message

    def _view(self, user: User, view_id: str) -> View:
        view = self.workspace.views.get(view_id)
        if view is None or view.user != user.id:
            raise InteractionError(f"{user.name} has no such view open")
        return view


def _action(blocks: list[Json], click: Click) -> Json:
    block, item = find_element(blocks, click.element, click.block_id)
    action = {key: item[key] for key in _ECHOED_FIELDS if key in item} | {"block_id": block.get("block_id", "")}
    if not click.option:
        return action
    state = element_state(item, click.option)
    if state.get("selected_option", state) is None:
        raise InteractionError(f"there is no option {click.option!r}")
    return action | state
