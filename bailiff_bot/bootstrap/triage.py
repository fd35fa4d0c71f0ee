"""Builds what triage needs: its list, its channel, and the messages in it."""

from functools import partial

from slack_sdk import WebClient

from bailiff_bot.bootstrap.services import Services
from bailiff_bot.domain.delivery import Batch
from bailiff_bot.errors import Refused
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.slack.client.channels import posting_channel
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.deletion_posts import DeletionPosts
from bailiff_bot.usecases.message_edits import MessageEdits
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.triage_list import TriageList
from bailiff_bot.usecases.triage_posts import TriagePosts

_CHANNEL = "BAILIFF_TRIAGE_CHANNEL"


def triage_list(shared: Services) -> TriageList:
    """Return the list of what triage has to decide."""
    return TriageList(shared.store.ownership, shared.store.action_results, shared.reports, shared.clock)


def triage_posts(  # noqa: PLR0913, PLR0917 - what sends messages
    channel: str | None,
    shared: Services,
    client: WebClient,
    messages: ReportMessages,
    planner: Planner,
    outbox: Outbox,
) -> TriagePosts:
    """Return what posts into the triage channel. `channel` is the setting: an id, a name or None."""
    return TriagePosts(
        store=shared.store.triage,
        triage=triage_list(shared),
        messages=messages,
        planner=planner,
        outbox=outbox,
        leases=shared.leases,
        channel=partial(_triage_channel, client, channel),
        clock=shared.clock,
        edits=MessageEdits(shared.leases, outbox, shared.stopping.wait),
    )


def deletion_posts(  # noqa: PLR0913, PLR0917 - what sends messages
    channel: str | None,
    shared: Services,
    client: WebClient,
    messages: ReportMessages,
    planner: Planner,
    outbox: Outbox,
) -> DeletionPosts:
    """Return what posts about deletions into the triage channel."""
    found = partial(_triage_channel, client, channel) if channel else None
    return DeletionPosts(shared.store.deletions, messages, planner, outbox, found, shared.clock)


def triage_kind(client: WebClient) -> BatchKind:
    """Return the hooks of the batches in the triage channel: it must still be one for people's names."""

    def guard(batch: Batch) -> str:
        return posting_channel(client, batch.recipient, _CHANNEL)

    return BatchKind(guard=guard)


def _triage_channel(client: WebClient, channel: str | None) -> str:
    if not channel:
        raise Refused(f"{_CHANNEL} is not set any more: it should name the triage channel", "no_channel")
    return posting_channel(client, channel, _CHANNEL)
