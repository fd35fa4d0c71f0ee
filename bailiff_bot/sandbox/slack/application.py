"""Builds the aiohttp application: the workspace, and the routes of all endpoints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.page import routes
from bailiff_bot.sandbox.page.page_state import PageState
from bailiff_bot.sandbox.slack.base_types import Clock, Installation
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.control.endpoint import ControlEndpoint
from bailiff_bot.sandbox.slack.control.fault_handlers import FaultHandlers
from bailiff_bot.sandbox.slack.control.user_handlers import UserHandlers
from bailiff_bot.sandbox.slack.control.workspace_handlers import WorkspaceHandlers
from bailiff_bot.sandbox.slack.faults import Faults
from bailiff_bot.sandbox.slack.interactions.clicks import ClickInteractions
from bailiff_bot.sandbox.slack.interactions.response_url import ResponseUrlEndpoint
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler
from bailiff_bot.sandbox.slack.interactions.text_input import TextInteractions
from bailiff_bot.sandbox.slack.interactions.views import ViewInteractions
from bailiff_bot.sandbox.slack.socket_mode.events import RETRY_SECONDS, EventSender
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer
from bailiff_bot.sandbox.slack.web.endpoint import WebApiEndpoint
from bailiff_bot.sandbox.slack.web.rate_limiter import RateLimiter
from bailiff_bot.sandbox.slack.web.responder import Responder
from bailiff_bot.sandbox.slack.web.upload import UploadEndpoint
from bailiff_bot.sandbox.slack.workspace import (
    Channels,
    Files,
    Inputs,
    Messages,
    ResponseUrls,
    Tickets,
    Triggers,
    Users,
    Views,
    Workspace,
)

MAX_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """The configuration of a local Slack."""

    installation: Installation
    clock: Clock
    users: Iterable[fixtures.UserFixture]
    channels: Iterable[fixtures.ChannelFixture]
    membership: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """User ids by channel name, for channels whose members differ from `default_members`."""
    rate_limits: bool = False
    ack_seconds: float = 3.0
    event_retry_seconds: tuple[float, ...] = RETRY_SECONDS
    extra_handlers: Mapping[str, ControlHandler] = field(default_factory=dict)
    """Additional handlers of the control endpoint, by name."""


def empty_workspace(config: SlackConfig) -> Workspace:
    """Return a workspace without messages."""
    users = Users(config.users, config.installation)
    return Workspace(
        config.installation,
        config.clock,
        users,
        Channels(config.channels, users, config.installation.bot_user_id, config.membership),
        Messages(config.clock),
        Files(),
        Views(),
        Inputs(),
        Tickets(),
        Triggers(config.clock),
        ResponseUrls(config.clock),
    )


def build_application(config: SlackConfig) -> web.Application:
    """Return the server's application with a new workspace."""
    workspace, call_log, faults = empty_workspace(config), CallLog(config.clock), Faults()
    responder = Responder(workspace, faults, call_log)
    socket_mode = SocketModeServer(workspace, call_log, config.ack_seconds)
    event_sender = EventSender(socket_mode, config.event_retry_seconds)
    clicks = ClickInteractions(workspace, socket_mode)
    control = ControlEndpoint(
        {
            **UserHandlers(
                workspace,
                TextInteractions(workspace, socket_mode, call_log),
                clicks,
                ViewInteractions(workspace, clicks, event_sender, call_log),
            ).handlers(),
            **WorkspaceHandlers(workspace).handlers(),
            **FaultHandlers(workspace, call_log, faults, socket_mode).handlers(),
            **PageState(workspace, call_log, faults, config.extra_handlers).handlers(),
            **config.extra_handlers,
        },
    )
    responses = ResponseUrlEndpoint(workspace, responder)
    api = WebApiEndpoint(workspace, responder, RateLimiter(config.clock, enforced=config.rate_limits))
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.on_shutdown.append(lambda _: event_sender.stop())
    app.on_shutdown.append(lambda _: socket_mode.stop())
    app.add_routes(
        [
            web.get("/api/{method}", api.handle, allow_head=False),
            web.post("/api/{method}", api.handle),
            web.get("/link/", socket_mode.handle),
            web.post("/upload/v1/{file}", UploadEndpoint(workspace, responder).handle),
            web.post("/commands/{team}/{key}", responses.handle),
            web.post("/actions/{team}/{key}", responses.handle),
            web.post("/sandbox/{name}", control.handle),
        ],
    )
    routes.add_page_routes(app)
    return app
