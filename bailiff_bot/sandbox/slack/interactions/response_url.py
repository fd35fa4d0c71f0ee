"""POST to a response address."""

from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.interactions.app_responses import respond
from bailiff_bot.sandbox.slack.web.arguments import parsed_object
from bailiff_bot.sandbox.slack.web.responder import Desk
from bailiff_bot.sandbox.slack.web.response import Answer
from bailiff_bot.sandbox.slack.workspace import Workspace

_GONE = ("used_url", "expired_url")


@dataclass(frozen=True, slots=True)
class ResponseDesk:
    """Takes what apps post to response addresses."""

    workspace: Workspace
    desk: Desk

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one post."""
        key, raw = request.match_info["key"], await request.read()
        try:
            body = parsed_object(raw)
        except Refused:
            refusal = Answer(Refused("invalid_payload").answer(), 400)
            return await self.desk.serve(request, "response_url", {}, lambda _: refusal)
        return await self.desk.serve(request, "response_url", body, lambda _: self._perform(key, body))

    def _perform(self, key: str, body: Json) -> Answer:
        try:
            url = self.workspace.response_urls.check(key)
            respond(self.workspace, url, body)
        except Refused as refused:
            return Answer(refused.answer(), 404 if refused.refusal.code in _GONE else 400)
        self.workspace.response_urls.spend(url)
        return Answer("ok")
