"""Adds up what was saved."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from bailiff_bot.domain.saving import Saving
from bailiff_bot.domain.saving_totals import SavingsTotal, month_start, saved_between, savings_total


class SavingReader(Protocol):
    """Finds what was saved. Raises StoreError."""

    def since(self, at: datetime) -> tuple[Saving, ...]:
        """Return what saved something from `at` on, also what did not last for long enough."""
        ...

    def last_scan(self) -> datetime | None:
        """Return when the last scan began that recorded savings; None before the first."""
        ...


@dataclass(frozen=True, slots=True)
class Savings:
    """Adds up what was saved."""

    store: SavingReader
    zone: tzinfo
    """The team's time zone, in which a month begins."""

    def this_month(self, now: datetime) -> SavingsTotal:
        """Return what was saved since the first of the month, or early in a month since that of the last one.

        Raises StoreError.
        """
        return self.total(month_start(now, self.zone), now)

    def total(self, since: datetime, now: datetime) -> SavingsTotal:
        """Return what was saved from a time to now. Raises StoreError."""
        return savings_total(self.store.since(since), since, now, self.store.last_scan() or now)

    def between(self, since: datetime, now: datetime) -> tuple[Saving, ...]:
        """Return the savings that count in a period, the latest first. Raises StoreError."""
        return saved_between(self.store.since(since), since, now)
