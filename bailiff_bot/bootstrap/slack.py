"""Builds what needs Slack: the client, the users, the outbox and the use cases that send."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bailiff_bot.bootstrap.services import Services, reveal
from bailiff_bot.domain.action import Action
from bailiff_bot.domain.notice import NOTICE
from bailiff_bot.errors import Refused
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.slack.client.channels import check_shareable, digest_channel, name_for_readers
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.users import SlackUsers
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.digest_kinds import digest_kinds
from bailiff_bot.usecases.digest_messages import DigestMessages
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.full_report import FULL_REPORT, FullReports
from bailiff_bot.usecases.new_digest import NewDigests
from bailiff_bot.usecases.notice_messages import NoticeMessages
from bailiff_bot.usecases.notices import NOTICE_UPDATE, Notices
from bailiff_bot.usecases.nudge_messages import NudgeMessages
from bailiff_bot.usecases.nudge_refresh import NUDGE_UPDATE, NudgeRefresh
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.shared_report import SHARED_REPORT, SharedReports

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
    nudge_refresh: NudgeRefresh
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
    offers = Offers(frozenset(map(Action, settings.actions)), shared.clock)
    planner = Planner(shared.store.deliveries, shared.clock)
    remind_after = timedelta(days=settings.remind_days)
    store = shared.store
    new_digests = NewDigests(shared.reports, users, store.digest_history, outbox.expire_late, store.audit, remind_after)
    nudge_messages = NudgeMessages(
        reports, name_for_readers(settings.channel), offers, users.home_url, shared.store.action_results
    )
    nudge_refresh = NudgeRefresh(
        reports=shared.reports,
        history=shared.store.digest_history,
        results=shared.store.action_results,
        owner_lookup=users,
        nudge_messages=nudge_messages,
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
    return SlackServices(client, users, outbox, digests, full_reports, shared_reports, offers, nudge_refresh, notices)


def _outbox(
    settings: Settings, shared: Services, client: WebClient, transport: SlackTransport, messages: DigestMessages
) -> Outbox:
    store, clock = shared.store.deliveries, shared.clock
    sender = OutboxSender(store, transport, shared.leases.holder, clock, shared.stopping.wait, shared.timing.outbox)
    worker = OutboxWorker(store, sender, transport.edit, batch_kinds(client, settings.nudges, messages), clock)
    return Outbox(worker, partial(ThreadPoolExecutor, _THREADS_OF_A_KIND, "outbox"), clock)


def batch_kinds(client: WebClient, nudges: str, messages: DigestMessages) -> Mapping[str, BatchKind]:
    """Return the hooks of each kind of batch that a use case plans."""
    return {
        **digest_kinds(partial(digest_channel, client), nudges, messages.finalize),
        FULL_REPORT: BatchKind(),
        NOTICE: BatchKind(unwanted=lambda _: "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"),
        NOTICE_UPDATE: BatchKind(),
        NUDGE_UPDATE: BatchKind(),
        SHARED_REPORT: BatchKind(guard=lambda batch: check_shareable(client, batch.recipient)),
    }


def _digest_channel(client: WebClient, channel: str | None) -> str:
    if not channel:
        raise Refused("BAILIFF_CHANNEL is not set: it should name the digest's channel", "no_channel")
    return digest_channel(client, channel)
