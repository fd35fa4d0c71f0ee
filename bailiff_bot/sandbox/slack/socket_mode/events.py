"""The Events API: unlike commands and clicks, an event that is not acknowledged is sent again."""

import asyncio
from collections.abc import Sequence

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.socket_mode.server import Delivery, Sockets

RETRY_SECONDS = (0.0, 60.0, 300.0)
"""Slack tries again at once, after a minute, and after five."""


class Events:
    """Sends events until they are acknowledged, or given up."""

    def __init__(self, sockets: Sockets, retry_seconds: Sequence[float] = RETRY_SECONDS) -> None:
        self._sockets = sockets
        self._retry_seconds = tuple(retry_seconds)
        self._retries: set[asyncio.Task[None]] = set()

    async def send(self, payload: Json, what: str) -> Delivery:
        """Send an event; what became of the first attempt."""
        first = await self._attempt(payload, what, 0)
        if not first.acknowledged:
            retry = asyncio.create_task(self._retry(payload, what))
            self._retries.add(retry)
            retry.add_done_callback(self._retries.discard)
        return first

    async def stop(self) -> None:
        """Give up on what is still to be sent again."""
        for retry in tuple(self._retries):
            retry.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)

    async def _retry(self, payload: Json, what: str) -> None:
        for number, seconds in enumerate(self._retry_seconds, start=1):
            await asyncio.sleep(seconds)
            if (await self._attempt(payload, what, number)).acknowledged:
                return

    async def _attempt(self, payload: Json, what: str, number: int) -> Delivery:
        reason = "timeout" if number else ""
        told = f"{what}, retry {number}" if number else what
        return await self._sockets.deliver(
            "events_api",
            payload,
            what=told,
            takes_payload=False,
            retry_attempt=number,
            retry_reason=reason,
        )
