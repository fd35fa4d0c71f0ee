"""What can be made to go wrong, per account and region."""

import threading
from dataclasses import dataclass, replace
from enum import Enum


class RegionFaultKind(Enum):
    """The ways a region fails."""

    DENIED = "no permission"
    DISABLED = "not enabled for the account"
    THROTTLED = "RequestLimitExceeded"
    SLOW = "answers late"
    HTML = "answers 200 with a page of HTML"
    RESET = "resets the connection"


@dataclass(frozen=True, slots=True)
class RegionFault:
    """One thing that goes wrong; None is any account, any region, any action, always."""

    kind: RegionFaultKind
    region: str | None
    account: str | None = None
    action: str | None = None
    """An operation such as `StopInstances`."""
    times: int | None = None
    """How many requests it still hits."""
    seconds: float = 0
    """How late a slow one answers."""

    def matches(self, account: str, region: str, action: str) -> bool:
        """Whether a request meets it."""
        asked = ((self.account, account), (self.region, region), (self.action, action))
        return all(mine in {None, theirs} for mine, theirs in asked)


class RegionFaults:
    """The switches; safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: list[RegionFault] = []
        self._lock = threading.Lock()

    def add(self, fault: RegionFault) -> None:
        """Let something go wrong from now on."""
        with self._lock:
            self._faults.append(fault)

    def remove(self, region: str | None, account: str | None, *kinds: RegionFaultKind) -> None:
        """Mend a region (None: all of them), for one account or for all; of no kinds given: every kind."""
        with self._lock:
            self._faults = [
                fault
                for fault in self._faults
                if (kinds and fault.kind not in kinds)
                or region not in {None, fault.region}
                or account not in {None, fault.account}
            ]

    def disabled_regions(self, account: str) -> frozenset[str]:
        """List the regions that are not enabled for an account."""
        with self._lock:
            return frozenset(
                fault.region
                for fault in self._faults
                if fault.kind is RegionFaultKind.DISABLED
                and fault.region is not None
                and fault.account in {None, account}
            )

    def consume(self, account: str, region: str, action: str) -> dict[RegionFaultKind, RegionFault]:
        """Tell what goes wrong with this request; faults that hit a number of times are counted down."""
        with self._lock:
            met = {fault.kind: fault for fault in self._faults if fault.matches(account, region, action)}
            self._faults = [left for fault in self._faults if (left := _counted_down(fault, met)) is not None]
        return met


def _counted_down(fault: RegionFault, matched: dict[RegionFaultKind, RegionFault]) -> RegionFault | None:
    if fault.times is None or matched.get(fault.kind) is not fault:
        return fault
    return replace(fault, times=fault.times - 1) if fault.times > 1 else None
