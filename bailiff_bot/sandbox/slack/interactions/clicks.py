"""Clicks of users: on a message, in a modal, in the App Home."""

import asyncio
from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.elements import Click, ClickedElement, find_element
from bailiff_bot.sandbox.slack.interactions.input_state import element_state, has_state, state_value
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, open_view, visible_message
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.interactions.user_menus import chosen
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer
from bailiff_bot.sandbox.slack.workspace import User, Workspace

_ECHOED_FIELDS = ("type", "action_id", "text", "value", "style", "url", "placeholder", "confirm")
"""The fields of the clicked element that the payload contains."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a user clicks: in a view, or on a message."""

    view_id: str = ""
    channel: str = ""
    ts: str = ""
    origin: str = ""
    """The base URL of this server, for the response URL."""


@dataclass(frozen=True, slots=True)
class ClickInteractions:
    """Performs clicks."""

    workspace: Workspace
    socket_mode: SocketModeServer

    async def click(self, name: str, place: Place, click: Click, forged: Json) -> InteractionResult:
        """Click an element, or choose an option of it. The fields in `forged` replace those of the action."""
        return await self.send(self._payload(name, place, click, forged), f"{name} clicks {click.element!r}")

    async def click_twice(self, name: str, place: Place, click: Click) -> list[InteractionResult]:
        """Click the same element on two devices at once: both payloads are made before either is sent."""
        two = [self._payload(name, place, click, {}) for _ in range(2)]
        description = f"{name} clicks {click.element!r} on two devices"
        return list(await asyncio.gather(*(self.send(payload, description) for payload in two)))

    async def send(self, payload: Json, description: str) -> InteractionResult:
        """Send a payload to the app: a new one, an old one again, or a forged one."""
        envelope_type = "slash_commands" if "command" in payload else "interactive"
        accepts_payload = "command" in payload or payload.get("type") == "view_submission"
        result = await self.socket_mode.deliver(
            envelope_type, payload, description=description, accepts_payload=accepts_payload
        )
        return InteractionResult.from_envelope_result(result, payload)

    def _payload(self, name: str, place: Place, click: Click, forged: Json) -> Json:
        user = active_user(self.workspace, name)
        if place.view_id:
            view = open_view(self.workspace, user, place.view_id)
            action = self._action(user, view.id, view.content["blocks"], click)
            return payloads.view_click(self.workspace, user, view, action | forged)
        message = visible_message(self.workspace, user, place.channel, place.ts)
        action = self._action(user, payloads.message_surface(message), list(message.blocks), click)
        return payloads.message_click(self.workspace, place.origin, user, message, action | forged)

    def _action(self, user: User, surface: str, blocks: list[Json], click: Click) -> Json:
        clicked = find_element(blocks, click)
        if clicked.block["type"] == "input" and not clicked.block.get("dispatch_action"):
            raise InteractionError(f"{click.element!r} sends nothing: its block has no dispatch_action")
        state = _chosen_state(self.workspace, clicked)
        key = clicked.block["block_id"], clicked.item["action_id"]
        if has_state(clicked.item):
            self.workspace.inputs.fill(surface, user.id, {key: state})
        return _echoed(clicked.item) | {"block_id": key[0], **state}


def _chosen_state(workspace: Workspace, clicked: ClickedElement) -> Json:
    if clicked.item["type"] == "button":
        return {}
    if clicked.option is None:
        raise InteractionError(f"{clicked.item['action_id']!r} needs an option or a value")
    state = element_state(clicked.item, chosen(workspace, clicked.item, clicked.option))
    if "selected_option" in state and state_value(state) is None:
        raise InteractionError(f"there is no option {clicked.option!r}")
    return state


def _echoed(item: Json) -> Json:
    return {field: value for field, value in item.items() if field in _ECHOED_FIELDS or field.startswith("initial_")}
