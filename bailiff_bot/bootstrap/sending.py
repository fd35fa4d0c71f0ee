"""Builds what sends messages: the client of Slack, the users, and the outbox with its kinds of batches."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bailiff_bot.bootstrap.acting import acting_accounts
from bailiff_bot.bootstrap.brakes import brake_kind
from bailiff_bot.bootstrap.services import Services, reveal
from bailiff_bot.bootstrap.triage import triage_kind
from bailiff_bot.domain.notice import NOTICE
from bailiff_bot.domain.owner_change import OWNER_CHANGE
from bailiff_bot.domain.triage import TRIAGE
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.slack.client.channels import check_shareable, posting_channel
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.users import SlackUsers
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.braking import BRAKE_NOTICE
from bailiff_bot.usecases.delegating import DELEGATION_NOTICE
from bailiff_bot.usecases.deletion_posts import DELETION_POST
from bailiff_bot.usecases.digest_kinds import digest_kinds
from bailiff_bot.usecases.digest_messages import DigestMessages
from bailiff_bot.usecases.end_questions import END_QUESTION
from bailiff_bot.usecases.full_report import FULL_REPORT
from bailiff_bot.usecases.notices import NOTICE_UPDATE
from bailiff_bot.usecases.nudge_refresh import NUDGE_UPDATE
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.reminder_messages import EXEMPTION_REMINDER, reminder_kind
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.shared_report import SHARED_REPORT
from bailiff_bot.usecases.triage_posts import TRIAGE_UPDATE

DIGEST_CHANNEL = "BAILIFF_CHANNEL"
"""The setting that names the digest's channel."""
_THREADS_OF_A_KIND = 16
"""Batches of one kind that are sent in parallel. Most of their time they wait: for Slack, or in a rate limit."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What every use case that sends messages needs. `users.connect` checks the token."""

    client: WebClient
    users: SlackUsers
    messages: ReportMessages
    digest_messages: DigestMessages
    offers: Offers
    planner: Planner
    outbox: Outbox


def sending(settings: Settings, shared: Services) -> Sending:
    """Return what sends messages. It calls Slack when it is used. Raises SettingsError without a token."""
    settings.require("SLACK_BOT_TOKEN")
    token, timeout = reveal(settings.slack_bot_token), shared.timing.slack_call
    client = web_client(token, settings.slack_api_url, timeout)
    # The outbox counts and limits what is sent, so its client does not retry.
    transport = SlackTransport(web_client(token, settings.slack_api_url, timeout, retry_rate_limits=False))
    messages = ReportMessages(render, pages, ZoneInfo(settings.timezone))
    digest_messages = DigestMessages(messages)
    return Sending(
        client=client,
        users=SlackUsers(client, shared.clock, shared.store.users),
        messages=messages,
        digest_messages=digest_messages,
        offers=Offers(settings.offered_actions, shared.clock, acting_accounts(settings)),
        planner=Planner(shared.store.deliveries, shared.clock),
        outbox=_outbox(settings, shared, client, transport, digest_messages),
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
        return posting_channel(client, channel, DIGEST_CHANNEL)

    triage = triage_kind(client)
    return {
        **digest_kinds(check_digest, nudges, messages.finalize, acts_for),
        BRAKE_NOTICE: brake_kind(client),
        DELEGATION_NOTICE: BatchKind(),
        END_QUESTION: BatchKind(unwanted=lambda _: "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"),
        FULL_REPORT: BatchKind(),
        NOTICE: BatchKind(unwanted=lambda _: "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"),
        NOTICE_UPDATE: BatchKind(),
        NUDGE_UPDATE: BatchKind(),
        DELETION_POST: triage,
        TRIAGE: triage,
        TRIAGE_UPDATE: triage,
        OWNER_CHANGE: BatchKind(unwanted=lambda _: "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"),
        SHARED_REPORT: BatchKind(guard=lambda batch: check_shareable(client, batch.recipient)),
    }


def _acts_for(shared: Services, delegate_id: str, owner_id: str) -> bool:
    """Return True if a user acts for an owner now."""
    found = shared.store.delegations.of_delegate(delegate_id, shared.clock())
    return any(one.owner_id == owner_id for one in found)
