"""The composition root: the only place where adapters are built, from settings and nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from pydantic import SecretStr

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.known import unknown_regions
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.bot import Bot
from bailiff_bot.directory.askbob import AskbobDirectory
from bailiff_bot.directory.askbob_http import AskbobClient
from bailiff_bot.directory.cached import CachedDirectory
from bailiff_bot.directory.csvfile import CsvDirectory
from bailiff_bot.directory.interface import Directory, NoDirectory
from bailiff_bot.errors import SettingsError
from bailiff_bot.schedule import slots_of
from bailiff_bot.service import Bailiff
from bailiff_bot.settings import Settings
from bailiff_bot.slack.messenger import SlackMessenger
from bailiff_bot.slack.people import SlackRoster
from bailiff_bot.slack.web import call, web_client
from bailiff_bot.snapshots import Snapshot, Snapshots

Progress = Callable[[int, int], None]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Core:
    """What every face of Bailiff shares: one scanner, one rule engine."""

    bailiff: Bailiff
    snapshots: Snapshots


@dataclass(frozen=True, slots=True)
class Mouth:
    """What speaks in Slack."""

    roster: SlackRoster
    messenger: SlackMessenger


def now() -> datetime:
    """Return the instant: the one clock that the logic goes by."""
    return datetime.now(UTC)


def core(settings: Settings, progress: Progress = lambda _done, _total: None) -> Core:
    """Return the use cases over AWS and the directory that are configured."""
    if unknown := unknown_regions(settings.allowed_regions):
        # Left alone, a slip of the pen would accuse everything that runs where it was meant to run.
        raise SettingsError(f"BAILIFF_ALLOWED_REGIONS names {', '.join(unknown)}, which AWS does not have.")
    threads = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="scan")
    regions = None if settings.regions == ("all",) else settings.regions
    limits = Limits(deadline=settings.target_deadline, scan=settings.scan_deadline)
    scanner = AwsScanner(settings.role_arns, settings.external_id, regions, threads, limits)
    people = directory(settings)

    def take() -> Snapshot:
        try:
            return look()
        except Exception:
            log.exception("the scan failed, for a reason unforeseen")
            raise

    def look() -> Snapshot:
        listed = side.submit(people.people)
        inventory = scanner.scan(now(), progress)
        log.info("scanned", instances=len(inventory.instances), read=len(inventory.read), unread=len(inventory.unread))
        for unread in inventory.unread:
            log.warning("not read", target=str(unread.target), reason=str(unread.reason), detail=unread.detail)
        return Snapshot(inventory, listed.result())

    side = ThreadPoolExecutor(2, thread_name_prefix="snapshot")
    snapshots = Snapshots(take, side, timedelta(minutes=settings.fresh_minutes), now)
    return Core(Bailiff(snapshots, settings.policy(), now), snapshots)


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


def slack(settings: Settings) -> Mouth:
    """Return what speaks in Slack, after one call that tells whether the token is good and whose workspace it is."""
    settings.required("SLACK_BOT_TOKEN")
    client = web_client(_secret(settings.slack_bot_token), settings.slack_api_url)
    team_id = str(call(client, "auth_test")["team_id"])
    messenger = SlackMessenger(client, settings.channel, ZoneInfo(settings.timezone), now)
    return Mouth(SlackRoster(client, team_id, now), messenger)


def bot(settings: Settings) -> Bot:
    """Return the bot, ready to run."""
    settings.required("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    slots = slots_of(settings.digest_cron, settings.timezone)
    shared, mouth = core(settings), slack(settings)
    return Bot(
        bailiff=shared.bailiff,
        snapshots=shared.snapshots,
        roster=mouth.roster,
        messenger=mouth.messenger,
        app_token=_secret(settings.slack_app_token),
        slots=slots if settings.channel else None,
        nudges=settings.nudges,
    )


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
