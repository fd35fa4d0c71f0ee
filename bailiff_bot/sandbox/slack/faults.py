"""Faults that can be injected into the next calls of a method."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

FaultKind: TypeAlias = Literal[
    "drop_before",
    "drop_after",
    "held",
    "late",
    "rate_limited",
    "server_error",
    "html",
    "slow",
    "refuse",
]
ANY_METHOD = "*"


@dataclass(frozen=True, slots=True)
class CallTarget:
    """What a fault can depend on in a call."""

    method: str
    channel: str | None
    user: str | None
    block_types: Collection[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and how often it applies."""

    kind: FaultKind
    """drop_before: the connection ends and the call has no effect.
    drop_after: the call has its effect, the response is lost, and a posted message becomes visible after `seconds`.
    held: the call has its effect, and the response is sent after `seconds`.
    late: a posted message becomes visible after `seconds`.
    rate_limited: 429 with `seconds` in Retry-After. server_error: HTTP `status`. html: an HTML page instead of JSON.
    slow: the call is handled after `seconds`. refuse: Slack's `error`."""
    method: str = ANY_METHOD
    """A method of the Web API, "response_url", "upload", or "*"."""
    channel: str | None = None
    """The channel id of the affected calls; None: any."""
    times: int | None = 1
    """How many more calls it affects; None: all."""
    seconds: float = 0.0
    status: int = 500
    error: str = "internal_error"
    block: str | None = None
    """The type of a block in the affected calls, as in a Slack that does not know it; None: any call."""
    user: str | None = None
    """The user id of the affected calls, such as those of users.info; None: any."""

    def matches(self, call: CallTarget) -> bool:
        """Return True if it applies to this call."""
        same_method, same_channel = self.method in (ANY_METHOD, call.method), self.channel in (None, call.channel)
        same_user, same_block = self.user in (None, call.user), self.block in (None, *call.block_types)
        return same_method and same_channel and same_user and same_block


class Faults:
    """The active faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    @property
    def pending(self) -> tuple[Fault, ...]:
        """The active faults, oldest first."""
        return tuple(self._pending)

    def add(self, fault: Fault) -> None:
        """Activate a fault."""
        self._pending.append(fault)

    def clear(self) -> None:
        """Remove every fault."""
        self._pending.clear()

    def consume(self, call: CallTarget) -> Fault | None:
        """Return the first fault that applies to this call, or None; count it down."""
        for index, fault in enumerate(self._pending):
            if fault.matches(call):
                self._count_down(index, fault)
                return fault
        return None

    def _count_down(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._pending[index] = replace(fault, times=fault.times - 1)
        else:
            del self._pending[index]
