"""Builds what shows and switches the brake."""

from functools import partial

from slack_sdk import WebClient

from bailiff_bot.bootstrap.services import Services
from bailiff_bot.domain.delivery import Batch
from bailiff_bot.errors import Refused
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.channels import name_for_readers, posting_channel
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.braking import BrakeChannel, Braking
from bailiff_bot.usecases.implausible import Implausible
from bailiff_bot.usecases.report_messages import ReportMessages

_CHANNELS = "BAILIFF_TRIAGE_CHANNEL or BAILIFF_CHANNEL"
"""The settings that name the channel in which a switch is announced. The first that is set counts."""


def brake_reader(settings: Settings, shared: Services) -> BrakeReader:
    """Return what reads the brakes."""
    return BrakeReader(shared.store.brakes, settings.brake_limits, implausible(shared).reason, shared.clock)


def implausible(shared: Services) -> Implausible:
    """Return what tells whether the last scan is plausible enough to act on."""
    return Implausible(shared.snapshots, shared.store.owner_sightings, shared.clock)


def braking(  # noqa: PLR0913, PLR0917 - what sends messages
    settings: Settings,
    shared: Services,
    client: WebClient,
    messages: ReportMessages,
    planner: Planner,
    outbox: Outbox,
) -> Braking:
    """Return what shows and switches the brake."""
    channel = settings.triage_channel or settings.channel
    return Braking(
        brakes=brake_reader(settings, shared),
        admins=frozenset(settings.admins),
        channel=BrakeChannel(name_for_readers(channel, "the team's channel"), partial(_channel, client, channel)),
        planner=planner,
        outbox=outbox,
        messages=messages,
        changes_aws=settings.changes_aws,
    )


def brake_kind(client: WebClient) -> BatchKind:
    """Return the hooks of the messages about the brake: their channel must still be one for people's names."""

    def guard(batch: Batch) -> str:
        return posting_channel(client, batch.recipient, _CHANNELS)

    return BatchKind(guard=guard)


def _channel(client: WebClient, channel: str | None) -> str:
    if not channel:
        raise Refused(f"{_CHANNELS} should name a channel", "no_channel")
    return posting_channel(client, channel, _CHANNELS)
