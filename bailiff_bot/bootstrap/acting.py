"""Builds what changes instances in AWS."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bailiff_bot.aws.actions.ec2_actions import AwsActions
from bailiff_bot.aws.instance_reader import InstanceReader
from bailiff_bot.bootstrap.brakes import brake_reader
from bailiff_bot.bootstrap.services import Services
from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.offered_actions import ActingAccounts
from bailiff_bot.settings.model import Settings
from bailiff_bot.usecases.acting import Acting
from bailiff_bot.usecases.acting_facts import ActingFacts
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.deleting import Images
from bailiff_bot.usecases.due_deletions import DueDeletions
from bailiff_bot.usecases.instance_updates import InstanceUpdates
from bailiff_bot.usecases.old_images import OldImages
from bailiff_bot.usecases.owner_recording import OwnerAges
from bailiff_bot.usecases.recovery import Recovery

_THREADS = 8
"""Instances that are looked at at the same time, to find out what came of an action."""


def aws_actions(settings: Settings) -> AwsActions:
    """Return what changes instances. It does no I/O until it is used."""
    return AwsActions(
        settings.action_role_arns,
        settings.delete_role_arns,
        settings.external_id,
        dry_run=settings.actions_dry_run == "on",
    )


def acting_accounts(settings: Settings) -> ActingAccounts:
    """Return the accounts in which each action is possible."""
    acting, deleting = map(_accounts, (settings.action_role_arns, settings.delete_role_arns))
    return {Action.STOP: acting, Action.RENAME: acting, Action.DELETE: deleting}


def _accounts(role_arns: Sequence[str]) -> frozenset[str]:
    return frozenset(arn.split(":")[4] for arn in role_arns)


def acting_facts(settings: Settings, shared: Services) -> ActingFacts:
    """Return what reads what only actions in AWS need."""
    store = shared.store
    return ActingFacts(aws_actions(settings), OwnerAges(store.owner_sightings), brake_reader(settings, shared))


def instance_updates(settings: Settings, shared: Services) -> InstanceUpdates:
    """Return what reads instances again after something was done to them."""
    reader = InstanceReader(settings.role_arns, settings.external_id)
    return InstanceUpdates(reader, shared.store.snapshots, shared.clock)


def due_deletions(
    settings: Settings,
    shared: Services,
    decisions: Decisions,
    asker: Callable[[str], Asker],
    refresh: Callable[[Sequence[ActionResult]], None],
) -> DueDeletions:
    """Return what carries deletions on. `asker` returns a Slack user as Slack says now."""
    ec2, store = aws_actions(settings), shared.store.deletions
    return DueDeletions(
        decisions,
        store,
        Images(ec2, store, shared.clock),
        ec2,
        instance_updates(settings, shared),
        asker,
        ThreadPoolExecutor(_THREADS, thread_name_prefix="deletions"),
        shared.clock,
        refresh,
    )


def old_images(settings: Settings, shared: Services) -> OldImages:
    """Return what finds the images of deleted instances that the digest lists."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="images")
    keep_for = timedelta(days=settings.image_days)
    return OldImages(shared.store.deletions, aws_actions(settings), threads, keep_for, shared.clock)


def recovery(
    settings: Settings, shared: Services, decisions: Decisions, refresh: Callable[[Sequence[ActionResult]], None]
) -> Recovery:
    """Return what finds out what came of actions that were begun."""
    store = shared.store
    updates = instance_updates(settings, shared)
    acting = Acting(decisions, store.action_results, shared.clock, updates.read)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="recovery")
    return Recovery(acting, store.action_results, store.exemptions, updates, shared.clock, threads, refresh)
