"""Builds what the bot and every command share, and what needs no Slack."""

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

from pydantic import SecretStr

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.unknown_regions import check_regions
from bailiff_bot.bootstrap.enrichments import enrichments, listed_prices
from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.directory.cached import CachedDirectory
from bailiff_bot.directory.interface import Directory, NoDirectory
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.leases import Leases
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.store import Store, store_at
from bailiff_bot.usecases.audit import AuditLog
from bailiff_bot.usecases.listed_prices import ListedPrices
from bailiff_bot.usecases.owner_recording import RecordingOwners
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.saving_recording import RecordingSavings
from bailiff_bot.usecases.snapshots import Progress, Snapshots, TakeSnapshot


@dataclass(frozen=True, slots=True)
class Services:
    """What the bot and every command share. `open` opens it, and so does its use as a context manager."""

    reports: Reports
    snapshots: Snapshots
    directory: Directory
    store: Store
    audit: AuditLog
    leases: Leases
    clock: Clock
    stopping: threading.Event
    """Set to end all waiting work."""
    timing: Timing
    keep_for: timedelta
    """Older data is deleted."""
    allowed_regions: tuple[str, ...]
    prices: ListedPrices | None
    """Finds prices in AWS's list; None if prices are off."""

    def open(self) -> None:
        """Check the names of regions, then open and migrate the database. Raises SettingsError and StoreError."""
        check_regions("BAILIFF_ALLOWED_REGIONS", self.allowed_regions)
        self.store.open()

    def __enter__(self) -> Self:
        """Open the services."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Release all leases, which a signal may have left during a scan, and close the database."""
        self.leases.release_all()
        self.store.close()

    def prune(self) -> None:
        """Delete old data from the database, and what is too old for the audit log."""
        self.store.prune(self.clock(), self.keep_for)
        self.audit.prune()


def clock_of(settings: Settings) -> Clock:
    """Return the machine's clock plus an offset from the settings."""
    offset = timedelta(seconds=settings.clock_ahead)
    return lambda: datetime.now(UTC) + offset


def no_progress(_done: int, _total: int) -> None:
    """Show nothing."""


def services(
    settings: Settings, progress: Progress = no_progress, *, clock: Clock | None = None, timing: Timing | None = None
) -> Services:
    """Return the services for the AWS accounts, the directory and the database of the settings, not opened yet.

    `clock` and `timing` are for tests. Raises SettingsError and StoreError for a setting that cannot be right.
    """
    clock, timing, stopping = clock or clock_of(settings), timing or Timing(), threading.Event()
    store = store_at(reveal(settings.database_url))
    leases = Leases(store.leases, _process_name(), clock, timing.lease)
    executor = ThreadPoolExecutor(2, thread_name_prefix="snapshot")
    directory = people_directory(settings)
    policy = settings.policy()
    take: Callable[[], Snapshot]
    prices = listed_prices(settings, store, clock, stopping.wait)
    after = enrichments(settings, store, clock, prices)
    take = TakeSnapshot(_scanner(settings), directory, store.snapshots, executor, clock, progress, policy, after)
    if settings.changes_aws:
        take = RecordingOwners(take, store.owner_sightings, store.ownership, policy, clock)
    take = RecordingSavings(take, store.savings, policy)
    fresh_for = timedelta(minutes=settings.fresh_minutes)
    snapshots = Snapshots(take, executor, fresh_for, clock, store.snapshots, leases, stopping.wait)
    return Services(
        reports=Reports(snapshots, policy, clock, store.exemptions, store.ownership),
        snapshots=snapshots,
        directory=directory,
        store=store,
        audit=AuditLog(store.audit, timedelta(days=settings.audit_days), clock),
        leases=leases,
        clock=clock,
        stopping=stopping,
        timing=timing,
        keep_for=timedelta(days=settings.keep_days),
        allowed_regions=settings.allowed_regions,
        prices=prices,
    )


def _process_name() -> str:
    """Return a name that no other process has, on any machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def _scanner(settings: Settings) -> AwsScanner:
    threads = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="scan")
    regions = None if settings.regions == ("all",) else settings.regions
    limits = Limits(target_deadline=settings.target_deadline, scan_deadline=settings.scan_deadline)
    return AwsScanner(settings.role_arns, settings.external_id, regions, threads, limits)


def people_directory(settings: Settings) -> Directory:
    """Return the configured directory: Askbob, a CSV file, or `NoDirectory` if there is none."""
    if settings.askbob_url:
        from bailiff_bot.directory.askbob import AskbobDirectory  # noqa: PLC0415 - its libraries take 25 ms to import
        from bailiff_bot.directory.askbob_client import AskbobClient  # noqa: PLC0415

        settings.require("ASKBOB_CLIENT_ID", "ASKBOB_CLIENT_SECRET")
        client = AskbobClient(
            settings.askbob_url, settings.askbob_client_id or "", reveal(settings.askbob_client_secret)
        )
        return CachedDirectory(AskbobDirectory(client, settings.askbob_teams))
    if settings.people_csv:
        from bailiff_bot.directory.csvfile import CsvDirectory  # noqa: PLC0415 - as above

        return CsvDirectory(settings.people_csv)
    return NoDirectory()


def reveal(value: SecretStr | None) -> str:
    """Return the text of a secret setting; empty if it is not set."""
    return value.get_secret_value() if value else ""
