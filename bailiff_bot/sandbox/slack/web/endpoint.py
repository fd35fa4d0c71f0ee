"""POST /api/{method}: checks token, scope, arguments and rate limit, then calls the method."""

from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Installation, Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.arguments import Arguments, read_arguments
from bailiff_bot.sandbox.slack.web.method_call import Method, MethodCall
from bailiff_bot.sandbox.slack.web.methods import METHODS
from bailiff_bot.sandbox.slack.web.rate_limiter import RateLimiter
from bailiff_bot.sandbox.slack.web.responder import Responder
from bailiff_bot.sandbox.slack.web.response import ApiResponse, rate_limited_response
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WebApiEndpoint:
    """Serves the Web API of one workspace."""

    workspace: Workspace
    responder: Responder
    rate_limiter: RateLimiter

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle one call."""
        name = request.match_info["method"]
        try:
            arguments = await read_arguments(request)
        except ApiError as error:
            response = ApiResponse(error.response_body())
            return await self.responder.respond(request, name, {}, lambda _: response)
        return await self.responder.respond(
            request, name, arguments, lambda visibility_delay: self._perform(request, name, arguments, visibility_delay)
        )

    def _perform(self, request: web.Request, name: str, arguments: Json, visibility_delay: float) -> ApiResponse:
        try:
            return self._respond(request, name, arguments, visibility_delay)
        except ApiError as error:
            return ApiResponse(error.response_body())

    def _respond(self, request: web.Request, name: str, arguments: Json, visibility_delay: float) -> ApiResponse:
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        scopes = token_scopes(method, _token(request, arguments), self.workspace.installation)
        if not method.accepts_json and request.content_type == "application/json":
            arguments = dict(request.query)
        _check_required_arguments(method, arguments)
        seconds = self.rate_limiter.seconds_to_wait(method, str(arguments.get("channel")))
        if seconds > 0:
            return rate_limited_response(seconds)
        origin = f"http://{request.host}"
        body = method.handler(MethodCall(Arguments(arguments), self.workspace, scopes, origin, visibility_delay))
        return ApiResponse({"ok": True, **body}, headers=_scope_headers(method, scopes))


def token_scopes(method: Method, token: str, installation: Installation) -> frozenset[str]:
    """Return the scopes of the token. Raises ApiError if it may not call the method."""
    if not token:
        raise ApiError("not_authed")
    kinds = {
        installation.bot_token: ("bot", installation.bot_scopes),
        installation.app_token: ("app", installation.app_scopes),
    }
    if token not in kinds:
        raise ApiError("invalid_auth")
    kind, scopes = kinds[token]
    if kind != method.token:
        raise ApiError("not_allowed_token_type")
    if method.scope is not None and method.scope not in scopes:
        raise ApiError("missing_scope", needed=method.scope, provided=",".join(sorted(scopes)))
    return scopes


def _token(request: web.Request, arguments: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else str(arguments.get("token", ""))


def _check_required_arguments(method: Method, arguments: Json) -> None:
    missing = [name for name in method.required_arguments if arguments.get(name) in (None, "")]
    if missing:
        raise ApiError("invalid_arguments", [f"missing required field: {name}" for name in missing])


def _scope_headers(method: Method, scopes: frozenset[str]) -> dict[str, str]:
    return {"x-oauth-scopes": ",".join(sorted(scopes)), "x-accepted-oauth-scopes": method.scope or ""}
