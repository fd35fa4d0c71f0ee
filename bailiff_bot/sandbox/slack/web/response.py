"""An HTTP response as a value, so that it can be recorded before it is sent."""

from dataclasses import dataclass, field

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json

DROPPED_STATUS = 0
"""The status of a response that is never sent."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """Status, body and headers."""

    body: Json | str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def to_aiohttp(self) -> web.Response:
        """Return the response for aiohttp."""
        if isinstance(self.body, str):
            content_type = "text/html" if self.body.startswith("<") else "text/plain"
            return web.Response(text=self.body, status=self.status, headers=self.headers, content_type=content_type)
        return web.json_response(self.body, status=self.status, headers=self.headers)


def rate_limited_response(seconds: float) -> ApiResponse:
    """Return HTTP 429 with `Retry-After`, in whole seconds and at least 1."""
    return ApiResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(max(1, round(seconds)))})
