"""The app's connections together: payloads go round among them, and each waits for its acknowledgement."""

import asyncio
import itertools
import uuid
from dataclasses import dataclass, field

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import Journal
from bailiff_bot.sandbox.slack.socket_mode.connection import Connection, Health
from bailiff_bot.sandbox.slack.workspace import Workspace

MOST_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an envelope."""

    sent: bool
    """False when no connection was there to take it."""
    acknowledged: bool = False
    """Within the time Slack allows."""
    seconds: float = 0.0
    payload: Json = field(default_factory=dict)
    """What the app sent along with the acknowledgement."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    what: str
    sent_at: float
    answer: asyncio.Future[Json]


class Sockets:
    """Every WebSocket of the app."""

    def __init__(self, workspace: Workspace, journal: Journal, ack_seconds: float) -> None:
        self._workspace = workspace
        self._journal = journal
        self._ack_seconds = ack_seconds
        self._connections: list[Connection] = []
        self._numbers = itertools.count(1)
        self._turn = itertools.count()
        self._awaited: dict[str, _Awaited] = {}

    @property
    def connections(self) -> list[Connection]:
        """Those that are open, oldest first."""
        return list(self._connections)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from its handshake to its end."""
        if not self._workspace.tickets.redeem(request.query.get("ticket", "")):
            return web.Response(status=403, text="invalid ticket")
        connection = Connection(next(self._numbers), request)
        await connection.socket.prepare(request)
        if len(self._connections) >= MOST_CONNECTIONS:
            await connection.send(disconnect_frame("too_many_websockets"))
            await connection.socket.close()
            return connection.socket
        await self._serve(connection)
        return connection.socket

    async def _serve(self, connection: Connection) -> None:
        self._connections.append(connection)
        try:
            await connection.send(self._hello())
            while (frame := await connection.receive()) is not None:
                self._acknowledge(frame)
        finally:
            self._connections.remove(connection)

    async def deliver(self, kind: str, payload: Json, *, what: str, takes_payload: bool, **extra: object) -> Delivery:
        """Send an envelope over the connection whose turn it is, and wait for its acknowledgement."""
        connection = self._next()
        if connection is None:
            self._journal.failed("no_socket", what)
            return Delivery(sent=False)
        envelope_id = str(uuid.uuid4())
        envelope = {"envelope_id": envelope_id, "type": kind, "accepts_response_payload": takes_payload}
        awaited = self._await(envelope_id, what)
        connection.delivered += 1
        await connection.send(envelope | {"payload": payload, **extra})
        return await self._outcome(awaited)

    async def stop(self) -> None:
        """Close every connection; nothing is awaited any more."""
        for awaited in self._awaited.values():
            awaited.answer.cancel()
        for connection in self.connections:
            connection.end()

    async def _outcome(self, awaited: _Awaited) -> Delivery:
        done, _ = await asyncio.wait({awaited.answer}, timeout=self._ack_seconds)
        seconds = self._now() - awaited.sent_at
        if not done:
            self._journal.failed("no_ack", f"{awaited.what}: not acknowledged within {self._ack_seconds:g} s")
            awaited.answer.cancel()
            return Delivery(sent=True, seconds=seconds)
        return Delivery(True, True, seconds, awaited.answer.result())  # noqa: FBT003 - sent and acknowledged

    def _await(self, envelope_id: str, what: str) -> _Awaited:
        self._awaited[envelope_id] = _Awaited(what, self._now(), asyncio.get_running_loop().create_future())
        return self._awaited[envelope_id]

    def _acknowledge(self, frame: Json) -> None:
        awaited = self._awaited.pop(str(frame.get("envelope_id")), None)
        if awaited is None:
            self._journal.failed("bad_ack", f"nothing awaited this: {frame}")
        elif awaited.answer.cancelled():
            self._journal.failed("late_ack", f"{awaited.what}: after {self._now() - awaited.sent_at:.1f} s")
        else:
            payload = frame.get("payload")
            awaited.answer.set_result(payload if isinstance(payload, dict) else {})

    def _next(self) -> Connection | None:
        ready = [c for c in self._connections if c.health is not Health.RETIRING] or self._connections
        return ready[next(self._turn) % len(ready)] if ready else None

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._workspace.installation.app_id},
        }

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def disconnect_frame(reason: str) -> Json:
    """Tells the app to open another connection."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
