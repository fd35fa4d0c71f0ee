"""Builds the use cases that need Slack."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bailiff_bot.bootstrap.acting import old_images
from bailiff_bot.bootstrap.brakes import braking
from bailiff_bot.bootstrap.owners import owner_changes
from bailiff_bot.bootstrap.sending import DIGEST_CHANNEL, Sending, sending
from bailiff_bot.bootstrap.services import Services
from bailiff_bot.bootstrap.triage import deletion_posts, triage_posts
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.errors import Refused
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.channels import name_for_readers, posting_channel
from bailiff_bot.slack.client.users import SlackUsers
from bailiff_bot.usecases.braking import Braking
from bailiff_bot.usecases.delegating import Delegating
from bailiff_bot.usecases.deletion_posts import DeletionPosts
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.full_report import FullReports
from bailiff_bot.usecases.message_edits import MessageEdits
from bailiff_bot.usecases.new_digest import NewDigests
from bailiff_bot.usecases.notice_messages import NoticeMessages
from bailiff_bot.usecases.notices import Notices
from bailiff_bot.usecases.nudge_messages import NudgeMessages
from bailiff_bot.usecases.nudge_refresh import NudgeRefresh
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.owner_changes import OwnerChanges
from bailiff_bot.usecases.reminder_messages import ReminderMessages
from bailiff_bot.usecases.savings import Savings
from bailiff_bot.usecases.shared_report import SharedReports
from bailiff_bot.usecases.triage_posts import TriagePosts


@dataclass(frozen=True, slots=True)
class SlackServices:
    """What needs Slack. `users.connect` checks the token."""

    client: WebClient
    users: SlackUsers
    outbox: Outbox
    digests: Digests
    full_reports: FullReports
    shared_reports: SharedReports
    offers: Offers
    reminders: ReminderMessages
    nudge_refresh: NudgeRefresh
    triage_posts: TriagePosts
    delegating: Delegating
    braking: Braking
    notices: Notices
    deletion_posts: DeletionPosts
    owner_changes: OwnerChanges


def slack_services(settings: Settings, shared: Services) -> SlackServices:
    """Return the Slack services. They call Slack when they are used. Raises SettingsError without a token."""
    base = sending(settings, shared)
    client, planner, outbox, messages = base.client, base.planner, base.outbox, base.messages
    nudges, reminders = _nudge_messages(settings, shared, base), _reminder_messages(shared, base)
    refresh = _nudge_refresh(shared, base, nudges, reminders)
    store = shared.store
    return SlackServices(
        client=client,
        users=base.users,
        outbox=outbox,
        digests=_digests(settings, shared, base, nudges, refresh),
        full_reports=FullReports(planner, outbox, messages),
        shared_reports=SharedReports(planner, outbox, messages),
        offers=base.offers,
        reminders=reminders,
        nudge_refresh=refresh,
        triage_posts=triage_posts(settings.triage_channel, shared, client, messages, planner, outbox),
        delegating=Delegating(store.delegations, store.audit, shared.reports, planner, outbox, messages, shared.clock),
        braking=braking(settings, shared, client, messages, planner, outbox),
        notices=_notices(settings, shared, base),
        deletion_posts=deletion_posts(settings.triage_channel, shared, client, messages, planner, outbox),
        owner_changes=owner_changes(settings, shared, base),
    )


def _nudge_messages(settings: Settings, shared: Services, base: Sending) -> NudgeMessages:
    return NudgeMessages(
        base.messages,
        name_for_readers(settings.channel),
        base.offers,
        base.users.home_url,
        shared.store.action_results,
        partial(_delegations, shared),
    )


def _reminder_messages(shared: Services, base: Sending) -> ReminderMessages:
    store = shared.store
    return ReminderMessages(
        base.messages,
        base.offers,
        store.exemptions,
        store.action_results,
        store.deliveries,
        lambda: shared.reports.stored().coverage.account_count,
    )


def _nudge_refresh(shared: Services, base: Sending, nudges: NudgeMessages, reminders: ReminderMessages) -> NudgeRefresh:
    return NudgeRefresh(
        reports=shared.reports,
        history=shared.store.digest_history,
        results=shared.store.action_results,
        owner_lookup=base.users,
        nudge_messages=nudges,
        reminders=reminders,
        planner=base.planner,
        edits=MessageEdits(shared.leases, base.outbox, shared.stopping.wait),
    )


def _digests(
    settings: Settings, shared: Services, base: Sending, nudges: NudgeMessages, refresh: NudgeRefresh
) -> Digests:
    remind_after, store = timedelta(days=settings.remind_days), shared.store
    return Digests(
        new_digests=NewDigests(
            shared.reports,
            base.users,
            store.digest_history,
            base.outbox.expire_late,
            store.audit,
            old_images(settings, shared).find,
            remind_after,
            Savings(store.savings, ZoneInfo(settings.timezone)).this_month,
            settings.schedule_tags,
        ),
        messages=base.digest_messages,
        nudge_messages=nudges,
        refresh_since=refresh.refresh_since,
        planner=base.planner,
        outbox=base.outbox,
        leases=shared.leases,
        channel=partial(_digest_channel, base.client, settings.channel),
        clock=shared.clock,
        pause=shared.stopping.wait,
        nudges=settings.nudges,
    )


def _notices(settings: Settings, shared: Services, base: Sending) -> Notices:
    store = shared.store
    return Notices(
        store=store.notices,
        exemptions=store.exemptions,
        ownership=store.ownership,
        users=base.users,
        notice_messages=NoticeMessages(base.messages, base.offers, store.notices),
        planner=base.planner,
        outbox=base.outbox,
        edits=MessageEdits(shared.leases, base.outbox, shared.stopping.wait),
        clock=shared.clock,
        collect=shared.timing.collect_notices,
        nudges=settings.nudges,
    )


def _delegations(shared: Services) -> tuple[Delegation, ...]:
    """Return who acts for whom now."""
    return shared.store.delegations.live(shared.clock())


def _digest_channel(client: WebClient, channel: str | None) -> str:
    if not channel:
        raise Refused("BAILIFF_CHANNEL is not set: it should name the digest's channel", "no_channel")
    return posting_channel(client, channel, DIGEST_CHANNEL)
