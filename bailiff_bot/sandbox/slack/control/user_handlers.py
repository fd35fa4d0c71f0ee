"""Handlers of what one user does and sees."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.clicks import ClickInteractions, Place
from bailiff_bot.sandbox.slack.interactions.elements import Click
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, find_channel, visible_messages
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler
from bailiff_bot.sandbox.slack.interactions.text_input import TextInteractions
from bailiff_bot.sandbox.slack.interactions.views import ViewInteractions
from bailiff_bot.sandbox.slack.web.message_json import message_json
from bailiff_bot.sandbox.slack.workspace import Message, User, Workspace


@dataclass(frozen=True, slots=True)
class UserHandlers:
    """Commands, messages, clicks, modals and the App Home of a user."""

    workspace: Workspace
    texts: TextInteractions
    clicks: ClickInteractions
    views: ViewInteractions

    def handlers(self) -> Mapping[str, ControlHandler]:
        """Return the handlers by name."""
        return {
            "types": self._run_command,
            "says": self._post_message,
            "clicks": self._click,
            "clicks_twice": self._click_twice,
            "sends": self._send_payload,
            "fills": self._fill_in,
            "submits": self._submit_modal,
            "closes": self._close_modal,
            "dismisses": self._dismiss_modal,
            "opens_home": self._open_home,
            "sees": self._visible_messages,
            "view": self._view,
        }

    async def _run_command(self, body: Json) -> object:
        return asdict(await self.texts.run_command(body["origin"], body["user"], body["text"], body["channel"]))

    async def _post_message(self, body: Json) -> object:
        message = self.texts.post_message(body["user"], body["text"], body["channel"], body["thread_ts"])
        return self._rendered_message(message, active_user(self.workspace, body["user"]))

    async def _click(self, body: Json) -> object:
        if body.get("values"):  # what was typed in the same modal before
            self.views.fill_in(body["user"], body["view_id"], body["values"])
        return asdict(await self.clicks.click(body["user"], _place(body), _click(body), body.get("forged", {})))

    async def _click_twice(self, body: Json) -> object:
        return [asdict(result) for result in await self.clicks.click_twice(body["user"], _place(body), _click(body))]

    async def _send_payload(self, body: Json) -> object:
        return asdict(await self.clicks.send(body["payload"], "a payload is sent again, or forged"))

    async def _fill_in(self, body: Json) -> object:
        self.views.fill_in(body["user"], body["view_id"], body["values"])
        return None

    async def _submit_modal(self, body: Json) -> object:
        return asdict(
            await self.views.submit_modal(body["user"], body["view_id"], body["values"], body.get("forged", {}))
        )

    async def _close_modal(self, body: Json) -> object:
        result = await self.views.close_modal(body["user"], body["view_id"])
        return asdict(result) if result else None

    async def _dismiss_modal(self, body: Json) -> object:
        result = await self.views.dismiss_modal(body["user"], body["view_id"])
        return asdict(result) if result else None

    async def _open_home(self, body: Json) -> object:
        return asdict(await self.views.open_home(body["user"]))

    async def _visible_messages(self, body: Json) -> object:
        user = active_user(self.workspace, body["user"])
        channel = find_channel(self.workspace, body["channel"], user)
        return [
            self._rendered_message(message, user)
            for message in visible_messages(self.workspace, user, channel, body["thread_ts"])
        ]

    async def _view(self, body: Json) -> object:
        user = active_user(self.workspace, body["user"])
        views = self.workspace.views
        view = views.modal(user.id) if body["kind"] == "modal" else views.home(user.id)
        return payloads.view_json(self.workspace, view) if view else None

    def _rendered_message(self, message: Message, user: User) -> Json:
        body = message_json(message, self.workspace, with_metadata=True)
        body |= {"channel": message.channel, "is_ephemeral": message.visible_to is not None}
        body["state"] = {"values": payloads.message_values(self.workspace, user, message)}
        if message.files:
            body["files"] = [file | {"content": self._file_content(file["id"])} for file in body["files"]]
        return body

    def _file_content(self, file_id: str) -> str:
        file = self.workspace.files.get(file_id)
        return base64.b64encode(file.content or b"").decode() if file else ""


def _place(body: Json) -> Place:
    return Place(body["view_id"], body["channel"], body["ts"], body["origin"])


def _click(body: Json) -> Click:
    return Click(body["wanted"], body["option"], body.get("block_id", ""), body.get("near", ""))
