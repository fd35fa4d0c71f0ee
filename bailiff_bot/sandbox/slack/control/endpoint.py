"""Dispatches control requests to their handlers."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler, InteractionError


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """The control endpoint."""

    handlers: Mapping[str, ControlHandler]
    """The handlers of the local Slack, of the page and of the whole sandbox, by name."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Run one handler. Responds with 404 for an unknown name, and with 409 for an `InteractionError`."""
        name = request.match_info["name"]
        body: Json = await request.json() | {"origin": f"http://{request.host}"}
        handler = self.handlers.get(name)
        if handler is None:
            return web.json_response({"error": f"there is no handler {name!r}"}, status=404)
        try:
            return web.json_response({"result": await handler(body)})
        except InteractionError as error:
            return web.json_response({"error": str(error)}, status=409)
