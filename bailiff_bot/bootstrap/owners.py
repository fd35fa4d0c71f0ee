"""Builds what records the owners of instances, and tells people that what was theirs belongs to others."""

from bailiff_bot.bootstrap.sending import Sending
from bailiff_bot.bootstrap.services import Services
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.channels import name_for_readers
from bailiff_bot.usecases.owner_changes import OwnerChanges


def owner_changes(settings: Settings, shared: Services, base: Sending) -> OwnerChanges:
    """Return what tells former owners."""
    in_triage = name_for_readers(settings.triage_channel, "the triage channel")
    return OwnerChanges(
        store=shared.store.owner_changes,
        users=base.users,
        messages=base.messages,
        planner=base.planner,
        outbox=base.outbox,
        clock=shared.clock,
        ask_in=in_triage if settings.triage_channel else "your team",
        settled_hours=settings.owner_settled_hours,
        nudges=settings.nudges,
    )
