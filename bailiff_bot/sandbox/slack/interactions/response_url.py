"""The endpoint of response URLs."""

from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.interactions.app_responses import apply_response
from bailiff_bot.sandbox.slack.web.arguments import parse_object
from bailiff_bot.sandbox.slack.web.responder import Responder
from bailiff_bot.sandbox.slack.web.response import ApiResponse
from bailiff_bot.sandbox.slack.workspace import Workspace

_NOT_FOUND_ERRORS = ("used_url", "expired_url")


@dataclass(frozen=True, slots=True)
class ResponseUrlEndpoint:
    """Handles what an app posts to a response URL."""

    workspace: Workspace
    responder: Responder

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle one POST."""
        key, raw = request.match_info["key"], await request.read()
        try:
            body = parse_object(raw)
        except ApiError:
            response = ApiResponse(ApiError("invalid_payload").response_body(), 400)
            return await self.responder.respond(request, "response_url", {}, lambda _: response)
        return await self.responder.respond(request, "response_url", body, lambda _: self._perform(key, body))

    def _perform(self, key: str, body: Json) -> ApiResponse:
        try:
            url = self.workspace.response_urls.check(key)
            apply_response(self.workspace, url, body)
        except ApiError as error:
            return ApiResponse(error.response_body(), 404 if error.definition.code in _NOT_FOUND_ERRORS else 400)
        self.workspace.response_urls.record_use(url)
        return ApiResponse("ok")
