"""The page's files at `/`, and the word to every open page that there is something new to see."""

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
"""No dots but the last, hence no way out of the folder."""
_HEADERS = MappingProxyType(
    {
        "Cache-Control": "no-store",
        # Whatever a message holds: no script but ours is run, and nothing is asked for outside this machine.
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    },
)


def add_page_routes(app: web.Application) -> None:
    """Serve the page from an application, and tell open pages of what happens in it."""
    hints = ChangeEvents()
    app.middlewares.append(hints.middleware)
    app.on_shutdown.append(hints.stop)
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/page/hints", hints.stream),
            web.get(f"/page/{_FILE_PATTERN}", _file),
        ],
    )


async def _index(_: web.Request) -> web.Response:
    return _file_response(_STATIC_FILES / "index.html")


async def _file(request: web.Request) -> web.Response:
    found = _STATIC_FILES.joinpath(*request.match_info["path"].split("/"))
    if not found.is_file():
        raise web.HTTPNotFound
    return _file_response(found)


def _file_response(file: Traversable) -> web.Response:
    kind = _CONTENT_TYPES[PurePosixPath(file.name).suffix]
    return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8", headers=_HEADERS)
