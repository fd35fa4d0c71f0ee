"""POST /sandbox/{act}: what the driver asks for, from whatever process it runs in."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import Journal
from bailiff_bot.sandbox.slack.faults import Fault, Faults
from bailiff_bot.sandbox.slack.interactions.clicks import Aim, Mouse
from bailiff_bot.sandbox.slack.interactions.lookup import own_place, person, place, sees
from bailiff_bot.sandbox.slack.interactions.result import Act, Impossible
from bailiff_bot.sandbox.slack.interactions.text_input import Keyboard
from bailiff_bot.sandbox.slack.interactions.views import Screen
from bailiff_bot.sandbox.slack.socket_mode.server import Sockets, disconnect_frame
from bailiff_bot.sandbox.slack.web.message_json import shown
from bailiff_bot.sandbox.slack.workspace import Channel, Message, Workspace


@dataclass(frozen=True, slots=True)
class Control:
    """The table of acts."""

    workspace: Workspace
    journal: Journal
    faults: Faults
    sockets: Sockets
    keyboard: Keyboard
    mouse: Mouse
    screen: Screen
    more: Mapping[str, Act] = field(default_factory=dict)
    """The acts of the page, and of whoever staged this sandbox."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Do one act; 409 says that nobody can do it."""
        name = request.match_info["act"]
        body: Json = await request.json() | {"origin": f"http://{request.host}"}
        act = self._acts().get(name)
        if act is None:
            return web.json_response({"error": f"there is no act {name!r}"}, status=404)
        try:
            return web.json_response({"result": await act(body)})
        except Impossible as impossible:
            return web.json_response({"error": str(impossible)}, status=409)

    def _acts(self) -> dict[str, Act]:
        return {
            **self.more,
            "types": self._types,
            "says": self._says,
            "clicks": self._clicks,
            "submits": self._submits,
            "closes": self._closes,
            "opens_home": self._opens_home,
            "sees": self._sees,
            "view": self._view,
            "membership": self._membership,
            "invites_bot": self._invites_bot,
            "archive": self._archive,
            "deactivate": self._deactivate,
            "fault": self._fault,
            "faults": self._faults,
            "heal": self._heal,
            "sockets": self._sockets,
            "connections": self._connections,
            "calls": self._calls,
            "failures": self._failures,
        }

    async def _types(self, body: Json) -> object:
        return asdict(await self.keyboard.types(body["origin"], body["user"], body["text"], body["channel"]))

    async def _says(self, body: Json) -> object:
        said = self.keyboard.says(body["user"], body["text"], body["channel"], body["thread_ts"])
        return self._seen(said)

    async def _clicks(self, body: Json) -> object:
        aim = Aim(body["wanted"], body["option"], body.get("block_id", ""))
        if body["view_id"]:
            return asdict(await self.mouse.clicks_in_view(body["user"], body["view_id"], aim))
        where = (body["origin"], body["user"], body["channel"], body["ts"])
        return asdict(await self.mouse.clicks(*where, aim))

    async def _submits(self, body: Json) -> object:
        return asdict(await self.screen.submits(body["user"], body["view_id"], body["values"]))

    async def _closes(self, body: Json) -> object:
        outcome = await self.screen.closes(body["user"], body["view_id"])
        return asdict(outcome) if outcome else None

    async def _opens_home(self, body: Json) -> object:
        return asdict(await self.screen.opens_home(body["user"]))

    async def _sees(self, body: Json) -> object:
        user = person(self.workspace, body["user"])
        channel = place(self.workspace, body["channel"], user)
        return [self._seen(message) for message in sees(self.workspace, user, channel, body["thread_ts"])]

    async def _view(self, body: Json) -> object:
        user = person(self.workspace, body["user"])
        views = self.workspace.views
        view = views.modal(user.id) if body["kind"] == "modal" else views.home(user.id)
        return view.as_json(self.workspace.installation) if view else None

    async def _membership(self, body: Json) -> object:
        channel = self._channel(body["channel"])
        user = self.workspace.people.named(body["user"])
        if user is None:
            raise Impossible(f"there is no user {body['user']!r}")
        change = self.workspace.channels.join if body["joins"] else self.workspace.channels.leave
        change(channel, user.id)
        return None

    async def _invites_bot(self, body: Json) -> object:
        channel = own_place(self.workspace, body["channel"], person(self.workspace, body["user"]))
        self.workspace.channels.join(channel, self.workspace.bot)
        return None

    async def _archive(self, body: Json) -> object:
        self.workspace.channels.archive(self._channel(body["channel"]))
        return None

    async def _deactivate(self, body: Json) -> object:
        self.workspace.people.deactivate(person(self.workspace, body["user"]).id)
        return None

    async def _fault(self, body: Json) -> object:
        wanted = body["fault"]
        name = wanted["channel"]
        channel = self.workspace.address(name) if name else None
        if name and channel is None:
            raise Impossible(f"there is no channel {name!r}")
        self.faults.add(Fault(**wanted | {"channel": channel}))
        return None

    async def _faults(self, _: Json) -> object:
        return [asdict(fault) for fault in self.faults.waiting]

    async def _heal(self, _: Json) -> object:
        self.faults.clear()
        return None

    async def _sockets(self, body: Json) -> object:
        chosen = [c for c in self.sockets.connections if body["number"] in (None, c.number)]
        for connection in chosen:
            match body["action"]:
                case "disconnect":
                    await connection.retire(disconnect_frame(body["reason"]))
                case "reset":
                    connection.reset()
                case "end":
                    connection.end()
                case "freeze":
                    connection.freeze()
        return len(chosen)

    async def _connections(self, _: Json) -> object:
        return [
            {"number": c.number, "health": c.health.value, "delivered": c.delivered} for c in self.sockets.connections
        ]

    async def _calls(self, _: Json) -> object:
        return [asdict(call) for call in self.journal.calls]

    async def _failures(self, _: Json) -> object:
        return [asdict(failure) for failure in self.journal.failures]

    def _channel(self, name: str) -> Channel:
        channel = self.workspace.channels.named(name)
        if channel is None:
            raise Impossible(f"there is no channel {name!r}")
        return channel

    def _seen(self, message: Message) -> Json:
        body = shown(message, self.workspace, with_metadata=True)
        body |= {"channel": message.channel, "is_ephemeral": message.reader is not None}
        if message.files:
            body["files"] = [file | {"content": self._content(file["id"])} for file in body["files"]]
        return body

    def _content(self, file_id: str) -> str:
        file = self.workspace.files.get(file_id)
        return base64.b64encode(file.content or b"").decode() if file else ""
