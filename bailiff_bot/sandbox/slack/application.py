"""The rooms put together: one workspace, and the routes into it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.page import routes
from bailiff_bot.sandbox.page.page_state import Around
from bailiff_bot.sandbox.slack.base_types import Clock, Installation
from bailiff_bot.sandbox.slack.call_log import Journal
from bailiff_bot.sandbox.slack.control import Control
from bailiff_bot.sandbox.slack.faults import Faults
from bailiff_bot.sandbox.slack.interactions.clicks import Mouse
from bailiff_bot.sandbox.slack.interactions.response_url import ResponseDesk
from bailiff_bot.sandbox.slack.interactions.result import Act
from bailiff_bot.sandbox.slack.interactions.text_input import Keyboard
from bailiff_bot.sandbox.slack.interactions.views import Screen
from bailiff_bot.sandbox.slack.socket_mode.events import RETRY_SECONDS, Events
from bailiff_bot.sandbox.slack.socket_mode.server import Sockets
from bailiff_bot.sandbox.slack.web.endpoint import WebApi
from bailiff_bot.sandbox.slack.web.rate_limiter import Rates
from bailiff_bot.sandbox.slack.web.responder import Desk
from bailiff_bot.sandbox.slack.web.upload import UploadDesk
from bailiff_bot.sandbox.slack.workspace import (
    Channels,
    Files,
    Messages,
    People,
    ResponseUrls,
    Tickets,
    Triggers,
    Views,
    Workspace,
)

LARGEST_BODY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Setup:
    """What a local Slack is like."""

    installation: Installation
    clock: Clock
    members: Iterable[fixtures.Member]
    channels: Iterable[fixtures.Channel]
    membership: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """User ids by channel name, for channels whose members are not the usual ones."""
    rate_limits: bool = False
    ack_seconds: float = 3.0
    event_retry_seconds: tuple[float, ...] = RETRY_SECONDS
    acts: Mapping[str, Act] = field(default_factory=dict)
    """What else can be done at the control endpoint, by name."""


def empty_workspace(setup: Setup) -> Workspace:
    """Return the workspace before anything was said in it."""
    people = People(setup.members, setup.installation)
    return Workspace(
        setup.installation,
        setup.clock,
        people,
        Channels(setup.channels, people, setup.installation.bot_user_id, setup.membership),
        Messages(setup.clock),
        Files(),
        Views(),
        Tickets(),
        Triggers(setup.clock),
        ResponseUrls(setup.clock),
    )


def application(setup: Setup) -> web.Application:
    """Return the server's routes over a new workspace."""
    workspace, journal, faults = empty_workspace(setup), Journal(setup.clock), Faults()
    desk = Desk(workspace, faults, journal)
    sockets = Sockets(workspace, journal, setup.ack_seconds)
    events = Events(sockets, setup.event_retry_seconds)
    keyboard, mouse = Keyboard(workspace, sockets, journal), Mouse(workspace, sockets)
    acts = {**Around(workspace, journal, faults, setup.acts).acts(), **setup.acts}
    screen = Screen(workspace, sockets, events, journal)
    control = Control(workspace, journal, faults, sockets, keyboard, mouse, screen, acts)
    responses = ResponseDesk(workspace, desk)
    api = WebApi(workspace, desk, Rates(setup.clock, enforced=setup.rate_limits))
    app = web.Application(client_max_size=LARGEST_BODY)
    app.on_shutdown.append(lambda _: events.stop())
    app.on_shutdown.append(lambda _: sockets.stop())
    app.add_routes(
        [
            web.get("/api/{method}", api.handle, allow_head=False),
            web.post("/api/{method}", api.handle),
            web.get("/link/", sockets.handle),
            web.post("/upload/v1/{file}", UploadDesk(workspace, desk).handle),
            web.post("/commands/{team}/{key}", responses.handle),
            web.post("/actions/{team}/{key}", responses.handle),
            web.post("/sandbox/{act}", control.handle),
        ],
    )
    routes.attach(app)
    return app
