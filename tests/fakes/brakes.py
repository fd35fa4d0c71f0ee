"""A store of the brakes in memory."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from bailiff_bot.domain.action_brakes import BrakeSwitch, Slot
from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.brake_switching import BrakeChange
from tests.fakes.delivery_store import FakeDeliveryStore


class FakeBrakeStore:
    """Keeps what was begun, the switches and their records. The notices are planned in a delivery store."""

    def __init__(self, *slots: Slot, delivery_store: FakeDeliveryStore | None = None) -> None:
        self.taken = list(slots)
        self.switches: list[BrakeSwitch] = []
        self.records: list[AuditRecord] = []
        self._delivery_store = delivery_store or FakeDeliveryStore()
        self._lock = Lock()

    def slots(self, now: datetime) -> tuple[Slot, ...]:  # noqa: ARG002 - older ones do not count anyway
        return tuple(self.taken)

    def switch(self) -> BrakeSwitch | None:
        return self.switches[-1] if self.switches else None

    def change(
        self, now: datetime, decide: Callable[[tuple[Slot, ...], BrakeSwitch | None], BrakeChange]
    ) -> BrakeChange:
        with self._lock:
            change = decide(self.slots(now), self.switch())
            self.switches += [change.switch] if change.switch else []
            self.records += [change.record] if change.record else []
            assert change.notice is None or self._delivery_store.save_plan(change.notice)
            return change
