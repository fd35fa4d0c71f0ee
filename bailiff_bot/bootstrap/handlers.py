"""Registers the handlers of what Slack sends, each with its use case."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from slack_bolt import App

from bailiff_bot.aws.instance_reader import InstanceReader
from bailiff_bot.bootstrap.acting import acting_facts, aws_actions, instance_updates
from bailiff_bot.bootstrap.brakes import brake_reader
from bailiff_bot.bootstrap.explain import explain
from bailiff_bot.bootstrap.services import Services
from bailiff_bot.bootstrap.slack import SlackServices
from bailiff_bot.bootstrap.triage import triage_list
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.messages.action_results import DRY_RUN
from bailiff_bot.messages.buttons import CANCEL_DELETION, END, UNDO
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.channels import name_for_readers
from bailiff_bot.slack.client.messages import message_link
from bailiff_bot.slack.client.replies import Replies
from bailiff_bot.slack.handlers import (
    actions,
    assign,
    commands,
    delegates,
    form_actions,
    home,
    keep,
    keep_all,
    stop_all,
    why,
    without_form,
)
from bailiff_bot.slack.handlers.app import register_catch_all
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.clicks import Clicks
from bailiff_bot.slack.handlers.delete import delete_action
from bailiff_bot.slack.handlers.not_mine import not_mine_action
from bailiff_bot.slack.handlers.rename import rename_action
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.slack.handlers.stop import stop_action
from bailiff_bot.usecases.acting import Acting
from bailiff_bot.usecases.administration import Administration
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.assigning import Assigning
from bailiff_bot.usecases.cancelling import Cancelling
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.deleting import Deleting, Images
from bailiff_bot.usecases.ending import Ending
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.home import Home
from bailiff_bot.usecases.keeping import Keeping
from bailiff_bot.usecases.keeping_all import KeepingAll
from bailiff_bot.usecases.not_mine import NotMine
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.owner_tagging import OwnerTagging
from bailiff_bot.usecases.renaming import Renaming
from bailiff_bot.usecases.restarting import Restarting
from bailiff_bot.usecases.stopping import Stopping
from bailiff_bot.usecases.stopping_all import StoppingAll
from bailiff_bot.usecases.undoing import Undoing


def register_handlers(
    app: App, settings: Settings, shared: Services, slack: SlackServices, workers: ThreadPoolExecutor
) -> None:
    """Register the handlers of commands, clicks and events. They work in the threads of `workers`."""
    responder = Responder(slack.client, Replies(shared.timing.slack_call), slack.users)
    background = Background(workers, responder, shared.stopping)
    store, admins = shared.store, frozenset(settings.admins)
    own_actions = OwnActions(slack.offers, store.offers, store.action_results, store.delegations, shared.clock, admins)
    answers = Answers(shared.reports, ZoneInfo(settings.timezone), own_actions, slack.users.home_url)
    link = partial(message_link, slack.client)
    explaining = explain(settings, shared, shared.reports.current, slack.users.owners, link)
    lists = ExemptionLists(answers, shared.reports, store.offers, store.action_results, admins)
    tabs = _home(settings, shared, own_actions, lists)
    commands.register(app, background, responder, answers, explaining, lists, slack.delegating, slack.braking)
    delegates.register(app, background, responder, tabs, slack.delegating)
    actions.register(app, background, responder, answers, shared.leases, slack.full_reports, slack.shared_reports)
    home.register(app, background, responder, answers, tabs)
    clicks = Clicks(background, responder, answers, tabs, lists, partial(refresh_messages, slack))
    why.register(app, clicks, explaining, shared.store.offers)
    _register_actions(app, settings, shared, slack, clicks)
    register_catch_all(app, background, responder)


def refresh_messages(slack: SlackServices, results: Sequence[ActionResult]) -> None:
    """Render again the direct messages that say something about what was done."""
    slack.nudge_refresh.refresh(results)
    for result in results:
        slack.notices.refresh(result)


def _home(settings: Settings, shared: Services, own_actions: OwnActions, lists: ExemptionLists) -> Home:
    """Return the use case of the Home tab."""
    store, zone = shared.store, ZoneInfo(settings.timezone)
    administration = Administration(
        shared.reports,
        zone,
        lists,
        triage_list(shared),
        store.offers,
        store.digest_history,
        store.audit,
        settings.offered_actions,
        brake_reader(settings, shared),
    )
    admins = frozenset(settings.admins)
    return Home(shared.reports, zone, own_actions, lists, store.delegations, administration, admins)


def _register_actions(app: App, settings: Settings, shared: Services, slack: SlackServices, clicks: Clicks) -> None:
    """Register the handlers of what can be done to an instance."""
    store, decisions = shared.store, decisions_of(settings, shared)
    forms = Forms(store.clicks, decisions)
    keeping = Keeping(decisions, forms, store.action_results, store.exemptions)
    keep.register(app, clicks, keeping)
    lasts = timedelta(days=settings.triage_days)
    disclaiming = NotMine(decisions, forms, store.action_results, settings.policy(), lasts)
    triage = name_for_readers(settings.triage_channel, "the triage channel")
    form_actions.register(app, clicks, not_mine_action(disclaiming, triage, ZoneInfo(settings.timezone)))
    acting = Acting(decisions, store.action_results, shared.clock, instance_updates(settings, shared).read)
    tagging = OwnerTagging(decisions, acting, aws_actions(settings))
    assigning = Assigning(decisions, forms, store.action_results, store.ownership, settings.policy(), tagging)
    assign.register(app, clicks, assigning, slack.triage_posts.refresh_changed)
    keep_all.register(app, clicks, KeepingAll(keeping, store.offers))
    restarting = _register_aws_actions(app, settings, shared, clicks, acting, forms)
    undoing = Undoing(decisions, store.action_results, store.exemptions, store.ownership, restarting)
    cancelling = Cancelling(decisions, store.deletions, store.action_results)
    ending = Ending(decisions, store.action_results, store.exemptions)
    without_form.register(app, clicks, {UNDO: undoing.undo, END: ending.end, CANCEL_DELETION: cancelling.cancel})


def _register_aws_actions(  # noqa: PLR0913, PLR0917 - what each of them needs
    app: App, settings: Settings, shared: Services, clicks: Clicks, acting: Acting, forms: Forms
) -> Restarting:
    """Register the handlers of what changes an instance; return what undoes a stop."""
    store, ec2, decisions = shared.store, aws_actions(settings), acting.decisions
    note = DRY_RUN if settings.actions_dry_run == "on" else ""
    triage = name_for_readers(settings.triage_channel, "the triage channel") if settings.triage_channel else ""
    stopping = Stopping(decisions, forms, acting, ec2)
    form_actions.register(app, clicks, stop_action(stopping, note))
    stop_all.register(app, clicks, StoppingAll(stopping, store.offers), note)
    renaming = Renaming(decisions, forms, acting, ec2, shared.reports.people)
    form_actions.register(app, clicks, rename_action(renaming, note))
    images = Images(ec2, store.deletions, shared.clock)
    wait = timedelta(hours=settings.delete_wait_hours)
    makes_images = settings.image_before_delete == "on"
    deleting = Deleting(decisions, forms, store.deletions, images, makes_images, bool(note), wait)
    form_actions.register(app, clicks, delete_action(deleting, ZoneInfo(settings.timezone), triage, note))
    return Restarting(decisions, acting, ec2, store.action_results)


def decisions_of(settings: Settings, shared: Services) -> Decisions:
    """Return what decides about every action."""
    store = shared.store
    return Decisions(
        enabled=settings.offered_actions,
        limits=_limits(settings),
        admins=frozenset(settings.admins),
        offers=store.offers,
        results=store.action_results,
        delegations=store.delegations,
        audit=store.audit,
        current=current_instances(settings, shared),
        clock=shared.clock,
        facts=acting_facts(settings, shared),
        schedule_tags=settings.schedule_tags,
    )


def _limits(settings: Settings) -> ActionLimits:
    return ActionLimits(
        ZoneInfo(settings.timezone),
        settings.max_exemption_days,
        settings.owner_settled,
        not_identifiers=settings.policy().not_identifiers,
    )


def current_instances(settings: Settings, shared: Services) -> CurrentInstances:
    """Return what reads instances again."""
    reader = InstanceReader(settings.role_arns, settings.external_id)
    return CurrentInstances(reader, shared.directory, shared.reports, shared.snapshots)
