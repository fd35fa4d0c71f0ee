"""One WebSocket of the app, and the faults that it can have."""

import asyncio
import json
import socket
import struct
from enum import Enum

from aiohttp import WSMsgType, web

from bailiff_bot.sandbox.slack.base_types import Json

_NO_LINGER = struct.pack("ii", 1, 0)
RETIRING_SECONDS = 10.0
"""How long a connection stays open after its `disconnect` frame."""
_POLL_SECONDS = 0.05
"""How often to check whether the client of a frozen connection has disconnected."""


class ConnectionHealth(Enum):
    """The states of a connection."""

    LIVE = "live"
    RETIRING = "retiring"
    """It was sent a `disconnect` frame, and is used only if there is no other connection."""
    FROZEN = "frozen"
    """It stays open, but nothing is received or sent."""


class Connection:
    """A WebSocket from an app."""

    def __init__(self, number: int, request: web.Request) -> None:
        self.number = number
        self.health = ConnectionHealth.LIVE
        self.delivered = 0
        self.socket = web.WebSocketResponse(autoping=False)  # a frozen connection must not answer pings
        self._request = request

    async def send(self, frame: Json) -> None:
        """Send a frame. A frozen connection drops it, as if the peer had vanished."""
        if self.health is ConnectionHealth.FROZEN:
            return
        try:
            await self.socket.send_str(json.dumps(frame))
        except ConnectionError:
            # The client has just disconnected. A lost frame shows as a missing acknowledgement.
            self.health = ConnectionHealth.FROZEN

    async def receive(self) -> Json | None:
        """Return the next frame; None after the end of the connection."""
        while True:
            message = await self.socket.receive()
            while self.health is ConnectionHealth.FROZEN and self._is_open():  # noqa: ASYNC110 - no event tells that a client left
                await asyncio.sleep(_POLL_SECONDS)
            if message.type is WSMsgType.PING and self.health is not ConnectionHealth.FROZEN:
                await self.socket.pong(message.data)
            elif message.type is not WSMsgType.PONG:
                return json.loads(message.data) if message.type is WSMsgType.TEXT else None

    async def retire(self, frame: Json) -> None:
        """Send a `disconnect` frame, which asks the app to open another connection; end this one later."""
        await self.send(frame)
        self.health = ConnectionHealth.RETIRING
        asyncio.get_running_loop().call_later(RETIRING_SECONDS, self.end)

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        transport = self._request.transport
        if transport is not None:
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()

    def end(self) -> None:
        """Close the TCP connection without a WebSocket close frame."""
        if self._request.transport is not None:
            self._request.transport.close()

    def freeze(self) -> None:
        """Receive and send nothing from now on."""
        self.health = ConnectionHealth.FROZEN

    def _is_open(self) -> bool:
        transport = self._request.transport
        return transport is not None and not transport.is_closing()
