"""The injected faults, by account and region."""

import threading
from dataclasses import dataclass, replace
from enum import Enum


class RegionFaultKind(Enum):
    """The ways a region fails."""

    DENIED = "no permission"
    DISABLED = "not enabled for the account"
    THROTTLED = "RequestLimitExceeded"
    UNAVAILABLE = "answers 500"
    SLOW = "answers late"
    HTML = "answers 200 with a page of HTML"
    RESET = "resets the connection"
    LOST = "does what it is asked, and then resets the connection"


@dataclass(frozen=True, slots=True)
class RegionFault:
    """One fault; None means any account, any region, any action, or any number of times."""

    kind: RegionFaultKind
    region: str | None
    account: str | None = None
    action: str | None = None
    """An operation such as `StopInstances`."""
    times: int | None = None
    """How many more requests it affects."""
    seconds: float = 0
    """The delay of a slow response."""

    def matches(self, account: str, region: str, action: str) -> bool:
        """Return True if it affects this request."""
        pairs = ((self.account, account), (self.region, region), (self.action, action))
        return all(own in {None, requested} for own, requested in pairs)


class RegionFaults:
    """The active faults; thread-safe."""

    def __init__(self) -> None:
        self._faults: list[RegionFault] = []
        self._lock = threading.Lock()

    def add(self, fault: RegionFault) -> None:
        """Activate a fault."""
        with self._lock:
            self._faults.append(fault)

    def remove_action(self, action: str) -> None:
        """Remove the faults that name an action."""
        with self._lock:
            self._faults = [fault for fault in self._faults if fault.action != action]

    def of_action(self, action: str) -> tuple[RegionFault, ...]:
        """Return the faults that name an action."""
        with self._lock:
            return tuple(fault for fault in self._faults if fault.action == action)

    def remove(self, region: str | None, account: str | None, *kinds: RegionFaultKind) -> None:
        """Remove the faults of a region and an account (None: all) that have one of `kinds` (none given: any kind)."""
        with self._lock:
            self._faults = [
                fault
                for fault in self._faults
                if (kinds and fault.kind not in kinds)
                or region not in {None, fault.region}
                or account not in {None, fault.account}
            ]

    def disabled_regions(self, account: str) -> frozenset[str]:
        """Return the regions that are not enabled for an account."""
        with self._lock:
            return frozenset(
                fault.region
                for fault in self._faults
                if fault.kind is RegionFaultKind.DISABLED
                and fault.region is not None
                and fault.account in {None, account}
            )

    def consume(
        self, account: str, region: str, action: str, *, is_regional: bool = True
    ) -> dict[RegionFaultKind, RegionFault]:
        """Return the faults that affect this request, by kind, and count them down.

        A request to a service that is not regional is only affected by faults that name its action.
        """
        with self._lock:
            possible = [fault for fault in self._faults if is_regional or fault.action is not None]
            matched = {fault.kind: fault for fault in possible if fault.matches(account, region, action)}
            self._faults = [left for fault in self._faults if (left := _counted_down(fault, matched)) is not None]
        return matched


def _counted_down(fault: RegionFault, matched: dict[RegionFaultKind, RegionFault]) -> RegionFault | None:
    if fault.times is None or matched.get(fault.kind) is not fault:
        return fault
    return replace(fault, times=fault.times - 1) if fault.times > 1 else None
