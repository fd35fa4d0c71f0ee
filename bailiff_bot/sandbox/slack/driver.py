"""Controls the local Slack from any process, over HTTP: its users, faults, connections and logs."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias, TypeVar

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallRecord, Failure
from bailiff_bot.sandbox.slack.control_client import ControlClient
from bailiff_bot.sandbox.slack.faults import ANY_METHOD, Fault, FaultKind
from bailiff_bot.sandbox.slack.interactions.result import InteractionResult
from bailiff_bot.sandbox.slack.user_driver import UserDriver

SocketFault: TypeAlias = Literal["disconnect", "reset", "end", "freeze"]
Found = TypeVar("Found")
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One WebSocket of the app."""

    number: int
    """Connections are numbered from 1, in the order in which they were opened."""
    health: str
    """live, retiring or frozen."""
    delivered: int
    """How many envelopes it was sent."""


class Driver(ControlClient):
    """Controls the sandbox at a base URL such as "http://127.0.0.1:4321"."""

    def user(self, name: str) -> UserDriver:
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
        user: str | None = None,
        times: int | None = 1,
        seconds: float = 0.0,
        status: int = 500,
        error: str = "internal_error",
        block: str | None = None,
    ) -> None:
        """Apply a fault to the next `times` calls of a method (None: to all calls); see `faults.Fault`.

        `channel` is the id or name of a channel, or of a user for the conversation with that user; `user` is the id or
        name of the user that the calls ask for; `block` is the type of a block that the calls must have.
        """
        fault = Fault(kind, method, channel, times, seconds, status, error, block, user)
        self.request("fault", fault=asdict(fault))

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

    def send_payload(self, payload: Json) -> InteractionResult:
        """Send a payload to the app: the `request` of an earlier result again, or a forged one."""
        return InteractionResult(**self.request("sends", payload=payload))

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self.request("archive", channel=channel)

    def deactivate(self, user: str) -> None:
        """Deactivate a user."""
        self.change_user(user, deactivated=True)

    def change_user(self, user: str, **changes: object) -> None:
        """Change fields of a user's fixture, such as `guest=True`."""
        self.request("changes_user", user=user, changes=changes)

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
