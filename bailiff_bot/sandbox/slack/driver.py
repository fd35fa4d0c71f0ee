"""The driver: people's hands and eyes in the local Slack, from any process, over plain HTTP."""

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
# The sandbox is on this machine, whatever proxy the environment names.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One WebSocket of the app."""

    number: int
    """Counted from 1 in the order of their opening."""
    health: str
    """live, retiring or frozen."""
    delivered: int
    """How many envelopes were sent over it."""


class Driver:
    """Drives the sandbox at an address such as "http://127.0.0.1:4321"."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def user(self, name: str) -> "UserDriver":
        """Return a person, by name or id."""
        return UserDriver(self, name)

    def calls(self, method: str | None = None) -> list[CallRecord]:
        """Return the calls the app made, oldest first: all of them, or those of one method."""
        calls = [CallRecord(**call) for call in self.request("calls")]
        return [call for call in calls if method in (None, call.method)]

    def failures(self, kind: str | None = None) -> list[Failure]:
        """Return what went wrong: late_ack, no_ack, bad_ack, no_socket, refused."""
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
    ) -> None:
        """Let the next `times` calls of a method (None: all from now on) suffer; see `faults.Fault`.

        `channel` takes a channel's id or name, or a person's, for the conversation with that person.
        """
        self.request("fault", fault=asdict(Fault(kind, method, channel, times, seconds, status, error)))

    def pending_faults(self) -> list[Fault]:
        """Return the faults that are still to strike, with the times that are left; channels by their ids."""
        return [Fault(**fault) for fault in self.request("faults")]

    def clear_faults(self) -> None:
        """Take every fault back."""
        self.request("heal")

    def inject_socket_fault(
        self, action: SocketFault, number: int | None = None, *, reason: str = "refresh_requested"
    ) -> int:
        """Do something to one connection, or to all; how many it struck."""
        struck: int = self.request("sockets", action=action, number=number, reason=reason)
        return struck

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self.request("archive", channel=channel)

    def deactivate(self, user: str) -> None:
        """Deactivate an account."""
        self.request("deactivate", user=user)

    def remove_member(self, user: str, channel: str) -> None:
        """Take somebody, or the bot, out of a channel."""
        self.request("membership", user=user, channel=channel, joins=False)

    def wait_for(self, probe: Callable[[], Found | None], timeout: float = 5.0) -> Found:
        """Look until there is something to see, and give it back; AssertionError says what was seen last."""
        deadline = time.monotonic() + timeout
        while not (found := probe()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout:g} s; last seen: {found!r}; failures: {self.failures()}")
            time.sleep(_POLL_SECONDS)
        return found

    def request(self, handler: str, **body: object) -> Any:
        """Call a control endpoint; raises Impossible for what nobody can do in Slack."""
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
    """Somebody in the workspace."""

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self._name = name

    def run_command(self, text: str, channel: str = "bailiff") -> InteractionResult:
        """Type a slash command in a channel, or to the bot; returns once it is acknowledged or failed."""
        return InteractionResult(**self._request("types", text=text, channel=channel))

    def post_message(self, text: str, channel: str, thread: RenderedMessage | str | None = None) -> RenderedMessage:
        """Say something."""
        return RenderedMessage.from_json(self._request("says", text=text, channel=channel, thread_ts=_ts(thread)))

    def visible_messages(
        self, channel: str = "bailiff", thread: RenderedMessage | str | None = None
    ) -> list[RenderedMessage]:
        """Return the messages on this person's screen, oldest first; "bailiff" is the conversation with the bot."""
        return [
            RenderedMessage.from_json(body) for body in self._request("sees", channel=channel, thread_ts=_ts(thread))
        ]

    def click(self, container: RenderedMessage | RenderedView, button: str, *, option: str = "") -> InteractionResult:
        """Click the button that says this, or has this action id; `option` is chosen from a menu."""
        view_id = container.id if isinstance(container, RenderedView) else ""
        channel, ts = ("", "") if isinstance(container, RenderedView) else (container.channel, container.ts)
        return InteractionResult(
            **self._request("clicks", view_id=view_id, channel=channel, ts=ts, wanted=button, option=option),
        )

    def view(self) -> RenderedView | None:
        """Return the modal on top of the screen, or else the App Home."""
        return self.modal() or self.home()

    def modal(self) -> RenderedView | None:
        """Return the modal on top of the screen."""
        return self._view("modal")

    def home(self) -> RenderedView | None:
        """Return the App Home."""
        return self._view("home")

    def submit_modal(self, view: RenderedView, values: Json | None = None) -> InteractionResult:
        """Fill a modal in, by action id, and send it."""
        return InteractionResult(**self._request("submits", view_id=view.id, values=values or {}))

    def close_modal(self, view: RenderedView) -> InteractionResult | None:
        """Close a modal; None when the app did not ask to be told."""
        body = self._request("closes", view_id=view.id)
        return InteractionResult(**body) if body else None

    def open_home(self) -> InteractionResult:
        """Open the App Home."""
        return InteractionResult(**self._request("opens_home"))

    def join(self, channel: str) -> None:
        """Become a member of a channel."""
        self._request("membership", channel=channel, joins=True)

    def invite_bot(self, channel: str) -> None:
        """Bring the bot into a channel."""
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
