"""The Events API: Slack sends an event again if the app does not acknowledge it, unlike a command or a click."""

import asyncio
from collections.abc import Sequence

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.socket_mode.server import EnvelopeResult, SocketModeServer

RETRY_SECONDS = (0.0, 60.0, 300.0)
"""Delays before Slack's three retries."""


class EventSender:
    """Sends events until they are acknowledged or the retries are used up."""

    def __init__(self, socket_mode: SocketModeServer, retry_seconds: Sequence[float] = RETRY_SECONDS) -> None:
        self._socket_mode = socket_mode
        self._retry_seconds = tuple(retry_seconds)
        self._retries: set[asyncio.Task[None]] = set()

    async def send(self, payload: Json, description: str) -> EnvelopeResult:
        """Send an event and return the result of the first attempt; retries run in the background."""
        first = await self._attempt(payload, description, 0)
        if not first.acknowledged:
            retry = asyncio.create_task(self._retry(payload, description))
            self._retries.add(retry)
            retry.add_done_callback(self._retries.discard)
        return first

    async def stop(self) -> None:
        """Cancel all retries."""
        for retry in tuple(self._retries):
            retry.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)

    async def _retry(self, payload: Json, description: str) -> None:
        for number, seconds in enumerate(self._retry_seconds, start=1):
            await asyncio.sleep(seconds)
            if (await self._attempt(payload, description, number)).acknowledged:
                return

    async def _attempt(self, payload: Json, description: str, number: int) -> EnvelopeResult:
        reason = "timeout" if number else ""
        attempt_description = f"{description}, retry {number}" if number else description
        return await self._socket_mode.deliver(
            "events_api",
            payload,
            description=attempt_description,
            accepts_payload=False,
            retry_attempt=number,
            retry_reason=reason,
        )
