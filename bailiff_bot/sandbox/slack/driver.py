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
from bailiff_bot.sandbox.slack.interactions.result import Impossible, Outcome
from bailiff_bot.sandbox.slack.rendered import Seen, SeenView

SocketFault: TypeAlias = Literal["disconnect", "reset", "end", "freeze"]
Found = TypeVar("Found")
_LOOK_EVERY = 0.02
_PATIENCE = 60.0
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

    def user(self, name: str) -> "Person":
        """Return a person, by name or id."""
        return Person(self, name)

    def calls(self, method: str | None = None) -> list[CallRecord]:
        """Return the calls the app made, oldest first: all of them, or those of one method."""
        calls = [CallRecord(**call) for call in self.ask("calls")]
        return [call for call in calls if method in (None, call.method)]

    def failures(self, kind: str | None = None) -> list[Failure]:
        """Return what went wrong: late_ack, no_ack, bad_ack, no_socket, refused."""
        failures = [Failure(**failure) for failure in self.ask("failures")]
        return [failure for failure in failures if kind in (None, failure.kind)]

    def connections(self) -> list[ConnectionState]:
        """Return the app's open WebSockets."""
        return [ConnectionState(**state) for state in self.ask("connections")]

    def fault(  # noqa: PLR0913 - the fields of a fault, by name
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
        self.ask("fault", fault=asdict(Fault(kind, method, channel, times, seconds, status, error)))

    def faults(self) -> list[Fault]:
        """Return the faults that are still to strike, with the times that are left; channels by their ids."""
        return [Fault(**fault) for fault in self.ask("faults")]

    def heal(self) -> None:
        """Take every fault back."""
        self.ask("heal")

    def sockets(self, action: SocketFault, number: int | None = None, *, reason: str = "refresh_requested") -> int:
        """Do something to one connection, or to all; how many it struck."""
        struck: int = self.ask("sockets", action=action, number=number, reason=reason)
        return struck

    def archives(self, channel: str) -> None:
        """Archive a channel."""
        self.ask("archive", channel=channel)

    def deactivates(self, user: str) -> None:
        """Deactivate an account."""
        self.ask("deactivate", user=user)

    def removes(self, user: str, channel: str) -> None:
        """Take somebody, or the bot, out of a channel."""
        self.ask("membership", user=user, channel=channel, joins=False)

    def wait_for(self, look: Callable[[], Found | None], timeout: float = 5.0) -> Found:
        """Look until there is something to see, and give it back; AssertionError says what was seen last."""
        deadline = time.monotonic() + timeout
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout:g} s; last seen: {found!r}; failures: {self.failures()}")
            time.sleep(_LOOK_EVERY)
        return found

    def ask(self, act: str, **body: object) -> Any:
        """Call a control endpoint; raises Impossible for what nobody can do in Slack."""
        request = urllib.request.Request(  # noqa: S310 - the sandbox's own address
            f"{self._base_url}/sandbox/{act}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=_PATIENCE) as response:
                return json.load(response)["result"]
        except urllib.error.HTTPError as error:
            with error:
                raise Impossible(_reason(error)) from error


class Person:
    """Somebody in the workspace."""

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self._name = name

    def types(self, text: str, channel: str = "bailiff") -> Outcome:
        """Type a slash command in a channel, or to the bot; returns once it is acknowledged or failed."""
        return Outcome(**self._ask("types", text=text, channel=channel))

    def says(self, text: str, channel: str, thread: Seen | str | None = None) -> Seen:
        """Say something."""
        return Seen.of(self._ask("says", text=text, channel=channel, thread_ts=_ts(thread)))

    def sees(self, channel: str = "bailiff", thread: Seen | str | None = None) -> list[Seen]:
        """Return the messages on this person's screen, oldest first; "bailiff" is the conversation with the bot."""
        return [Seen.of(body) for body in self._ask("sees", channel=channel, thread_ts=_ts(thread))]

    def clicks(self, on: Seen | SeenView, button: str, *, option: str = "") -> Outcome:
        """Click the button that says this, or has this action id; `option` is chosen from a menu."""
        view_id = on.id if isinstance(on, SeenView) else ""
        channel, ts = ("", "") if isinstance(on, SeenView) else (on.channel, on.ts)
        return Outcome(
            **self._ask("clicks", view_id=view_id, channel=channel, ts=ts, wanted=button, option=option),
        )

    def view(self) -> SeenView | None:
        """Return the modal on top of the screen, or else the App Home."""
        return self.modal() or self.home()

    def modal(self) -> SeenView | None:
        """Return the modal on top of the screen."""
        return self._view("modal")

    def home(self) -> SeenView | None:
        """Return the App Home."""
        return self._view("home")

    def submits(self, view: SeenView, values: Json | None = None) -> Outcome:
        """Fill a modal in, by action id, and send it."""
        return Outcome(**self._ask("submits", view_id=view.id, values=values or {}))

    def closes(self, view: SeenView) -> Outcome | None:
        """Close a modal; None when the app did not ask to be told."""
        body = self._ask("closes", view_id=view.id)
        return Outcome(**body) if body else None

    def opens_home(self) -> Outcome:
        """Open the App Home."""
        return Outcome(**self._ask("opens_home"))

    def joins(self, channel: str) -> None:
        """Become a member of a channel."""
        self._ask("membership", channel=channel, joins=True)

    def invites_bot(self, channel: str) -> None:
        """Bring the bot into a channel."""
        self._driver.ask("invites_bot", user=self._name, channel=channel)

    def _view(self, kind: str) -> SeenView | None:
        body = self._ask("view", kind=kind)
        return SeenView.of(body) if body else None

    def _ask(self, act: str, **body: object) -> Any:
        return self._driver.ask(act, user=self._name, **body)


def _ts(thread: Seen | str | None) -> str | None:
    return thread.ts if isinstance(thread, Seen) else thread


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except ValueError:
        return f"the sandbox answered {error.code}"
