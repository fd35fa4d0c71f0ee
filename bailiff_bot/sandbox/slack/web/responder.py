"""Answering a request, through whatever fault was ordered for it, and writing it down."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog, CallRecord
from bailiff_bot.sandbox.slack.faults import Fault, Faults
from bailiff_bot.sandbox.slack.web.response import DROPPED_STATUS, ApiResponse, rate_limited_response
from bailiff_bot.sandbox.slack.workspace import Workspace

_ERROR_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Server error.</body></html>"


@dataclass(frozen=True, slots=True)
class Responder:
    """Where requests are answered."""

    workspace: Workspace
    faults: Faults
    call_log: CallLog

    async def respond(
        self,
        request: web.Request,
        method: str,
        arguments: Json,
        perform: Callable[[float], ApiResponse],
    ) -> web.StreamResponse:
        """Answer by `perform`, which is told how many seconds what it posts stays invisible."""
        began, at = asyncio.get_running_loop().time(), self.call_log.clock()
        fault = self.faults.consume(method, self._channel(arguments))
        response = await _perform_with_fault(fault, perform) if fault else perform(0.0)
        took = asyncio.get_running_loop().time() - began
        body = response.body if isinstance(response.body, dict) else {"text": response.body}
        kept = {name: value for name, value in arguments.items() if name != "token"}
        self.call_log.record_call(CallRecord(method, kept, response.status, body, at, took))
        return drop_connection(request) if response.status == DROPPED_STATUS else response.to_aiohttp()

    def _channel(self, arguments: Json) -> str | None:
        return self.workspace.find_channel_id(str(arguments.get("channel") or arguments.get("channel_id")))


async def _perform_with_fault(fault: Fault, perform: Callable[[float], ApiResponse]) -> ApiResponse:
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return perform(0.0)
    if fault.kind == "late":
        return perform(fault.seconds)
    if fault.kind == "held":
        response = perform(0.0)
        await asyncio.sleep(fault.seconds)
        return response
    if fault.kind == "drop_after":
        perform(fault.seconds)
    return _fault_response(fault)


def _fault_response(fault: Fault) -> ApiResponse:
    match fault.kind:
        case "rate_limited":
            return rate_limited_response(fault.seconds)
        case "server_error":
            return ApiResponse({"ok": False, "error": "internal_error"}, fault.status)
        case "html":
            return ApiResponse(_ERROR_PAGE, 503)
        case "refuse":
            return ApiResponse({"ok": False, "error": fault.error})
        case _:
            return ApiResponse({}, DROPPED_STATUS)


def drop_connection(request: web.Request) -> web.StreamResponse:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
