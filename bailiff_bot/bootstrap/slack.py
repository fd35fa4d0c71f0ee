"""Builds what needs Slack: the client, the users, the outbox and the use cases that send."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bailiff_bot.bootstrap.services import Services, reveal
from bailiff_bot.bootstrap.triage import triage_kind, triage_posts
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.notice import NOTICE
from bailiff_bot.domain.triage import TRIAGE
from bailiff_bot.errors import Refused
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.slack.client.channels import check_shareable, name_for_readers, posting_channel
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.users import SlackUsers
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.delegating import DELEGATION_NOTICE, Delegating
from bailiff_bot.usecases.digest_kinds import digest_kinds
from bailiff_bot.usecases.digest_messages import DigestMessages
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.end_questions import END_QUESTION
from bailiff_bot.usecases.full_report import FULL_REPORT, FullReports
from bailiff_bot.usecases.new_digest import NewDigests
from bailiff_bot.usecases.notice_messages import NoticeMessages
from bailiff_bot.usecases.notices import NOTICE_UPDATE, Notices
from bailiff_bot.usecases.nudge_messages import NudgeMessages
from bailiff_bot.usecases.nudge_refresh import NUDGE_UPDATE, NudgeRefresh
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.reminder_messages import EXEMPTION_REMINDER, ReminderMessages, reminder_kind
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.shared_report import SHARED_REPORT, SharedReports
from bailiff_bot.usecases.triage_posts import TRIAGE_UPDATE, TriagePosts

_CHANNEL = "BAILIFF_CHANNEL"
_THREADS_OF_A_KIND = 16
"""Batches of one kind that are sent in parallel. Most of their time they wait: for Slack, or in a rate limit."""


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
    notices: Notices


def slack_services(settings: Settings, shared: Services) -> SlackServices:
    """Return the Slack services. They call Slack when they are used. Raises SettingsError without a token."""
    settings.require("SLACK_BOT_TOKEN")
    token, timeout, zone = reveal(settings.slack_bot_token), shared.timing.slack_call, ZoneInfo(settings.timezone)
    client = web_client(token, settings.slack_api_url, timeout)
    users = SlackUsers(client, shared.clock, shared.store.users)
    # The outbox counts and limits what is sent, so its client does not retry.
    transport = SlackTransport(web_client(token, settings.slack_api_url, timeout, retry_rate_limits=False))
    reports = ReportMessages(render, pages, zone)
    messages = DigestMessages(reports)
    outbox = _outbox(settings, shared, client, transport, messages)
    offers = Offers(settings.offered_actions, shared.clock)
    delegations = partial(_delegations, shared)
    planner = Planner(shared.store.deliveries, shared.clock)
    remind_after = timedelta(days=settings.remind_days)
    store = shared.store
    new_digests = NewDigests(shared.reports, users, store.digest_history, outbox.expire_late, store.audit, remind_after)
    nudge_messages = NudgeMessages(
        reports, name_for_readers(settings.channel), offers, users.home_url, shared.store.action_results, delegations
    )
    reminders = ReminderMessages(
        reports,
        offers,
        shared.store.exemptions,
        shared.store.action_results,
        shared.store.deliveries,
        lambda: shared.reports.stored().coverage.account_count,
    )
    nudge_refresh = NudgeRefresh(
        reports=shared.reports,
        history=shared.store.digest_history,
        results=shared.store.action_results,
        owner_lookup=users,
        nudge_messages=nudge_messages,
        reminders=reminders,
        planner=planner,
        outbox=outbox,
        leases=shared.leases,
        pause=shared.stopping.wait,
    )
    notices = Notices(
        store=store.notices,
        exemptions=store.exemptions,
        assignments=store.ownership,
        owner_lookup=users,
        notice_messages=NoticeMessages(reports, offers, store.notices),
        planner=planner,
        outbox=outbox,
        leases=shared.leases,
        clock=shared.clock,
        pause=shared.stopping.wait,
        collect=shared.timing.collect_notices,
        nudges=settings.nudges,
    )
    digests = Digests(
        new_digests=new_digests,
        messages=messages,
        nudge_messages=nudge_messages,
        refresh_since=nudge_refresh.refresh_since,
        planner=planner,
        outbox=outbox,
        leases=shared.leases,
        channel=partial(_digest_channel, client, settings.channel),
        clock=shared.clock,
        pause=shared.stopping.wait,
        nudges=settings.nudges,
    )
    full_reports = FullReports(planner, outbox, reports)
    shared_reports = SharedReports(planner, outbox, reports)
    posts = triage_posts(settings.triage_channel, shared, client, reports, planner, outbox)
    delegating = Delegating(
        shared.store.delegations, shared.store.audit, shared.reports, planner, outbox, reports, shared.clock
    )
    return SlackServices(
        client,
        users,
        outbox,
        digests,
        full_reports,
        shared_reports,
        offers,
        reminders,
        nudge_refresh,
        posts,
        delegating,
        notices,
    )


def _outbox(
    settings: Settings, shared: Services, client: WebClient, transport: SlackTransport, messages: DigestMessages
) -> Outbox:
    store, clock = shared.store.deliveries, shared.clock
    sender = OutboxSender(store, transport, shared.leases.holder, clock, shared.stopping.wait, shared.timing.outbox)
    kinds = {
        **batch_kinds(client, settings.nudges, messages, partial(_acts_for, shared)),
        EXEMPTION_REMINDER: reminder_kind(settings.nudges, shared.store.exemptions, clock),
    }
    worker = OutboxWorker(store, sender, transport.edit, kinds, clock)
    return Outbox(worker, partial(ThreadPoolExecutor, _THREADS_OF_A_KIND, "outbox"), clock)


def batch_kinds(
    client: WebClient, nudges: str, messages: DigestMessages, acts_for: Callable[[str, str], bool]
) -> Mapping[str, BatchKind]:
    """Return the hooks of each kind of batch that a use case plans."""

    def check_digest(channel: str) -> str:
        return posting_channel(client, channel, _CHANNEL)

    triage = triage_kind(client)
    return {
        **digest_kinds(check_digest, nudges, messages.finalize, acts_for),
        DELEGATION_NOTICE: BatchKind(),
        END_QUESTION: BatchKind(unwanted=lambda _: "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"),
        FULL_REPORT: BatchKind(),
        NOTICE: BatchKind(unwanted=lambda _: "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"),
        NOTICE_UPDATE: BatchKind(),
        NUDGE_UPDATE: BatchKind(),
        TRIAGE: triage,
        TRIAGE_UPDATE: triage,
        SHARED_REPORT: BatchKind(guard=lambda batch: check_shareable(client, batch.recipient)),
    }


def _delegations(shared: Services) -> tuple[Delegation, ...]:
    """Return who acts for whom now."""
    return shared.store.delegations.live(shared.clock())


def _acts_for(shared: Services, delegate_id: str, owner_id: str) -> bool:
    """Return True if a user acts for an owner now."""
    found = shared.store.delegations.of_delegate(delegate_id, shared.clock())
    return any(one.owner_id == owner_id for one in found)


def _digest_channel(client: WebClient, channel: str | None) -> str:
    if not channel:
        raise Refused("BAILIFF_CHANNEL is not set: it should name the digest's channel", "no_channel")
    return posting_channel(client, channel, _CHANNEL)
