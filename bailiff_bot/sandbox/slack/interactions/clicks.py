"""A person clicks: on a message, in a modal, in the App Home."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.input_state import entered
from bailiff_bot.sandbox.slack.interactions.lookup import element, person, sees
from bailiff_bot.sandbox.slack.interactions.result import Impossible, Outcome
from bailiff_bot.sandbox.slack.socket_mode.server import Sockets
from bailiff_bot.sandbox.slack.workspace import Message, User, View, Workspace

_KEPT = ("type", "action_id", "text", "value", "style", "url")
"""What a payload repeats of the element that was clicked."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is clicked."""

    wanted: str
    """An action id, or what the button says."""
    option: str | list[str] = ""
    """What is chosen from a menu: the option's value or label; from a picker: what it then holds."""
    block_id: str = ""
    """Where it stands, when the same action stands in several blocks."""


@dataclass(frozen=True, slots=True)
class Mouse:
    """Where people click."""

    workspace: Workspace
    sockets: Sockets

    async def clicks(self, origin: str, name: str, channel: str, ts: str, aim: Aim) -> Outcome:
        """Click on a message's button, or choose an option of its menu."""
        user = person(self.workspace, name)
        message = self._message(user, channel, ts)
        payload = payloads.message_click(self.workspace, origin, user, message, _action(list(message.blocks), aim))
        return await self._send(payload, f"{user.name} clicks {aim.wanted!r}")

    async def clicks_in_view(self, name: str, view_id: str, aim: Aim) -> Outcome:
        """Do the same in what the user has open."""
        user = person(self.workspace, name)
        view = self._view(user, view_id)
        payload = payloads.view_click(self.workspace, user, view, _action(view.content["blocks"], aim), {})
        return await self._send(payload, f"{user.name} clicks {aim.wanted!r} in a view")

    async def _send(self, payload: Json, what: str) -> Outcome:
        return Outcome.of(await self.sockets.deliver("interactive", payload, what=what, takes_payload=False), payload)

    def _message(self, user: User, channel_id: str, ts: str) -> Message:
        channel = self.workspace.channels.get(channel_id)
        message = self.workspace.messages.get(channel_id, ts)
        seen = message is not None and channel is not None and message in sees(self.workspace, user, channel, ts)
        if message is None or not seen:
            raise Impossible(f"{user.name} sees no such message")
        return message

    def _view(self, user: User, view_id: str) -> View:
        view = self.workspace.views.get(view_id)
        if view is None or view.user != user.id:
            raise Impossible(f"{user.name} has no such view open")
        return view


def _action(blocks: list[Json], aim: Aim) -> Json:
    block, item = element(blocks, aim.wanted, aim.block_id)
    action = {key: item[key] for key in _KEPT if key in item} | {"block_id": block.get("block_id", "")}
    if not aim.option:
        return action
    given = entered(item, aim.option)
    if given.get("selected_option", given) is None:
        raise Impossible(f"there is no option {aim.option!r}")
    return action | given
