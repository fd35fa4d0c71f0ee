from datetime import datetime, timedelta

from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.audit_chain import START, Link
from bailiff_bot.usecases.audit import AuditLog
from tests.builders import NOW

DAY = timedelta(days=1)


class FakeAuditStore:
    """Remembers how it was called."""

    def __init__(self) -> None:
        self.asked_since: list[datetime] = []
        self.pruned: list[tuple[datetime, timedelta]] = []

    def since(self, at: datetime) -> tuple[AuditEntry, ...]:
        self.asked_since.append(at)
        return ()

    def verify(self) -> Link:
        return START

    def prune(self, now: datetime, keep_for: timedelta) -> None:
        self.pruned.append((now, keep_for))


def test_the_latest_entries_are_counted_back_from_now() -> None:
    store = FakeAuditStore()
    excerpt = AuditLog(store, timedelta(0), lambda: NOW).latest(7 * DAY)
    assert store.asked_since == [excerpt.since] == [NOW - 7 * DAY]


def test_nothing_is_removed_if_the_log_is_kept_for_ever() -> None:
    store = FakeAuditStore()
    AuditLog(store, timedelta(0), lambda: NOW).prune()
    assert store.pruned == []


def test_rows_that_are_too_old_are_removed() -> None:
    store = FakeAuditStore()
    AuditLog(store, 365 * DAY, lambda: NOW).prune()
    assert store.pruned == [(NOW, 365 * DAY)]
