"""Responds to a request: applies the injected fault, if there is one, and records the call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog, CallRecord
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.faults import CallTarget, Fault, Faults
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.web.response import DROPPED_STATUS, ApiResponse, rate_limited_response
from bailiff_bot.sandbox.slack.workspace import Workspace

_ERROR_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Server error.</body></html>"


@dataclass(frozen=True, slots=True)
class Responder:
    """Responds to the requests of all endpoints."""

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
        """Return the response of `perform`, changed by a fault if one applies.

        `perform` gets the number of seconds for which a posted message stays invisible.
        """
        started_at, received_at = asyncio.get_running_loop().time(), self.call_log.clock()
        target = CallTarget(method, self._channel(arguments), _user(arguments), _block_types(arguments))
        fault = self.faults.consume(target)
        response = await _perform_with_fault(fault, perform) if fault else perform(0.0)
        seconds = asyncio.get_running_loop().time() - started_at
        body = response.body if isinstance(response.body, dict) else {"text": response.body}
        recorded_arguments = {name: value for name, value in arguments.items() if name != "token"}
        self.call_log.record_call(CallRecord(method, recorded_arguments, response.status, body, received_at, seconds))
        return drop_connection(request) if response.status == DROPPED_STATUS else response.to_aiohttp()

    def _channel(self, arguments: Json) -> str | None:
        return self.workspace.find_channel_id(str(arguments.get("channel") or arguments.get("channel_id")))


def _user(arguments: Json) -> str:
    return str(arguments.get("user") or arguments.get("user_id"))


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
            return ApiResponse({"ok": False, "error": fault.error, **_refused_block(fault)})
        case _:
            return ApiResponse({}, DROPPED_STATUS)


def _refused_block(fault: Fault) -> Json:
    return {"response_metadata": {"messages": [f"[ERROR] unsupported type: {fault.block}"]}} if fault.block else {}


def _block_types(arguments: Json) -> frozenset[str]:
    """Return the types of the blocks in the arguments; none if they are malformed, which the method then reports."""
    try:
        blocks = Arguments(arguments).objects("blocks", "invalid_blocks_format")
    except ApiError:
        return frozenset()
    return frozenset(str(block.get("type")) for block in blocks)


def drop_connection(request: web.Request) -> web.StreamResponse:
    """End the connection without a response."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
