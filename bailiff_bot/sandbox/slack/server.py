"""Starts and stops the local Slack: a server in its own thread."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import replace
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack.application import SlackConfig, build_application
from bailiff_bot.sandbox.slack.base_types import MANIFEST_SCOPES, Clock, Installation
from bailiff_bot.sandbox.slack.driver import Driver
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler
from bailiff_bot.sandbox.slack.socket_mode.events import RETRY_SECONDS

_START_STOP_SECONDS = 10.0
"""The timeout for a start or a stop."""
_SHUTDOWN_SECONDS = 0.5
"""How long running requests may still take at a stop."""
Result = TypeVar("Result")


class SlackSandbox:
    """A context manager that runs a Slack workspace on 127.0.0.1."""

    def __init__(  # noqa: PLR0913 - keyword arguments that configure the workspace
        self,
        *,
        clock: Clock = time.time,
        users: Iterable[fixtures.UserFixture] = fixtures.USERS,
        channels: Iterable[fixtures.ChannelFixture] = fixtures.CHANNELS,
        membership: Mapping[str, Iterable[str]] | None = None,
        installation: Installation | None = None,
        bot_scopes: Iterable[str] = MANIFEST_SCOPES,
        rate_limits: bool = False,
        ack_seconds: float = 3.0,
        event_retry_seconds: Iterable[float] = RETRY_SECONDS,
        extra_handlers: Mapping[str, ControlHandler] | None = None,
        port: int = 0,
    ) -> None:
        """Configure the workspace; `start` starts it.

        `clock` returns the time for messages, expiries and rate limits. The wait for an acknowledgement (`ack_seconds`)
        and the delay before an event is sent again (`event_retry_seconds`) use real time. `membership` maps channel
        names to user ids. `extra_handlers` are added to the control endpoint.
        """
        self.installation = replace(installation or Installation(), bot_scopes=frozenset(bot_scopes))
        self._config = SlackConfig(
            self.installation,
            clock,
            users,
            channels,
            membership or {},
            rate_limits,
            ack_seconds,
            tuple(event_retry_seconds),
            extra_handlers or {},
        )
        self._port = port
        self._thread: _ServerThread | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        """The `base_url` for slack_sdk."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The xoxb- token."""
        return self.installation.bot_token

    @property
    def app_token(self) -> str:
        """The xapp- token."""
        return self.installation.app_token

    @property
    def driver(self) -> Driver:
        """A driver; another process creates its own with `Driver(url)`."""
        return Driver(self.url)

    def start(self) -> Self:
        """Start the server and return once it accepts requests."""
        self._thread = _ServerThread()
        port = self._thread.run(self._thread.serve(build_application(self._config), self._port))
        self.url = f"http://127.0.0.1:{port}"
        return self

    def stop(self) -> None:
        """Stop the server and its thread."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _ServerThread:
    """A thread with an event loop that runs the server."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = Thread(target=self._loop.run_forever, name="slack-sandbox", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[None, None, Result]) -> Result:
        """Run a coroutine in the thread and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_START_STOP_SECONDS)

    async def serve(self, app: web.Application, port: int) -> int:
        """Serve on a port (0: any free port) and return the port."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return int(self._runner.addresses[0][1])

    def stop(self) -> None:
        """Stop serving, then the loop, then the thread."""
        if self._runner is not None:
            self.run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_STOP_SECONDS)
        self._loop.close()
