"""An answer over HTTP, as a value that can be written down before it is sent."""

from dataclasses import dataclass, field

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json

DROPPED_STATUS = 0
"""Stands for the status of an answer that never comes."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """Status, body and headers."""

    body: Json | str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def to_aiohttp(self) -> web.Response:
        """Return what aiohttp sends."""
        if isinstance(self.body, str):
            kind = "text/html" if self.body.startswith("<") else "text/plain"
            return web.Response(text=self.body, status=self.status, headers=self.headers, content_type=kind)
        return web.json_response(self.body, status=self.status, headers=self.headers)


def rate_limited_response(seconds: float) -> ApiResponse:
    """HTTP 429: come back after so many seconds."""
    return ApiResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(max(1, round(seconds)))})
