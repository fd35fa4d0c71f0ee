"""POST /upload/v1/{file}: the content of a file, to the address that was given out for it."""

from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bailiff_bot.sandbox.slack.web.responder import Desk
from bailiff_bot.sandbox.slack.web.response import Answer
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class UploadDesk:
    """Takes uploads."""

    workspace: Workspace
    desk: Desk

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one upload, raw or as a form."""
        content = await _content(request)
        name = request.match_info["file"]
        return await self.desk.serve(request, "upload", {"file": name}, lambda _: self._receive(name, content))

    def _receive(self, name: str, content: bytes) -> Answer:
        file = self.workspace.files.get(name)
        if file is None:
            return Answer("not found", 404)
        if len(content) != file.length:
            return Answer("the length is not the one announced", 400)
        self.workspace.files.receive(file, content)
        return Answer(f"OK - {len(content)}")


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    part = await (await request.multipart()).next()
    return bytes(await part.read(decode=True)) if isinstance(part, BodyPartReader) else b""
