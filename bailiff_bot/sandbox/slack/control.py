"""POST /sandbox/{name}: the control endpoint, for the driver and the page."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.faults import Fault, Faults
from bailiff_bot.sandbox.slack.interactions.clicks import Click, ClickInteractions
from bailiff_bot.sandbox.slack.interactions.lookup import (
    active_user,
    find_channel,
    find_writable_channel,
    visible_messages,
)
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler, InteractionError
from bailiff_bot.sandbox.slack.interactions.text_input import TextInteractions
from bailiff_bot.sandbox.slack.interactions.views import ViewInteractions
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer, disconnect_frame
from bailiff_bot.sandbox.slack.web.message_json import message_json
from bailiff_bot.sandbox.slack.workspace import Channel, Message, Workspace


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """Dispatches control requests to their handlers."""

    workspace: Workspace
    call_log: CallLog
    faults: Faults
    socket_mode: SocketModeServer
    text_interactions: TextInteractions
    click_interactions: ClickInteractions
    view_interactions: ViewInteractions
    extra_handlers: Mapping[str, ControlHandler] = field(default_factory=dict)
    """The handlers of the page and of the whole sandbox."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Run one handler. Responds with 404 for an unknown name, and with 409 for an `InteractionError`."""
        name = request.match_info["name"]
        body: Json = await request.json() | {"origin": f"http://{request.host}"}
        handler = self._handlers().get(name)
        if handler is None:
            return web.json_response({"error": f"there is no handler {name!r}"}, status=404)
        try:
            return web.json_response({"result": await handler(body)})
        except InteractionError as error:
            return web.json_response({"error": str(error)}, status=409)

    def _handlers(self) -> dict[str, ControlHandler]:
        return {
            **self.extra_handlers,
            "types": self._run_command,
            "says": self._post_message,
            "clicks": self._click,
            "submits": self._submit_modal,
            "closes": self._close_modal,
            "opens_home": self._open_home,
            "sees": self._visible_messages,
            "view": self._view,
            "membership": self._change_membership,
            "invites_bot": self._invite_bot,
            "archive": self._archive,
            "deactivate": self._deactivate,
            "fault": self._inject_fault,
            "faults": self._pending_faults,
            "heal": self._clear_faults,
            "sockets": self._inject_socket_fault,
            "connections": self._connections,
            "calls": self._calls,
            "failures": self._failures,
        }

    async def _run_command(self, body: Json) -> object:
        return asdict(
            await self.text_interactions.run_command(body["origin"], body["user"], body["text"], body["channel"])
        )

    async def _post_message(self, body: Json) -> object:
        message = self.text_interactions.post_message(body["user"], body["text"], body["channel"], body["thread_ts"])
        return self._rendered_message(message)

    async def _click(self, body: Json) -> object:
        click = Click(body["wanted"], body["option"], body.get("block_id", ""))
        if body["view_id"]:
            return asdict(await self.click_interactions.click_in_view(body["user"], body["view_id"], click))
        target = (body["origin"], body["user"], body["channel"], body["ts"])
        return asdict(await self.click_interactions.click_in_message(*target, click))

    async def _submit_modal(self, body: Json) -> object:
        return asdict(await self.view_interactions.submit_modal(body["user"], body["view_id"], body["values"]))

    async def _close_modal(self, body: Json) -> object:
        result = await self.view_interactions.close_modal(body["user"], body["view_id"])
        return asdict(result) if result else None

    async def _open_home(self, body: Json) -> object:
        return asdict(await self.view_interactions.open_home(body["user"]))

    async def _visible_messages(self, body: Json) -> object:
        user = active_user(self.workspace, body["user"])
        channel = find_channel(self.workspace, body["channel"], user)
        return [
            self._rendered_message(message)
            for message in visible_messages(self.workspace, user, channel, body["thread_ts"])
        ]

    async def _view(self, body: Json) -> object:
        user = active_user(self.workspace, body["user"])
        views = self.workspace.views
        view = views.modal(user.id) if body["kind"] == "modal" else views.home(user.id)
        return view.as_json(self.workspace.installation) if view else None

    async def _change_membership(self, body: Json) -> object:
        channel = self._find_channel(body["channel"])
        user = self.workspace.users.find(body["user"])
        if user is None:
            raise InteractionError(f"there is no user {body['user']!r}")
        change = self.workspace.channels.join if body["joins"] else self.workspace.channels.leave
        change(channel, user.id)
        return None

    async def _invite_bot(self, body: Json) -> object:
        channel = find_writable_channel(self.workspace, body["channel"], active_user(self.workspace, body["user"]))
        self.workspace.channels.join(channel, self.workspace.bot_user_id)
        return None

    async def _archive(self, body: Json) -> object:
        self.workspace.channels.archive(self._find_channel(body["channel"]))
        return None

    async def _deactivate(self, body: Json) -> object:
        self.workspace.users.deactivate(active_user(self.workspace, body["user"]).id)
        return None

    async def _inject_fault(self, body: Json) -> object:
        fault = body["fault"]
        name = fault["channel"]
        channel = self.workspace.find_channel_id(name) if name else None
        if name and channel is None:
            raise InteractionError(f"there is no channel {name!r}")
        self.faults.add(Fault(**fault | {"channel": channel}))
        return None

    async def _pending_faults(self, _: Json) -> object:
        return [asdict(fault) for fault in self.faults.pending]

    async def _clear_faults(self, _: Json) -> object:
        self.faults.clear()
        return None

    async def _inject_socket_fault(self, body: Json) -> object:
        connections = [
            connection for connection in self.socket_mode.connections if body["number"] in (None, connection.number)
        ]
        for connection in connections:
            match body["action"]:
                case "disconnect":
                    await connection.retire(disconnect_frame(body["reason"]))
                case "reset":
                    connection.reset()
                case "end":
                    connection.end()
                case "freeze":
                    connection.freeze()
        return len(connections)

    async def _connections(self, _: Json) -> object:
        return [
            {"number": connection.number, "health": connection.health.value, "delivered": connection.delivered}
            for connection in self.socket_mode.connections
        ]

    async def _calls(self, _: Json) -> object:
        return [asdict(call) for call in self.call_log.calls]

    async def _failures(self, _: Json) -> object:
        return [asdict(failure) for failure in self.call_log.failures]

    def _find_channel(self, name: str) -> Channel:
        channel = self.workspace.channels.find(name)
        if channel is None:
            raise InteractionError(f"there is no channel {name!r}")
        return channel

    def _rendered_message(self, message: Message) -> Json:
        body = message_json(message, self.workspace, with_metadata=True)
        body |= {"channel": message.channel, "is_ephemeral": message.visible_to is not None}
        if message.files:
            body["files"] = [file | {"content": self._file_content(file["id"])} for file in body["files"]]
        return body

    def _file_content(self, file_id: str) -> str:
        file = self.workspace.files.get(file_id)
        return base64.b64encode(file.content or b"").decode() if file else ""
