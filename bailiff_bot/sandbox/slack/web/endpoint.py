"""POST /api/{method}: from a request to an answer, past the token, the scope, the arguments and the rate."""

from dataclasses import dataclass

from aiohttp import web

from bailiff_bot.sandbox.slack.base_types import Installation, Json
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web import arguments as sent
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.web.method_call import Call, Method
from bailiff_bot.sandbox.slack.web.methods import METHODS
from bailiff_bot.sandbox.slack.web.rate_limiter import Rates
from bailiff_bot.sandbox.slack.web.responder import Desk
from bailiff_bot.sandbox.slack.web.response import Answer, rate_limited
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WebApi:
    """The Web API over one workspace."""

    workspace: Workspace
    desk: Desk
    rates: Rates

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        try:
            given = await sent.read(request)
        except Refused as refused:
            answer = Answer(refused.answer())
            return await self.desk.serve(request, name, {}, lambda _: answer)
        return await self.desk.serve(request, name, given, lambda late: self._perform(request, name, given, late))

    def _perform(self, request: web.Request, name: str, given: Json, appears_in: float) -> Answer:
        try:
            return self._answer(request, name, given, appears_in)
        except Refused as refused:
            return Answer(refused.answer())

    def _answer(self, request: web.Request, name: str, given: Json, appears_in: float) -> Answer:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        scopes = granted(method, _token(request, given), self.workspace.installation)
        if not method.takes_json and request.content_type == "application/json":
            given = dict(request.query)
        _check_needs(method, given)
        seconds = self.rates.wait(method, str(given.get("channel")))
        if seconds > 0:
            return rate_limited(seconds)
        origin = f"http://{request.host}"
        body = method.handler(Call(Arguments(given), self.workspace, scopes, origin, appears_in))
        return Answer({"ok": True, **body}, headers=_scope_headers(method, scopes))


def granted(method: Method, token: str, installation: Installation) -> frozenset[str]:
    """Return the scopes of the token, if it may call the method."""
    if not token:
        raise Refused("not_authed")
    kinds = {
        installation.bot_token: ("bot", installation.bot_scopes),
        installation.app_token: ("app", installation.app_scopes),
    }
    if token not in kinds:
        raise Refused("invalid_auth")
    kind, scopes = kinds[token]
    if kind != method.token:
        raise Refused("not_allowed_token_type")
    if method.scope is not None and method.scope not in scopes:
        raise Refused("missing_scope", needed=method.scope, provided=",".join(sorted(scopes)))
    return scopes


def _token(request: web.Request, given: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else str(given.get("token", ""))


def _check_needs(method: Method, given: Json) -> None:
    missing = [name for name in method.needs if given.get(name) in (None, "")]
    if missing:
        raise Refused("invalid_arguments", [f"missing required field: {name}" for name in missing])


def _scope_headers(method: Method, scopes: frozenset[str]) -> dict[str, str]:
    return {"x-oauth-scopes": ",".join(sorted(scopes)), "x-accepted-oauth-scopes": method.scope or ""}
