"""Server-sent events that tell open pages to reload their data. They carry no data: each user sees different data."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

READ_ONLY_HANDLERS = frozenset("around calls calls_after connections failures fleet regions sees view".split())
"""Handlers that change nothing. The page calls them after each event, so an event for them would make a loop."""
_MAX_INTERVAL_SECONDS = 5.0
"""An event is sent at least this often: some changes come with time alone, such as a delayed message."""
_MIN_INTERVAL_SECONDS = 0.05
"""A digest makes a dozen calls; one event at the end of such a burst is enough."""


class ChangeEvents:
    """Notifies every open page of changes in the application."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()
        self._stopped = False

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Send an event after each request that may have changed something, and after a WebSocket has closed."""
        try:
            return await handler(request)
        finally:
            if request.path == "/link/" or (
                request.method == "POST" and request.path.rpartition("/")[2] not in READ_ONLY_HANDLERS
            ):
                self._notify()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send events to one page until it disconnects."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        changed = asyncio.Event()
        self._listeners.add(changed)
        try:
            await self._send(response, changed)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._listeners.discard(changed)
        return response

    async def stop(self, _: web.Application) -> None:
        """End every stream."""
        self._stopped = True
        self._notify()

    async def _send(self, response: web.StreamResponse, changed: asyncio.Event) -> None:
        while not self._stopped:
            await response.write(b"data: look\n\n")
            await asyncio.sleep(_MIN_INTERVAL_SECONDS)
            try:
                await asyncio.wait_for(changed.wait(), _MAX_INTERVAL_SECONDS)
            except TimeoutError:
                continue
            changed.clear()

    def _notify(self) -> None:
        for changed in self._listeners:
            changed.set()
