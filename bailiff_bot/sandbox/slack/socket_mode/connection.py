"""One WebSocket of the app, and the ways in which it can go bad."""

import asyncio
import json
import socket
import struct
from enum import Enum

from aiohttp import WSMsgType, web

from bailiff_bot.sandbox.slack.base_types import Json

_NO_LINGER = struct.pack("ii", 1, 0)
RETIRING_SECONDS = 10.0
"""How long a connection that was told to leave is kept."""
_POLL_SECONDS = 0.05
"""Seconds between looks at whether a frozen connection's client has gone."""


class ConnectionHealth(Enum):
    """What can be expected of a connection."""

    LIVE = "live"
    RETIRING = "retiring"
    """It was sent a `disconnect` frame: used only while there is no other."""
    FROZEN = "frozen"
    """It stays open, and nothing is read from it or sent over it."""


class Connection:
    """A WebSocket from an app."""

    def __init__(self, number: int, request: web.Request) -> None:
        self.number = number
        self.health = ConnectionHealth.LIVE
        self.delivered = 0
        self.socket = web.WebSocketResponse(autoping=False)  # a frozen connection answers no pings
        self._request = request

    async def send(self, frame: Json) -> None:
        """Send a frame; over a frozen connection it goes nowhere, as towards a peer that vanished."""
        if self.health is ConnectionHealth.FROZEN:
            return
        try:
            await self.socket.send_str(json.dumps(frame))
        except ConnectionError:
            # The client left this very moment; what is lost on a dying socket is seen as a missing acknowledgement.
            self.health = ConnectionHealth.FROZEN

    async def receive(self) -> Json | None:
        """Return the next frame; None when the connection has ended."""
        while True:
            message = await self.socket.receive()
            while self.health is ConnectionHealth.FROZEN and self._is_open():  # noqa: ASYNC110 - a client's leaving sets no event
                await asyncio.sleep(_POLL_SECONDS)
            if message.type is WSMsgType.PING and self.health is not ConnectionHealth.FROZEN:
                await self.socket.pong(message.data)
            elif message.type is not WSMsgType.PONG:
                return json.loads(message.data) if message.type is WSMsgType.TEXT else None

    async def retire(self, frame: Json) -> None:
        """Tell the app, by a `disconnect` frame, to open another connection."""
        await self.send(frame)
        self.health = ConnectionHealth.RETIRING
        asyncio.get_running_loop().call_later(RETIRING_SECONDS, self.end)

    def reset(self) -> None:
        """End it with a TCP reset."""
        transport = self._request.transport
        if transport is not None:
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()

    def end(self) -> None:
        """End the TCP connection in order, but without a WebSocket close frame."""
        if self._request.transport is not None:
            self._request.transport.close()

    def freeze(self) -> None:
        """Go silent."""
        self.health = ConnectionHealth.FROZEN

    def _is_open(self) -> bool:
        transport = self._request.transport
        return transport is not None and not transport.is_closing()
