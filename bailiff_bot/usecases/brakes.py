"""Reads the brakes: how much was done in AWS, and whether somebody stopped everything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes, BrakeSwitch, Slot
from bailiff_bot.domain.brake_switching import BrakeChange
from bailiff_bot.domain.clock import Clock


class BrakeStore(Protocol):
    """Stores what was begun in AWS, and the switch. Each method is one transaction and raises StoreError."""

    def slots(self, now: datetime) -> tuple[Slot, ...]:
        """Return the slots of the last 24 hours."""
        ...

    def switch(self) -> BrakeSwitch | None:
        """Return the latest switch; None if there never was one."""
        ...

    def change(
        self, now: datetime, decide: Callable[[tuple[Slot, ...], BrakeSwitch | None], BrakeChange]
    ) -> BrakeChange:
        """Save what `decide` makes of the slots and the latest switch, before another process changes them."""
        ...


@dataclass(frozen=True, slots=True)
class BrakeReader:
    """Reads what decides about further actions in AWS."""

    store: BrakeStore
    limits: BrakeLimits
    implausible: Callable[[], str]
    """Returns what is not plausible in the last scan; empty if all is."""
    clock: Clock

    def read(self) -> Brakes:
        """Return the brakes as they are now. Raises StoreError."""
        slots, switch = self.store.slots(self.clock()), self.store.switch()
        return Brakes(self.limits, slots, switch, bool(self.implausible()))
