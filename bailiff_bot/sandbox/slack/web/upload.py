"""POST /upload/v1/{file}: the upload URL of a file."""

from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bailiff_bot.sandbox.slack.web.responder import Responder
from bailiff_bot.sandbox.slack.web.response import ApiResponse
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class UploadEndpoint:
    """Handles uploads."""

    workspace: Workspace
    responder: Responder

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle one upload, with a raw body or a form."""
        content = await _content(request)
        name = request.match_info["file"]
        return await self.responder.respond(request, "upload", {"file": name}, lambda _: self._receive(name, content))

    def _receive(self, name: str, content: bytes) -> ApiResponse:
        file = self.workspace.files.get(name)
        if file is None:
            return ApiResponse("not found", 404)
        if len(content) != file.length:
            return ApiResponse("the length is not the one announced", 400)
        self.workspace.files.store_content(file, content)
        return ApiResponse(f"OK - {len(content)}")


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    part = await (await request.multipart()).next()
    return bytes(await part.read(decode=True)) if isinstance(part, BodyPartReader) else b""
