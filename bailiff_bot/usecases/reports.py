"""The use cases that answer a question: `report` and `mine`."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.grants import Grant, Grants, live_grants
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.ownership import Ownership, OwnershipClaims, live_ownership
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


class OwnershipStore(Protocol):
    """Stores what was said in Slack of who owns an instance. Raises StoreError."""

    def live(self, now: datetime) -> OwnershipClaims:
        """Return what is not over."""
        ...


class Reports:
    """Reports on the latest snapshot, or on a new scan, judged by one policy and by what was said in Slack."""

    def __init__(
        self,
        snapshots: Snapshots,
        policy: Policy,
        clock: Clock,
        exemptions: ExemptionStore,
        ownership: OwnershipStore,
    ) -> None:
        self._snapshots = snapshots
        self._policy = policy
        self._clock = clock
        self._exemptions = exemptions
        self._ownership = ownership
        self._judged_latest: tuple[Snapshot, Grants, Ownership, Report] | None = None

    @property
    def has_snapshot(self) -> bool:
        """True if `report` and `mine` can answer without waiting for a scan."""
        return self._snapshots.latest is not None

    @property
    def scanned_at(self) -> datetime | None:
        """The time of the latest snapshot; None before the first."""
        latest = self._snapshots.latest
        return None if latest is None else latest.inventory.scanned_at

    @property
    def has_costs(self) -> bool:
        """True if instances have prices, as far as is known: the last report on the latest snapshot tells."""
        return self._judged_latest is not None and self._judged_latest[3].has_costs

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
        judged, grants, ownership = self._judged_latest, self.grants(), self.ownership()
        if judged is None or judged[0] is not snapshot or judged[1:3] != (grants, ownership):
            report = self._judge(snapshot, grants, ownership)
            judged = self._judged_latest = snapshot, grants, ownership, report
        return judged[3]

    def from_new_scan(self) -> tuple[Snapshot, Report]:
        """Return the snapshot of a new scan, and its report."""
        snapshot = self._snapshots.scan()
        return snapshot, self.judge(snapshot)

    def grants(self) -> Grants:
        """Return the exemptions that count now, by subject and rule. Raises StoreError."""
        now = self._clock()
        return live_grants(self._exemptions.live(now), now)

    def ownership(self) -> Ownership:
        """Return what was said of who owns an instance and counts now, by subject. Raises StoreError."""
        now = self._clock()
        return live_ownership(self._ownership.live(now), now)

    def judge(self, snapshot: Snapshot) -> Report:
        """Return the report on a snapshot by the policy and by what was said in Slack. Raises StoreError."""
        return self._judge(snapshot, self.grants(), self.ownership())

    def _judge(self, snapshot: Snapshot, grants: Grants, ownership: Ownership) -> Report:
        # As of the scan, not as of now: an instance may have been fixed since, so its age must not grow.
        return judge(snapshot, self._policy, snapshot.inventory.scanned_at, grants, ownership)

    def part(self, wanted: ReportFilter) -> ReportPart:
        """Return the part of the current report that a filter selects."""
        snapshot = self._snapshots.current()
        return select(self._report_of(snapshot), snapshot.people, wanted)

    def part_of_new_scan(self, wanted: ReportFilter) -> ReportPart:
        """Return the part of the report on a new scan that a filter selects."""
        snapshot, report = self.from_new_scan()
        return select(report, snapshot.people, wanted)

    def people(self) -> People:
        """Return the directory's answer in the latest snapshot."""
        return self._snapshots.current().people
