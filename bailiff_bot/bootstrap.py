"""The composition root: builds every adapter, from the settings, and does nothing else."""

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Self
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from pydantic import SecretStr
from slack_sdk import WebClient

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.scanner import AwsScanner, Progress
from bailiff_bot.aws.unknown_regions import unknown_regions
from bailiff_bot.directory.askbob import AskbobDirectory
from bailiff_bot.directory.askbob_client import AskbobClient
from bailiff_bot.directory.cached import CachedDirectory
from bailiff_bot.directory.csvfile import CsvDirectory
from bailiff_bot.directory.interface import Directory, NoDirectory
from bailiff_bot.domain.snapshot import COMPARE_WITHIN, Snapshot, with_plausibility
from bailiff_bot.errors import Refused, SettingsError
from bailiff_bot.leases import Leases
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.runtime.periodic import PeriodicWork
from bailiff_bot.runtime.process import BotProcess
from bailiff_bot.runtime.schedule import parse_slots
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.blocks.renderer import SlackMessageRenderer
from bailiff_bot.slack.client.channels import digest_channel, name_for_readers
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.users import SlackUsers
from bailiff_bot.slack.client.web import call, web_client
from bailiff_bot.store.store import Store, open_store
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.reports import Clock, Reports
from bailiff_bot.usecases.snapshots import Snapshots

log = structlog.get_logger()

TIMING = Timing()
"""The timing of the outbox."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services that the bot and every command share.

    As a context manager it releases the leases of this process, which a signal may end during a scan.
    """

    reports: Reports
    snapshots: Snapshots
    store: Store
    leases: Leases
    clock: Clock
    stopping: threading.Event
    keep_for: timedelta
    """Older data is deleted."""

    def __enter__(self) -> Self:
        """Return the services."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release all leases, and close the store."""
        self.leases.release_all()
        self.store.close()

    def prune(self) -> None:
        """Delete old data from the store."""
        self.store.retention.prune(self.clock(), self.keep_for)


@dataclass(frozen=True, slots=True)
class SlackServices:
    """The services that need Slack."""

    client: WebClient
    users: SlackUsers
    digests: Digests


def clock_of(settings: Settings) -> Clock:
    """Return the clock, in UTC, that all code uses: the machine's clock plus an offset from the settings."""
    offset = timedelta(seconds=settings.clock_ahead)
    return lambda: datetime.now(UTC) + offset


def services(
    settings: Settings, progress: Progress = lambda _done, _total: None, *, clock: Clock | None = None
) -> Services:
    """Return the shared services for the AWS accounts, the directory and the database of the settings.

    `clock` is for tests; the default is `clock_of(settings)`. Raises SettingsError and StoreError.
    """
    if unknown := unknown_regions(settings.allowed_regions):
        # A typo would report every instance in the region that was meant.
        raise SettingsError(f"BAILIFF_ALLOWED_REGIONS names {', '.join(unknown)}, which AWS does not have.")
    clock, stopping = clock or clock_of(settings), threading.Event()
    store = open_store(_secret(settings.database_url))
    leases = Leases(store.leases, f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}", clock)
    executor = ThreadPoolExecutor(2, thread_name_prefix="snapshot")
    take_snapshot = _snapshot_taker(settings, store, executor, clock, progress)
    fresh_for = timedelta(minutes=settings.fresh_minutes)
    snapshots = Snapshots(take_snapshot, executor, fresh_for, clock, store.snapshots, leases, stopping.wait)
    return Services(
        Reports(snapshots, settings.policy(), clock),
        snapshots,
        store,
        leases,
        clock,
        stopping,
        timedelta(days=settings.keep_days),
    )


def _snapshot_taker(
    settings: Settings, store: Store, executor: ThreadPoolExecutor, clock: Clock, progress: Progress
) -> Callable[[], Snapshot]:
    """Return the function that takes a snapshot: it scans AWS while a thread reads the directory."""
    threads = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="scan")
    regions = None if settings.regions == ("all",) else settings.regions
    limits = Limits(target_deadline=settings.target_deadline, scan_deadline=settings.scan_deadline)
    scanner = AwsScanner(settings.role_arns, settings.external_id, regions, threads, limits)
    directory = people_directory(settings)

    def take_snapshot() -> Snapshot:
        future_people = executor.submit(directory.people)
        inventory = scanner.scan(clock(), progress)
        log.info(
            "scan.finished", instances=len(inventory.instances), read=len(inventory.read), unread=len(inventory.unread)
        )
        for unread in inventory.unread:
            log.warning("target.unread", target=str(unread.target), reason=str(unread.reason), detail=unread.detail)
        earlier_counts = store.snapshots.counts(inventory.scanned_at - COMPARE_WITHIN)
        people = future_people.result()
        for gap in people.gaps:
            log.warning("directory.incomplete", reason=gap)
        return with_plausibility(store.snapshots.record_stop_times(inventory), people, earlier_counts)

    return take_snapshot


def people_directory(settings: Settings) -> Directory:
    """Return the configured directory: Askbob, a CSV file, or `NoDirectory` if there is none."""
    if settings.askbob_url:
        settings.require("ASKBOB_CLIENT_ID", "ASKBOB_CLIENT_SECRET")
        secret = _secret(settings.askbob_client_secret)
        client = AskbobClient(settings.askbob_url, settings.askbob_client_id or "", secret)
        return CachedDirectory(AskbobDirectory(client, settings.askbob_teams))
    if settings.people_csv:
        return CsvDirectory(settings.people_csv)
    return NoDirectory()


def slack_services(settings: Settings, shared: Services) -> SlackServices:
    """Return the Slack services. Calls Slack once, to check the token and to learn the workspace; raises SlackError."""
    settings.require("SLACK_BOT_TOKEN")
    token = _secret(settings.slack_bot_token)
    client = web_client(token, settings.slack_api_url)
    team_id = str(call(client, "auth_test")["team_id"])
    users = SlackUsers(client, team_id, shared.clock, shared.store.users)
    transport = SlackTransport(web_client(token, settings.slack_api_url, retry_rate_limits=False))
    sender = OutboxSender(
        shared.store.deliveries, transport, shared.leases.holder, shared.clock, shared.stopping.wait, TIMING
    )
    renderer = SlackMessageRenderer(ZoneInfo(settings.timezone), name_for_readers(settings.channel))
    channel = partial(_digest_channel, client, settings.channel)
    digests = Digests(
        reports=shared.reports,
        owner_lookup=users,
        renderer=renderer,
        history=shared.store.digest_history,
        worker=OutboxWorker(sender, renderer.finalize, partial(digest_channel, client), settings.nudges == "on"),
        leases=shared.leases,
        channel=channel,
        nudges=settings.nudges,
        remind_after=timedelta(days=settings.remind_days),
    )
    return SlackServices(client, users, digests)


def bot_process(settings: Settings, *, clock: Clock | None = None) -> BotProcess:
    """Return the bot, ready to run; `clock` is for tests, as in `services`."""
    settings.require("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    slots = parse_slots(settings.digest_cron, settings.timezone)
    shared = services(settings, clock=clock)
    slack = slack_services(settings, shared)
    periodic_work = PeriodicWork(
        digests=slack.digests,
        schedules=shared.store.schedules,
        clock=shared.clock,
        slots=slots if settings.channel else None,
        schedule_text=f"{settings.digest_cron} {settings.timezone}",
        until=time.fromisoformat(settings.digest_until),
        prune=shared.prune,
    )
    return BotProcess(
        client=slack.client,
        reports=shared.reports,
        snapshots=shared.snapshots,
        users=slack.users,
        periodic_work=periodic_work,
        app_token=_secret(settings.slack_app_token),
        replicas=settings.replicas,
        stopping=shared.stopping,
        zone=ZoneInfo(settings.timezone),
    )


def _digest_channel(client: WebClient, channel: str | None) -> str:
    if not channel:
        raise Refused("BAILIFF_CHANNEL is not set: it should name the digest's channel", "no_channel")
    return digest_channel(client, channel)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
