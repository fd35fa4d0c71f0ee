"""A client of the control endpoint: it acts as users of the local Slack, from any process, over HTTP."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallRecord, Failure
from bailiff_bot.sandbox.slack.faults import ANY_METHOD, Fault, FaultKind
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.rendered import RenderedMessage, RenderedView

SocketFault: TypeAlias = Literal["disconnect", "reset", "end", "freeze"]
Found = TypeVar("Found")
_POLL_SECONDS = 0.02
_TIMEOUT_SECONDS = 60.0
# No proxy: the sandbox is on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One WebSocket of the app."""

    number: int
    """Connections are numbered from 1, in the order in which they were opened."""
    health: str
    """live, retiring or frozen."""
    delivered: int
    """How many envelopes it was sent."""


class Driver:
    """Controls the sandbox at a base URL such as "http://127.0.0.1:4321"."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def user(self, name: str) -> "UserDriver":
        """Return the driver of a user, by name or id."""
        return UserDriver(self, name)

    def calls(self, method: str | None = None) -> list[CallRecord]:
        """Return the app's calls, oldest first: all, or those of one method."""
        calls = [CallRecord(**call) for call in self.request("calls")]
        return [call for call in calls if method in (None, call.method)]

    def failures(self, kind: str | None = None) -> list[Failure]:
        """Return the failures: all, or those of one kind (late_ack, no_ack, bad_ack, no_socket, refused)."""
        failures = [Failure(**failure) for failure in self.request("failures")]
        return [failure for failure in failures if kind in (None, failure.kind)]

    def connections(self) -> list[ConnectionState]:
        """Return the app's open WebSockets."""
        return [ConnectionState(**state) for state in self.request("connections")]

    def inject_fault(  # noqa: PLR0913 - the fields of a fault, by name
        self,
        kind: FaultKind,
        method: str = ANY_METHOD,
        *,
        channel: str | None = None,
        times: int | None = 1,
        seconds: float = 0.0,
        status: int = 500,
        error: str = "internal_error",
        block: str | None = None,
    ) -> None:
        """Apply a fault to the next `times` calls of a method (None: to all calls); see `faults.Fault`.

        `channel` is the id or name of a channel, or of a user for the conversation with that user. `block` is the type
        of a block that the calls must have.
        """
        self.request("fault", fault=asdict(Fault(kind, method, channel, times, seconds, status, error, block)))

    def pending_faults(self) -> list[Fault]:
        """Return the active faults, with the remaining `times`; `channel` is an id."""
        return [Fault(**fault) for fault in self.request("faults")]

    def clear_faults(self) -> None:
        """Remove every fault."""
        self.request("heal")

    def inject_socket_fault(
        self, action: SocketFault, number: int | None = None, *, reason: str = "refresh_requested"
    ) -> int:
        """Apply a fault to one connection, or to all if `number` is None; return how many it affected."""
        affected: int = self.request("sockets", action=action, number=number, reason=reason)
        return affected

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self.request("archive", channel=channel)

    def deactivate(self, user: str) -> None:
        """Deactivate a user."""
        self.request("deactivate", user=user)

    def remove_member(self, user: str, channel: str) -> None:
        """Remove a user, or the bot, from a channel."""
        self.request("membership", user=user, channel=channel, joins=False)

    def wait_for(self, probe: Callable[[], Found | None], timeout: float = 5.0) -> Found:
        """Call `probe` until it returns a true value, and return that value.

        Raises AssertionError, with the last value and the failures, after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while not (found := probe()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout:g} s; last seen: {found!r}; failures: {self.failures()}")
            time.sleep(_POLL_SECONDS)
        return found

    def request(self, handler: str, **body: object) -> Any:
        """Call a handler of the control endpoint. Raises InteractionError for what a user cannot do in Slack."""
        request = urllib.request.Request(  # noqa: S310 - the sandbox's own address
            f"{self._base_url}/sandbox/{handler}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return json.load(response)["result"]
        except urllib.error.HTTPError as error:
            with error:
                raise InteractionError(_error_message(error)) from error


class UserDriver:
    """Acts as one user of the workspace."""

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self._name = name

    def run_command(self, text: str, channel: str = "bailiff") -> InteractionResult:
        """Type a slash command in a channel, or to the bot; return once it is acknowledged or has failed."""
        return InteractionResult(**self._request("types", text=text, channel=channel))

    def post_message(self, text: str, channel: str, thread: RenderedMessage | str | None = None) -> RenderedMessage:
        """Post a message in a channel or a thread."""
        return RenderedMessage.from_json(self._request("says", text=text, channel=channel, thread_ts=_ts(thread)))

    def visible_messages(
        self, channel: str = "bailiff", thread: RenderedMessage | str | None = None
    ) -> list[RenderedMessage]:
        """Return the messages that this user sees, oldest first; "bailiff" is the conversation with the bot."""
        return [
            RenderedMessage.from_json(body) for body in self._request("sees", channel=channel, thread_ts=_ts(thread))
        ]

    def click(self, container: RenderedMessage | RenderedView, button: str, *, option: str = "") -> InteractionResult:
        """Click the button with this label or action id; `option` is the chosen option of a menu."""
        view_id = container.id if isinstance(container, RenderedView) else ""
        channel, ts = ("", "") if isinstance(container, RenderedView) else (container.channel, container.ts)
        return InteractionResult(
            **self._request("clicks", view_id=view_id, channel=channel, ts=ts, wanted=button, option=option),
        )

    def view(self) -> RenderedView | None:
        """Return the top modal if one is open, else the App Home."""
        return self.modal() or self.home()

    def modal(self) -> RenderedView | None:
        """Return the top modal, or None."""
        return self._view("modal")

    def home(self) -> RenderedView | None:
        """Return the App Home, or None before it is published."""
        return self._view("home")

    def submit_modal(self, view: RenderedView, values: Json | None = None) -> InteractionResult:
        """Fill in a modal, with values by action id, and submit it."""
        return InteractionResult(**self._request("submits", view_id=view.id, values=values or {}))

    def close_modal(self, view: RenderedView) -> InteractionResult | None:
        """Close a modal; return None if the app did not ask for a notification."""
        body = self._request("closes", view_id=view.id)
        return InteractionResult(**body) if body else None

    def open_home(self) -> InteractionResult:
        """Open the App Home."""
        return InteractionResult(**self._request("opens_home"))

    def join(self, channel: str) -> None:
        """Become a member of a channel."""
        self._request("membership", channel=channel, joins=True)

    def invite_bot(self, channel: str) -> None:
        """Add the bot to a channel."""
        self._driver.request("invites_bot", user=self._name, channel=channel)

    def _view(self, kind: str) -> RenderedView | None:
        body = self._request("view", kind=kind)
        return RenderedView.from_json(body) if body else None

    def _request(self, handler: str, **body: object) -> Any:
        return self._driver.request(handler, user=self._name, **body)


def _ts(thread: RenderedMessage | str | None) -> str | None:
    return thread.ts if isinstance(thread, RenderedMessage) else thread


def _error_message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except ValueError:
        return f"the sandbox answered {error.code}"
