"""The composition root: the only place where adapters are built, from settings and nothing else."""

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
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.unknown_regions import unknown_regions
from bailiff_bot.directory.askbob import AskbobDirectory
from bailiff_bot.directory.askbob_client import AskbobClient
from bailiff_bot.directory.cached import CachedDirectory
from bailiff_bot.directory.csvfile import CsvDirectory
from bailiff_bot.directory.interface import Directory, NoDirectory
from bailiff_bot.errors import Refused, SettingsError
from bailiff_bot.leases import Turns
from bailiff_bot.outbox.sender import Courier
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.worker import Dispatcher
from bailiff_bot.runtime.periodic import Duty
from bailiff_bot.runtime.process import Bot
from bailiff_bot.runtime.schedule import slots_of
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.blocks.renderer import SlackPen
from bailiff_bot.slack.client.channels import digest_channel
from bailiff_bot.slack.client.transport import SlackCarrier
from bailiff_bot.slack.client.users import SlackRoster
from bailiff_bot.slack.client.web import call, web_client
from bailiff_bot.store.store import Store, open_store
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.reports import Bailiff, Clock
from bailiff_bot.usecases.snapshots import LOOK_BACK, Snapshot, Snapshots, developed

Progress = Callable[[int, int], None]

log = structlog.get_logger()


TIMING = Timing()
"""How long Slack takes, for all that is sent."""


@dataclass(frozen=True, slots=True)
class Core:
    """What every face of Bailiff shares: one scanner, one rule engine, one store.

    As a context it gives back the turns of this process, which may end by a signal in the midst of a scan.
    """

    bailiff: Bailiff
    snapshots: Snapshots
    store: Store
    turns: Turns
    clock: Clock
    stopping: threading.Event
    keep: timedelta
    """What is older is forgotten."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give back the turns, and close the store."""
        self.turns.give_back()
        self.store.close()

    def forget(self) -> None:
        """Take what is too old out of the store."""
        self.store.retention.prune(self.clock(), self.keep)


@dataclass(frozen=True, slots=True)
class Mouth:
    """What speaks in Slack."""

    client: WebClient
    roster: SlackRoster
    digests: Digests


def clock_of(settings: Settings) -> Clock:
    """Return the one clock that the logic goes by."""
    ahead = timedelta(seconds=settings.clock_ahead)
    return lambda: datetime.now(UTC) + ahead


def core(settings: Settings, progress: Progress = lambda _done, _total: None, *, clock: Clock | None = None) -> Core:
    """Return the use cases over AWS, the directory and the database that are configured; raises StoreError.

    `clock` is for tests; without it the machine's clock counts, as far ahead as the settings say.
    """
    if unknown := unknown_regions(settings.allowed_regions):
        # Left alone, a slip of the pen would accuse everything that runs where it was meant to run.
        raise SettingsError(f"BAILIFF_ALLOWED_REGIONS names {', '.join(unknown)}, which AWS does not have.")
    clock, stopping = clock or clock_of(settings), threading.Event()
    store = open_store(_secret(settings.database_url))
    turns = Turns(store.leases, f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}", clock)
    side = ThreadPoolExecutor(2, thread_name_prefix="snapshot")
    take = _camera(settings, store, side, clock, progress)
    fresh = timedelta(minutes=settings.fresh_minutes)
    snapshots = Snapshots(take, side, fresh, clock, store.album, turns, stopping.wait)
    return Core(
        Bailiff(snapshots, settings.policy(), clock),
        snapshots,
        store,
        turns,
        clock,
        stopping,
        timedelta(days=settings.keep_days),
    )


def _camera(
    settings: Settings, store: Store, side: ThreadPoolExecutor, clock: Clock, progress: Progress
) -> Callable[[], Snapshot]:
    """Return what takes a snapshot."""
    threads = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="scan")
    regions = None if settings.regions == ("all",) else settings.regions
    limits = Limits(deadline=settings.target_deadline, scan=settings.scan_deadline)
    scanner = AwsScanner(settings.role_arns, settings.external_id, regions, threads, limits)
    people = directory(settings)

    def take() -> Snapshot:
        listed = side.submit(people.people)
        inventory = scanner.scan(clock(), progress)
        log.info("scanned", instances=len(inventory.instances), read=len(inventory.read), unread=len(inventory.unread))
        for unread in inventory.unread:
            log.warning("not read", target=str(unread.target), reason=str(unread.reason), detail=unread.detail)
        earlier = store.album.counts(inventory.at - LOOK_BACK)
        known = listed.result()
        for gap in known.gaps:
            log.warning("the directory is incomplete: nobody is accused of being unknown to it", reason=gap)
        return developed(store.album.watch(inventory), known, earlier)

    return take


def directory(settings: Settings) -> Directory:
    """Return the directory that is configured, or the one that knows it is none."""
    if settings.askbob_url:
        settings.required("ASKBOB_CLIENT_ID", "ASKBOB_CLIENT_SECRET")
        secret = _secret(settings.askbob_client_secret)
        client = AskbobClient(settings.askbob_url, settings.askbob_client_id or "", secret)
        return CachedDirectory(AskbobDirectory(client, settings.askbob_teams))
    if settings.people_csv:
        return CsvDirectory(settings.people_csv)
    return NoDirectory()


def slack(settings: Settings, shared: Core) -> Mouth:
    """Return what speaks in Slack, after one call that tells whether the token is good and whose workspace it is."""
    settings.required("SLACK_BOT_TOKEN")
    token = _secret(settings.slack_bot_token)
    client = web_client(token, settings.slack_api_url)
    team_id = str(call(client, "auth_test")["team_id"])
    roster = SlackRoster(client, team_id, shared.clock, shared.store.people)
    carrier = SlackCarrier(web_client(token, settings.slack_api_url, patient=False))
    courier = Courier(shared.store.ledger, carrier, shared.turns.holder, shared.clock, shared.stopping.wait, TIMING)
    pen = SlackPen(ZoneInfo(settings.timezone), settings.channel)
    channel = partial(_digest_channel, client, settings.channel)
    digests = Digests(
        bailiff=shared.bailiff,
        roster=roster,
        pen=pen,
        history=shared.store.history,
        dispatcher=Dispatcher(courier, pen.last_word, partial(digest_channel, client), settings.nudges == "on"),
        turns=shared.turns,
        channel=channel,
        nudges=settings.nudges,
        remind=timedelta(days=settings.remind_days),
    )
    return Mouth(client, roster, digests)


def bot(settings: Settings, *, clock: Clock | None = None) -> Bot:
    """Return the bot, ready to run; `clock` is for tests, as in `core`."""
    settings.required("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    slots = slots_of(settings.digest_cron, settings.timezone)
    shared = core(settings, clock=clock)
    mouth = slack(settings, shared)
    duty = Duty(
        digests=mouth.digests,
        schedules=shared.store.schedules,
        clock=shared.clock,
        slots=slots if settings.channel else None,
        schedule=f"{settings.digest_cron} {settings.timezone}",
        until=time.fromisoformat(settings.digest_until),
        forget=shared.forget,
    )
    return Bot(
        client=mouth.client,
        bailiff=shared.bailiff,
        snapshots=shared.snapshots,
        roster=mouth.roster,
        duty=duty,
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
