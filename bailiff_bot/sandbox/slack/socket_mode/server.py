"""The Socket Mode server: it sends payloads over the app's connections in turn and waits for acknowledgements."""

import asyncio
import itertools
import uuid
from dataclasses import dataclass, field

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.socket_mode.connection import Connection, ConnectionHealth
from bailiff_bot.sandbox.slack.workspace import Workspace

MAX_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class EnvelopeResult:
    """The result of an envelope."""

    sent: bool
    """False: no connection was open."""
    acknowledged: bool = False
    """True: the app acknowledged it in time."""
    seconds: float = 0.0
    payload: Json = field(default_factory=dict)
    """The payload of the acknowledgement."""


@dataclass(frozen=True, slots=True)
class _PendingAck:
    description: str
    sent_at: float
    response: asyncio.Future[Json]


class SocketModeServer:
    """Serves the app's WebSockets."""

    def __init__(self, workspace: Workspace, call_log: CallLog, ack_seconds: float) -> None:
        self._workspace = workspace
        self._call_log = call_log
        self._ack_seconds = ack_seconds
        self._connections: list[Connection] = []
        self._numbers = itertools.count(1)
        self._round_robin = itertools.count()
        self._pending_acks: dict[str, _PendingAck] = {}

    @property
    def connections(self) -> list[Connection]:
        """The open connections, oldest first."""
        return list(self._connections)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket until it ends."""
        if not self._workspace.tickets.redeem(request.query.get("ticket", "")):
            return web.Response(status=403, text="invalid ticket")
        connection = Connection(next(self._numbers), request)
        await connection.socket.prepare(request)
        if len(self._connections) >= MAX_CONNECTIONS:
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

    async def deliver(
        self, envelope_type: str, payload: Json, *, description: str, accepts_payload: bool, **extra: object
    ) -> EnvelopeResult:
        """Send an envelope over the next connection (round robin) and wait for its acknowledgement."""
        connection = self._next_connection()
        if connection is None:
            self._call_log.record_failure("no_socket", description)
            return EnvelopeResult(sent=False)
        envelope_id = str(uuid.uuid4())
        envelope = {"envelope_id": envelope_id, "type": envelope_type, "accepts_response_payload": accepts_payload}
        pending = self._expect_ack(envelope_id, description)
        connection.delivered += 1
        await connection.send(envelope | {"payload": payload, **extra})
        return await self._wait_for_ack(pending)

    async def stop(self) -> None:
        """Close every connection and cancel the pending acknowledgements."""
        for pending in self._pending_acks.values():
            pending.response.cancel()
        for connection in self.connections:
            connection.end()

    async def _wait_for_ack(self, pending: _PendingAck) -> EnvelopeResult:
        done, _ = await asyncio.wait({pending.response}, timeout=self._ack_seconds)
        seconds = self._now() - pending.sent_at
        if not done:
            self._call_log.record_failure(
                "no_ack", f"{pending.description}: not acknowledged within {self._ack_seconds:g} s"
            )
            pending.response.cancel()
            return EnvelopeResult(sent=True, seconds=seconds)
        return EnvelopeResult(True, True, seconds, pending.response.result())  # noqa: FBT003 - sent and acknowledged

    def _expect_ack(self, envelope_id: str, description: str) -> _PendingAck:
        self._pending_acks[envelope_id] = _PendingAck(
            description, self._now(), asyncio.get_running_loop().create_future()
        )
        return self._pending_acks[envelope_id]

    def _acknowledge(self, frame: Json) -> None:
        pending = self._pending_acks.pop(str(frame.get("envelope_id")), None)
        if pending is None:
            self._call_log.record_failure("bad_ack", f"nothing awaited this: {frame}")
        elif pending.response.cancelled():
            self._call_log.record_failure(
                "late_ack", f"{pending.description}: after {self._now() - pending.sent_at:.1f} s"
            )
        else:
            payload = frame.get("payload")
            pending.response.set_result(payload if isinstance(payload, dict) else {})

    def _next_connection(self) -> Connection | None:
        ready = [c for c in self._connections if c.health is not ConnectionHealth.RETIRING] or self._connections
        return ready[next(self._round_robin) % len(ready)] if ready else None

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
    """Return the frame that asks the app to open another connection."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
