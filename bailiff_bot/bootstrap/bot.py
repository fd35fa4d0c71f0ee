"""Builds the bot's process: the parts that it starts in order and stops in reverse order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from functools import partial

from bailiff_bot.bootstrap.acting import due_deletions, recovery
from bailiff_bot.bootstrap.handlers import current_instances, decisions_of, refresh_messages, register_handlers
from bailiff_bot.bootstrap.reminders import reminders
from bailiff_bot.bootstrap.services import Services, reveal
from bailiff_bot.bootstrap.slack import SlackServices
from bailiff_bot.runtime.parts import Part, announce, check_channel
from bailiff_bot.runtime.periodic import PeriodicWork, run_each
from bailiff_bot.runtime.process import BotProcess
from bailiff_bot.runtime.scheduler import Scheduler
from bailiff_bot.runtime.slots import parse_slots
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.socket_mode import SocketConnection, SocketTiming
from bailiff_bot.slack.handlers.app import build_app
from bailiff_bot.usecases.due_deletions import DueDeletions
from bailiff_bot.usecases.recovery import Recovery

LISTENER_THREADS = 8
"""Threads that acknowledge what Slack sends. Bolt's default is one pool of five threads for everything: behind five
slow answers, a sixth command would not be acknowledged in time."""
WORKER_THREADS = 8
"""Threads that answer requests."""


def periodic_work(settings: Settings, shared: Services, slack: SlackServices) -> PeriodicWork:
    """Return the work that each replica runs on every tick."""
    slots = parse_slots(settings.digest_cron, settings.timezone)
    decisions, refresh = decisions_of(settings, shared), partial(refresh_messages, slack)
    settle_actions = recovery(settings, shared, decisions, refresh)
    deletions = due_deletions(settings, shared, decisions, slack.users.asker, refresh)
    return PeriodicWork(
        digests=slack.digests,
        resume_unfinished=partial(_resume, slack, settle_actions, deletions),
        schedules=shared.store.schedules,
        clock=shared.clock,
        slots=slots if settings.channel else None,
        schedule_text=f"{settings.digest_cron} {settings.timezone}",
        until=time.fromisoformat(settings.digest_until),
        prune=shared.prune,
        remind=reminders(settings, shared, slack, current_instances(settings, shared)),
        retry_after=shared.timing.retry_digest_after,
    )


def _resume(slack: SlackServices, settle_actions: Recovery, deletions: DueDeletions) -> None:
    """Do what an earlier process began: find out and show what was done, and send what was planned."""
    run_each(
        settle_actions.run_due,
        slack.nudge_refresh.resume,
        slack.triage_posts.run_due,
        slack.notices.run_due,
        slack.deletion_posts.run_due,
        deletions.run_due,  # after all are told
        slack.owner_changes.run_due,
        slack.outbox.resume_unfinished,
    )


def bot_process(settings: Settings, shared: Services, slack: SlackServices) -> BotProcess:
    """Return the bot, ready to run. Raises SettingsError."""
    settings.require("SLACK_APP_TOKEN")
    work = periodic_work(settings, shared, slack)
    schedule = Scheduler(work.slots, work.run_due, shared.timing.tick)
    listeners = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener")
    workers = ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="worker")
    socket = _socket(settings, shared, slack, listeners, workers)
    parts = (
        Part("database", shared.open, shared.store.close),
        Part("slack", slack.users.connect),
        Part("report", shared.reports.prepare),
        Part("leases", stop=shared.leases.release_all),
        Part("listeners", stop=partial(listeners.shutdown, cancel_futures=True)),  # without acknowledgement
        Part("socket", socket.open, socket.close),
        Part("scan", shared.snapshots.start_scan),  # so that the first request gets a fresh report
        Part("outbox", stop=slack.outbox.stop),
        Part("workers", stop=workers.shutdown),
        Part("channel", partial(check_channel, slack.digests.channel if work.slots else None)),
        Part("schedule", schedule.start, schedule.stop),
        Part("announcement", lambda: announce(settings.nudges, schedule.next_slot, shared.reports.scanned_at)),
    )
    return BotProcess(parts, shared.stopping)


def _socket(
    settings: Settings,
    shared: Services,
    slack: SlackServices,
    listeners: ThreadPoolExecutor,
    workers: ThreadPoolExecutor,
) -> SocketConnection:
    """Return the connection on which Slack sends commands, clicks and events, with their handlers."""
    app = build_app(slack.client, listeners)
    register_handlers(app, settings, shared, slack, workers)
    timing = SocketTiming(shared.timing.ping_interval, shared.timing.silence_limit)
    return SocketConnection(app, reveal(settings.slack_app_token), settings.replicas, timing)
