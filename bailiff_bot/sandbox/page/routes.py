"""The routes of the page: its files, and the stream of change events."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from types import MappingProxyType

from aiohttp import web

from bailiff_bot.sandbox.page.change_events import ChangeEvents

_STATIC_FILES = resources.files(__package__) / "static"
_CONTENT_TYPES = MappingProxyType(
    {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
)
_FILE_PATTERN = r"{path:[a-z]+(?:/[a-z_]+)*\.(?:js|css|svg)}"
"""Only the last dot is allowed, so no path leaves the folder."""
_HEADERS = MappingProxyType(
    {
        "Cache-Control": "no-store",
        # Whatever a message contains: the page runs no other script and requests nothing from other machines.
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    },
)


def add_page_routes(app: web.Application) -> None:
    """Add the page's routes to an application, and notify open pages of its changes."""
    change_events = ChangeEvents()
    app.middlewares.append(change_events.middleware)
    app.on_shutdown.append(change_events.stop)
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/page/hints", change_events.stream),
            web.get(f"/page/{_FILE_PATTERN}", _file),
        ],
    )


async def _index(_: web.Request) -> web.Response:
    return _file_response(_STATIC_FILES / "index.html")


async def _file(request: web.Request) -> web.Response:
    file = _STATIC_FILES.joinpath(*request.match_info["path"].split("/"))
    if not file.is_file():
        raise web.HTTPNotFound
    return _file_response(file)


def _file_response(file: Traversable) -> web.Response:
    content_type = _CONTENT_TYPES[PurePosixPath(file.name).suffix]
    return web.Response(body=file.read_bytes(), content_type=content_type, charset="utf-8", headers=_HEADERS)
