"""Builds the bot's process: the parts that it starts in order and stops in reverse order."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from slack_bolt import App

from bailiff_bot.aws.instance_reader import InstanceReader
from bailiff_bot.bootstrap.explain import explain
from bailiff_bot.bootstrap.reminders import reminders
from bailiff_bot.bootstrap.services import Services, reveal
from bailiff_bot.bootstrap.slack import SlackServices
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.messages.buttons import END, UNDO
from bailiff_bot.runtime.parts import Part, announce, check_channel
from bailiff_bot.runtime.periodic import PeriodicWork, run_each
from bailiff_bot.runtime.process import BotProcess
from bailiff_bot.runtime.scheduler import Scheduler
from bailiff_bot.runtime.slots import parse_slots
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.channels import name_for_readers
from bailiff_bot.slack.client.messages import message_link
from bailiff_bot.slack.client.replies import Replies
from bailiff_bot.slack.client.socket_mode import SocketConnection, SocketTiming
from bailiff_bot.slack.handlers import (
    actions,
    assign,
    commands,
    delegates,
    home,
    keep,
    keep_all,
    not_mine,
    why,
    without_form,
)
from bailiff_bot.slack.handlers.app import build_app, register_catch_all
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.clicks import Clicks
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.assigning import Assigning
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ending import Ending
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.home import Home
from bailiff_bot.usecases.keeping import Keeping
from bailiff_bot.usecases.keeping_all import KeepingAll
from bailiff_bot.usecases.not_mine import NotMine
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.undoing import Undoing

LISTENER_THREADS = 8
"""Threads that acknowledge what Slack sends. Bolt's default is one pool of five threads for everything: behind five
slow answers, a sixth command would not be acknowledged in time."""
WORKER_THREADS = 8
"""Threads that answer requests."""


def periodic_work(settings: Settings, shared: Services, slack: SlackServices) -> PeriodicWork:
    """Return the work that each replica runs on every tick."""
    slots = parse_slots(settings.digest_cron, settings.timezone)
    return PeriodicWork(
        digests=slack.digests,
        resume_unfinished=partial(_resume, slack),
        schedules=shared.store.schedules,
        clock=shared.clock,
        slots=slots if settings.channel else None,
        schedule_text=f"{settings.digest_cron} {settings.timezone}",
        until=time.fromisoformat(settings.digest_until),
        prune=shared.prune,
        remind=reminders(settings, shared, slack, _current_instances(settings, shared)),
        retry_after=shared.timing.retry_digest_after,
    )


def _current_instances(settings: Settings, shared: Services) -> CurrentInstances:
    """Return what reads instances again."""
    reader = InstanceReader(settings.role_arns, settings.external_id)
    return CurrentInstances(reader, shared.directory, shared.reports, shared.snapshots)


def _resume(slack: SlackServices) -> None:
    """Do what an earlier process began: show what was done, and send what was planned."""
    run_each(
        slack.nudge_refresh.resume,
        slack.triage_posts.run_due,
        slack.notices.run_due,
        slack.outbox.resume_unfinished,
    )


def _refresh(slack: SlackServices, results: Sequence[ActionResult]) -> None:
    """Render again the direct messages that say something about what was done."""
    slack.nudge_refresh.refresh(results)
    for result in results:
        slack.notices.refresh(result)


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
    responder = Responder(slack.client, Replies(shared.timing.slack_call), slack.users)
    background = Background(workers, responder, shared.stopping)
    own_actions = OwnActions(
        slack.offers, shared.store.offers, shared.store.action_results, shared.store.delegations, shared.clock
    )
    answers = Answers(shared.reports, ZoneInfo(settings.timezone), own_actions, slack.users.home_url)
    tabs = _home(settings, shared, own_actions)
    link = partial(message_link, slack.client)
    explaining = explain(settings, shared, shared.reports.current, slack.users.owners, link)
    admins = frozenset(settings.admins)
    lists = ExemptionLists(answers, shared.reports, shared.store.offers, shared.store.action_results, admins)
    commands.register(app, background, responder, answers, explaining, lists, slack.delegating)
    delegates.register(app, background, responder, tabs, slack.delegating)
    actions.register(app, background, responder, answers, shared.leases, slack.full_reports, slack.shared_reports)
    home.register(app, background, responder, answers, tabs)
    clicks = Clicks(background, responder, answers, tabs, lists, partial(_refresh, slack))
    why.register(app, clicks, explaining, shared.store.offers)
    _register_actions(app, settings, shared, slack, clicks)
    register_catch_all(app, background, responder)
    timing = SocketTiming(shared.timing.ping_interval, shared.timing.silence_limit)
    return SocketConnection(app, reveal(settings.slack_app_token), settings.replicas, timing)


def _home(settings: Settings, shared: Services, own_actions: OwnActions) -> Home:
    """Return the use case of the Home tab."""
    store = shared.store
    return Home(
        shared.reports,
        ZoneInfo(settings.timezone),
        own_actions,
        store.offers,
        store.exemptions,
        store.digest_history,
        store.audit,
        frozenset(settings.admins),
    )


def _register_actions(app: App, settings: Settings, shared: Services, slack: SlackServices, clicks: Clicks) -> None:
    """Register the handlers of what can be done to an instance."""
    store, decisions = shared.store, _decisions(settings, shared)
    forms = Forms(store.clicks, decisions)
    keeping = Keeping(decisions, forms, store.action_results, store.exemptions)
    keep.register(app, clicks, keeping, shared.clock)
    lasts = timedelta(days=settings.triage_days)
    disclaiming = NotMine(decisions, forms, store.action_results, settings.policy(), lasts)
    not_mine.register(app, clicks, disclaiming, name_for_readers(settings.triage_channel, "the triage channel"))
    assigning = Assigning(decisions, forms, store.action_results, store.ownership, settings.policy())
    assign.register(app, clicks, assigning, slack.triage_posts.refresh_changed, shared.clock)
    keep_all.register(app, clicks, KeepingAll(keeping, store.offers), shared.clock)
    undoing = Undoing(decisions, store.action_results, store.exemptions, store.ownership)
    ending = Ending(decisions, store.action_results, store.exemptions)
    without_form.register(app, clicks, {UNDO: undoing.undo, END: ending.end})


def _decisions(settings: Settings, shared: Services) -> Decisions:
    """Return what decides about every action."""
    store = shared.store
    return Decisions(
        enabled=settings.offered_actions,
        limits=ActionLimits(ZoneInfo(settings.timezone), settings.max_exemption_days),
        admins=frozenset(settings.admins),
        offers=store.offers,
        results=store.action_results,
        delegations=store.delegations,
        audit=store.audit,
        current=_current_instances(settings, shared),
        clock=shared.clock,
    )
