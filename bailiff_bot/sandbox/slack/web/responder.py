"""Answering a request, through whatever fault was ordered for it, and writing it down."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallRecord, Journal
from bailiff_bot.sandbox.slack.faults import Fault, Faults
from bailiff_bot.sandbox.slack.web.response import DROPPED, Answer, rate_limited
from bailiff_bot.sandbox.slack.workspace import Workspace

_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Server error.</body></html>"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests are answered."""

    workspace: Workspace
    faults: Faults
    journal: Journal

    async def serve(
        self,
        request: web.Request,
        method: str,
        arguments: Json,
        perform: Callable[[float], Answer],
    ) -> web.StreamResponse:
        """Answer by `perform`, which is told how many seconds what it posts stays invisible."""
        began, at = asyncio.get_running_loop().time(), self.journal.clock()
        fault = self.faults.take(method, self._channel(arguments))
        answer = await _suffered(fault, perform) if fault else perform(0.0)
        took = asyncio.get_running_loop().time() - began
        body = answer.body if isinstance(answer.body, dict) else {"text": answer.body}
        kept = {name: value for name, value in arguments.items() if name != "token"}
        self.journal.called(CallRecord(method, kept, answer.status, body, at, took))
        return hang_up(request) if answer.status == DROPPED else answer.respond()

    def _channel(self, arguments: Json) -> str | None:
        return self.workspace.address(str(arguments.get("channel") or arguments.get("channel_id")))


async def _suffered(fault: Fault, perform: Callable[[float], Answer]) -> Answer:
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return perform(0.0)
    if fault.kind == "late":
        return perform(fault.seconds)
    if fault.kind == "held":
        answer = perform(0.0)
        await asyncio.sleep(fault.seconds)
        return answer
    if fault.kind == "drop_after":
        perform(fault.seconds)
    return _instead(fault)


def _instead(fault: Fault) -> Answer:
    match fault.kind:
        case "rate_limited":
            return rate_limited(fault.seconds)
        case "server_error":
            return Answer({"ok": False, "error": "internal_error"}, fault.status)
        case "html":
            return Answer(_PAGE, 503)
        case "refuse":
            return Answer({"ok": False, "error": fault.error})
        case _:
            return Answer({}, DROPPED)


def hang_up(request: web.Request) -> web.StreamResponse:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
