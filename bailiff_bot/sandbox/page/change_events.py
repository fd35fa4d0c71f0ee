"""Server-sent events that say "look again", and nothing else: what there is to see depends on who looks."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

READ_ONLY_HANDLERS = frozenset("around calls calls_after connections failures fleet regions sees view".split())
"""Acts that change nothing: a hint at one of these would let the page, which does them at every hint, ask for ever."""
_MAX_INTERVAL_SECONDS = 5.0
"""Seconds: some things change by the mere passing of time, such as a message that appears late."""
_MIN_INTERVAL_SECONDS = 0.05
"""Seconds: a digest is a dozen calls, and one look at the end of a burst is enough."""


class ChangeEvents:
    """Tells every page that listens when something happened in the application."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()
        self._stopped = False

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Hint after each request that may have changed something, sockets that close included."""
        try:
            return await handler(request)
        finally:
            if request.path == "/link/" or (
                request.method == "POST" and request.path.rpartition("/")[2] not in READ_ONLY_HANDLERS
            ):
                self._notify()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send hints to one page for as long as it listens."""
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
        """Let every stream end."""
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
