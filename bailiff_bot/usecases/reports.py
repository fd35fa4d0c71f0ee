"""The use cases that answer a question: `report` and `mine`."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.grants import Grant, Grants, live_grants
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.report_filter import ReportFilter
from bailiff_bot.domain.report_part import ReportPart, select
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.usecases.snapshots import Snapshots


class ExemptionStore(Protocol):
    """Stores the exemptions that were granted in Slack. Raises StoreError."""

    def live(self, now: datetime) -> tuple[Grant, ...]:
        """Return the exemptions that are not over."""
        ...


class Reports:
    """Reports on the latest snapshot, or on a new scan, judged by one policy and the exemptions that count now."""

    def __init__(self, snapshots: Snapshots, policy: Policy, clock: Clock, exemptions: ExemptionStore) -> None:
        self._snapshots = snapshots
        self._policy = policy
        self._clock = clock
        self._exemptions = exemptions
        self._judged_latest: tuple[Snapshot, Grants, Report] | None = None

    @property
    def has_snapshot(self) -> bool:
        """True if `report` and `mine` can answer without waiting for a scan."""
        return self._snapshots.latest is not None

    @property
    def scanned_at(self) -> datetime | None:
        """The time of the latest snapshot; None before the first."""
        latest = self._snapshots.latest
        return None if latest is None else latest.inventory.scanned_at

    def prepare(self) -> None:
        """Build the report on the latest snapshot, if there is one, before somebody asks for it."""
        if self.has_snapshot:
            self.current()

    def after_next_scan(self, callback: Callable[[Future[Snapshot]], None]) -> None:
        """Call `callback` with the next scan when it has ended, also if it failed. It runs in another thread.

        Starts a scan if none is running.
        """
        self._snapshots.start_scan().add_done_callback(callback)

    def current_time(self) -> datetime:
        """Return the current time."""
        return self._clock()

    def current(self) -> Report:
        """Return the report on all instances, from the latest snapshot. Waits for a scan only before the first one."""
        return self._report_of(self._snapshots.current())

    def stored(self) -> Report:
        """Return the report on the latest snapshot, however old it is, or on a new scan if there is none."""
        return self._report_of(self._snapshots.latest or self._snapshots.scan())

    def latest(self) -> tuple[Snapshot, Report]:
        """Return the latest snapshot and its report."""
        snapshot = self._snapshots.current()
        return snapshot, self._report_of(snapshot)

    def _report_of(self, snapshot: Snapshot) -> Report:
        judged, grants = self._judged_latest, self.grants()
        if judged is None or judged[0] is not snapshot or judged[1] != grants:
            judged = self._judged_latest = snapshot, grants, self.judge(snapshot, grants)
        return judged[2]

    def from_new_scan(self) -> tuple[Snapshot, Report]:
        """Return the snapshot of a new scan, and its report."""
        snapshot = self._snapshots.scan()
        return snapshot, self.judge(snapshot, self.grants())

    def grants(self) -> Grants:
        """Return the exemptions that count now, by subject and rule. Raises StoreError."""
        now = self._clock()
        return live_grants(self._exemptions.live(now), now)

    def judge(self, snapshot: Snapshot, grants: Grants) -> Report:
        """Return the report on a snapshot by the policy, with these exemptions."""
        # As of the scan, not as of now: an instance may have been fixed since, so its age must not grow.
        return judge(snapshot, self._policy, snapshot.inventory.scanned_at, grants)

    def part(self, wanted: ReportFilter) -> ReportPart:
        """Return the part of the current report that a filter selects."""
        snapshot = self._snapshots.current()
        return select(self._report_of(snapshot), snapshot.people, wanted)

    def people(self) -> People:
        """Return the directory's answer in the latest snapshot."""
        return self._snapshots.current().people
