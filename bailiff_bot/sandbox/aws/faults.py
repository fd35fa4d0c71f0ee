"""What can be made to go wrong, per account and region."""

import threading
from dataclasses import dataclass, replace
from enum import Enum


class Kind(Enum):
    """The ways a region fails."""

    DENIED = "no permission"
    DISABLED = "not enabled for the account"
    THROTTLED = "RequestLimitExceeded"
    SLOW = "answers late"
    HTML = "answers 200 with a page of HTML"
    RESET = "resets the connection"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong; None is any account, any region, any action, always."""

    kind: Kind
    region: str | None
    account: str | None = None
    action: str | None = None
    """An operation such as `StopInstances`."""
    times: int | None = None
    """How many requests it still hits."""
    seconds: float = 0
    """How late a slow one answers."""

    def hits(self, account: str, region: str, action: str) -> bool:
        """Whether a request meets it."""
        asked = ((self.account, account), (self.region, region), (self.action, action))
        return all(mine in {None, theirs} for mine, theirs in asked)


class Faults:
    """The switches; safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        with self._lock:
            self._faults.append(fault)

    def remove(self, region: str | None, account: str | None, *kinds: Kind) -> None:
        """Mend a region (None: all of them), for one account or for all; of no kinds given: every kind."""
        with self._lock:
            self._faults = [
                fault
                for fault in self._faults
                if (kinds and fault.kind not in kinds)
                or region not in {None, fault.region}
                or account not in {None, fault.account}
            ]

    def disabled(self, account: str) -> frozenset[str]:
        """List the regions that are not enabled for an account."""
        with self._lock:
            return frozenset(
                fault.region
                for fault in self._faults
                if fault.kind is Kind.DISABLED and fault.region is not None and fault.account in {None, account}
            )

    def take(self, account: str, region: str, action: str) -> dict[Kind, Fault]:
        """Tell what goes wrong with this request; faults that hit a number of times are counted down."""
        with self._lock:
            met = {fault.kind: fault for fault in self._faults if fault.hits(account, region, action)}
            self._faults = [left for fault in self._faults if (left := _after(fault, met)) is not None]
        return met


def _after(fault: Fault, met: dict[Kind, Fault]) -> Fault | None:
    if fault.times is None or met.get(fault.kind) is not fault:
        return fault
    return replace(fault, times=fault.times - 1) if fault.times > 1 else None
