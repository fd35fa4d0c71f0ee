"""The local Slack as one thing to start and stop: a server in a thread of its own."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import replace
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.slack.application import Setup, application
from bailiff_bot.sandbox.slack.base_types import MANIFEST_SCOPES, Clock, Installation
from bailiff_bot.sandbox.slack.driver import Driver
from bailiff_bot.sandbox.slack.interactions.result import Act
from bailiff_bot.sandbox.slack.socket_mode.events import RETRY_SECONDS

_SECONDS = 10.0
"""After which starting or stopping has failed."""
_GOODBYE_SECONDS = 0.5
"""What requests under way may still take."""
Result = TypeVar("Result")


class SlackSandbox:
    """A Slack workspace on 127.0.0.1, for as long as the `with` block lasts."""

    def __init__(  # noqa: PLR0913 - each says one thing about the workspace, by name
        self,
        *,
        clock: Clock = time.time,
        members: Iterable[fixtures.Member] = fixtures.MEMBERS,
        channels: Iterable[fixtures.Channel] = fixtures.CHANNELS,
        membership: Mapping[str, Iterable[str]] | None = None,
        installation: Installation | None = None,
        bot_scopes: Iterable[str] = MANIFEST_SCOPES,
        rate_limits: bool = False,
        ack_seconds: float = 3.0,
        event_retry_seconds: Iterable[float] = RETRY_SECONDS,
        acts: Mapping[str, Act] | None = None,
        port: int = 0,
    ) -> None:
        """Describe the workspace; `start` opens it.

        `clock` gives the time of messages, expiries and rate limits; waiting for an acknowledgement (`ack_seconds`) and
        sending an event again (`event_retry_seconds`) take real time. `membership` holds user ids by channel name;
        `acts` are added to those of the control endpoint.
        """
        self.installation = replace(installation or Installation(), bot_scopes=frozenset(bot_scopes))
        self._setup = Setup(
            self.installation,
            clock,
            members,
            channels,
            membership or {},
            rate_limits,
            ack_seconds,
            tuple(event_retry_seconds),
            acts or {},
        )
        self._wanted_port = port
        self._thread: _Thread | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        """What slack_sdk calls `base_url`."""
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
        """A driver for this process; others make their own from `url`."""
        return Driver(self.url)

    def start(self) -> Self:
        """Open the workspace; it can be called when this returns."""
        self._thread = _Thread()
        port = self._thread.do(self._thread.open(application(self._setup), self._wanted_port))
        self.url = f"http://127.0.0.1:{port}"
        return self

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._thread is not None:
            self._thread.end()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Thread:
    """A thread with an event loop, in which the server runs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = Thread(target=self._loop.run_forever, name="slack-sandbox", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[None, None, Result]) -> Result:
        """Run something in the thread and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def open(self, app: web.Application, port: int) -> int:
        """Serve on a port, 0 for any that is free; which one it is."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GOODBYE_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return int(self._runner.addresses[0][1])

    def end(self) -> None:
        """Stop serving, then the loop, then the thread."""
        if self._runner is not None:
            self.do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()
