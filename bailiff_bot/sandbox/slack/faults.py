"""Faults to order: what the next calls of a method suffer instead of, or besides, being answered."""

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
class Fault:
    """One fault, and how often it strikes."""

    kind: FaultKind
    """drop_before: the connection ends and nothing was done; drop_after: it was done, the answer is lost, and what was
    posted becomes visible after `seconds`; held: it was done, and the answer comes after `seconds`, if anybody still
    listens; late: what was posted becomes visible after `seconds`; rate_limited: 429 with `seconds` in Retry-After;
    server_error: `status`; html: a page instead of JSON; slow: `seconds` of waiting first; refuse: Slack's `error`."""
    method: str = ANY_METHOD
    """A method of the Web API, "response_url", "upload", or "*"."""
    channel: str | None = None
    """Only calls that name this channel's id."""
    times: int | None = 1
    """How many calls it strikes; None for all that come."""
    seconds: float = 0.0
    status: int = 500
    error: str = "internal_error"

    def matches(self, method: str, channel: str | None) -> bool:
        """Whether it is meant for this call."""
        return self.method in (ANY_METHOD, method) and self.channel in (None, channel)


class Faults:
    """The faults that are still to strike, in the order they were asked for."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    @property
    def pending(self) -> tuple[Fault, ...]:
        """Those that are still to strike."""
        return tuple(self._pending)

    def add(self, fault: Fault) -> None:
        """Let it strike from now on."""
        self._pending.append(fault)

    def clear(self) -> None:
        """Be well again."""
        self._pending.clear()

    def consume(self, method: str, channel: str | None) -> Fault | None:
        """Return the fault this call suffers, counted down."""
        for index, fault in enumerate(self._pending):
            if fault.matches(method, channel):
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
