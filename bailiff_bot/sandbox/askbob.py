"""A local Askbob: it serves the three calls of its API from the fixtures' directory, and can simulate failures."""

import json
import re
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from bailiff_bot.sandbox.fixtures import DIRECTORY, DirectoryEntryFixture

CLIENT_ID = "bailiff"
CLIENT_SECRET = "sandbox-secret-of-no-use-elsewhere"  # noqa: S105 - the sandbox's
SIGN_IN_PAGE = "<!DOCTYPE html><html><body>Please sign in to the network.</body></html>"
_TEAM_PEOPLE = re.compile(r"/api/v2/teams/(\d+)/people")


@dataclass(frozen=True, slots=True)
class AskbobCall:
    """A received request."""

    method: str
    path: str
    has_bearer_token: bool
    """True if the Authorization header has a token."""
    has_query_token: bool
    """True if the URL has a token, which Askbob does not allow."""


@dataclass(frozen=True, slots=True)
class AskbobResponse:
    """The response to a request."""

    status: int = 200
    body: str = ""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    dropped: bool = False
    """True: the connection ends without a response."""


@dataclass(frozen=True, slots=True)
class StubbedResponse:
    """A canned response, sent instead of the real one."""

    path: str
    """A regular expression that must match the whole path."""
    response: AskbobResponse
    times: int | None = None
    """How many more requests get this response; None: all requests."""


@dataclass(slots=True)
class _AskbobState:
    """The state that the request threads and the methods of `AskbobSandbox` share."""

    entries: tuple[DirectoryEntryFixture, ...]
    calls: list[AskbobCall] = field(default_factory=list)
    stubs: list[StubbedResponse] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    delay: float = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def teams(self) -> list[str]:
        return list(dict.fromkeys(entry.team for entry in self.entries))

    def next_stub(self, path: str) -> AskbobResponse | None:
        """Return the stubbed response for a path, or None; count the stub down."""
        with self.lock:
            for index, stub in enumerate(self.stubs):
                if re.fullmatch(stub.path, path):
                    self._count_down(index, stub)
                    return stub.response
        return None

    def _count_down(self, index: int, stub: StubbedResponse) -> None:
        if stub.times == 1:
            del self.stubs[index]
        elif stub.times is not None:
            self.stubs[index] = replace(stub, times=stub.times - 1)


class AskbobSandbox:
    """A context manager that runs Askbob on 127.0.0.1.

    Arguments: the rows of its directory.
    """

    client_id = CLIENT_ID
    client_secret = CLIENT_SECRET

    def __init__(self, entries: Iterable[DirectoryEntryFixture] = DIRECTORY) -> None:
        self._state = _AskbobState(tuple(entries))
        self.url = ""
        """The base URL; empty before the context is entered."""

    def __enter__(self) -> Self:
        """Start the server."""
        self._server = _AskbobServer(("127.0.0.1", 0), _AskbobHandler)
        self._server.state = self._state
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="askbob", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self._state.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def environment(self) -> dict[str, str]:
        """Return the environment variables that connect a bot process to it."""
        return {"ASKBOB_URL": self.url, "ASKBOB_CLIENT_ID": CLIENT_ID, "ASKBOB_CLIENT_SECRET": CLIENT_SECRET}

    @property
    def calls(self) -> tuple[AskbobCall, ...]:
        """Every request received so far, oldest first."""
        return tuple(self._state.calls)

    def stub_response(self, path: str, response: AskbobResponse, times: int | None = None) -> None:
        """Send this response for the paths that match a regular expression; the latest stub has priority."""
        with self._state.lock:
            self._state.stubs.insert(0, StubbedResponse(path, response, times))

    @property
    def tokens(self) -> frozenset[str]:
        """Every valid token."""
        return frozenset(self._state.tokens)

    def stub_body(self, path: str, body: str) -> None:
        """Respond with 200 and this body on the matching paths."""
        self.stub_response(path, AskbobResponse(body=body))

    def stub_status(self, path: str, status: int, times: int | None = None) -> None:
        """Respond with an HTTP status and an empty JSON object on the matching paths."""
        self.stub_response(path, AskbobResponse(status, "{}"), times)

    def fail_team(self, code_name: str) -> None:
        """Respond with 500 for one team."""
        self.stub_status(self._people_path(code_name), 500)

    def stub_team_body(self, code_name: str, body: str) -> None:
        """Respond with this body for one team."""
        self.stub_body(self._people_path(code_name), body)

    def stub_unavailable(self) -> None:
        """Respond with 503 to every request."""
        self.stub_status(".*", 503)

    def stub_html(self, path: str = ".*") -> None:
        """Respond with 200 and an HTML page."""
        self.stub_response(path, AskbobResponse(body=SIGN_IN_PAGE, content_type="text/html"))

    def stub_rate_limit(self, times: int, retry_after: int = 0, path: str = ".*") -> None:
        """Respond with 429 and `Retry-After` in seconds."""
        self.stub_response(path, AskbobResponse(429, "{}", headers=(("Retry-After", str(retry_after)),)), times)

    def stub_dropped_connection(self, times: int, path: str = ".*") -> None:
        """Read the request, then end the connection without a response."""
        self.stub_response(path, AskbobResponse(dropped=True), times)

    def stub_redirect(self, location: str, path: str = "/api/.*") -> None:
        """Respond with 302 to another URL."""
        self.stub_response(path, AskbobResponse(302, headers=(("Location", location),)))

    def delay_responses(self, seconds: float) -> None:
        """Delay every response from now on."""
        self._state.delay = seconds

    def expire_tokens(self) -> None:
        """Make every token issued so far invalid."""
        self._state.tokens.clear()

    def replace_entries(self, entries: Sequence[DirectoryEntryFixture]) -> None:
        """Replace the rows of the directory."""
        self._state.entries = tuple(entries)

    def clear_faults(self) -> None:
        """Remove all stubs and the delay."""
        self._state.stubs.clear()
        self._state.delay = 0

    def _people_path(self, code_name: str) -> str:
        return f"/api/v2/teams/{self._state.teams.index(code_name) + 1}/people"


class _AskbobServer(ThreadingHTTPServer):
    """A server that gives its requests access to the sandbox's state."""

    state: _AskbobState


class _AskbobHandler(BaseHTTPRequestHandler):
    """Handles one request."""

    server: _AskbobServer

    def do_GET(self) -> None:
        """Return the teams, or the people of a team."""
        self._handle()

    def do_POST(self) -> None:
        """Issue a token."""
        self._handle()

    def log_message(self, *_: Any) -> None:
        """Log nothing: the sandbox records the calls."""

    def _handle(self) -> None:
        state, url = self.server.state, urlsplit(self.path)
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        bearer = self.headers.get("Authorization", "").startswith("Bearer ")
        query_token = "access_token" in parse_qs(url.query)
        state.calls.append(AskbobCall(self.command, url.path, bearer, query_token))
        state.stopping.wait(state.delay)
        self._send(state.next_stub(url.path) or self._real_response(url.path, form, has_query_token=query_token))

    def _real_response(self, path: str, form: dict[str, list[str]], *, has_query_token: bool) -> AskbobResponse:
        if has_query_token:
            return _error_response(
                400, "invalid_request", "A token does not belong into a URL: send Authorization: Bearer."
            )
        if (self.command, path) == ("POST", "/oauth/token"):
            return _token_response(self.server.state, form)
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.server.state.tokens:
            return _error_response(401, "invalid_token", "The access token is missing, unknown or expired.")
        return _directory_response(self.server.state, path)

    def _send(self, response: AskbobResponse) -> None:
        self.close_connection = True
        if response.dropped:
            return
        body = response.body.encode()
        self.send_response(response.status)
        for name, value in (*response.headers, ("Content-Type", response.content_type), ("Content-Length", len(body))):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


def _token_response(state: _AskbobState, form: dict[str, list[str]]) -> AskbobResponse:
    if form.get("grant_type") != ["client_credentials"]:
        return _error_response(400, "unsupported_grant_type", "Only client_credentials is supported.")
    if (form.get("client_id"), form.get("client_secret")) != ([CLIENT_ID], [CLIENT_SECRET]):
        return _error_response(401, "invalid_client", "Client authentication failed.")
    token = secrets.token_urlsafe(24)
    state.tokens.add(token)
    return _json_response({"access_token": token, "token_type": "bearer", "expires_in": 7200})


def _directory_response(state: _AskbobState, path: str) -> AskbobResponse:
    if path == "/api/v2/teams":
        return _json_response(
            {"data": [{"id": number, "code_name": name} for number, name in enumerate(state.teams, 1)]}
        )
    match = _TEAM_PEOPLE.fullmatch(path)
    if match is None or not 1 <= int(match[1]) <= len(state.teams):
        return _error_response(404, "not_found", "There is nothing here.")
    team = state.teams[int(match[1]) - 1]
    rows = [{"trigram": row.trigram, "email": row.email} for row in state.entries if row.team == team]
    return _json_response({"data": rows})


def _json_response(value: dict[str, Any]) -> AskbobResponse:
    return AskbobResponse(body=json.dumps(value))


def _error_response(status: int, error: str, description: str) -> AskbobResponse:
    return AskbobResponse(status, json.dumps({"error": error, "error_description": description}))
