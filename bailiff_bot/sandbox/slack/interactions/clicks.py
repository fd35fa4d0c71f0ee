"""A person clicks: on a message, in a modal, in the App Home."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.input_state import element_state
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, find_element, visible_messages
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer
from bailiff_bot.sandbox.slack.workspace import Message, User, View, Workspace

_ECHOED_FIELDS = ("type", "action_id", "text", "value", "style", "url")
"""What a payload repeats of the element that was clicked."""


@dataclass(frozen=True, slots=True)
class Click:
    """What is clicked."""

    element: str
    """An action id, or what the button says."""
    option: str | list[str] = ""
    """What is chosen from a menu: the option's value or label; from a picker: what it then holds."""
    block_id: str = ""
    """Where it stands, when the same action stands in several blocks."""


@dataclass(frozen=True, slots=True)
class ClickInteractions:
    """Where people click."""

    workspace: Workspace
    socket_mode: SocketModeServer

    async def click_in_message(self, origin: str, name: str, channel: str, ts: str, click: Click) -> InteractionResult:
        """Click on a message's button, or choose an option of its menu."""
        user = active_user(self.workspace, name)
        message = self._message(user, channel, ts)
        payload = payloads.message_click(self.workspace, origin, user, message, _action(list(message.blocks), click))
        return await self._send(payload, f"{user.name} clicks {click.element!r}")

    async def click_in_view(self, name: str, view_id: str, click: Click) -> InteractionResult:
        """Do the same in what the user has open."""
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
        seen = (
            message is not None
            and channel is not None
            and message in visible_messages(self.workspace, user, channel, ts)
        )
        if message is None or not seen:
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
    given = element_state(item, click.option)
    if given.get("selected_option", given) is None:
        raise InteractionError(f"there is no option {click.option!r}")
    return action | given
