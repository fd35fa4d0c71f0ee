"""Builds what reminds people of exemptions, and asks for their ends."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bailiff_bot.bootstrap.services import Services
from bailiff_bot.bootstrap.slack import SlackServices
from bailiff_bot.runtime.periodic import run_each
from bailiff_bot.settings.model import Settings
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.end_questions import EndQuestions
from bailiff_bot.usecases.exemption_reminders import ExemptionReminders


def reminders(
    settings: Settings, shared: Services, slack: SlackServices, current: CurrentInstances
) -> Callable[[], None]:
    """Return what sends the reminders and questions that are due: nothing if BAILIFF_NUDGES is not on."""
    zone, planner = ZoneInfo(settings.timezone), Planner(shared.store.deliveries, shared.clock)
    ends = ExemptionReminders(
        exemptions=shared.store.exemptions,
        users=slack.users,
        current=current,
        messages=slack.reminders,
        planner=planner,
        outbox=slack.outbox,
        leases=shared.leases,
        clock=shared.clock,
        zone=zone,
    )
    messages = slack.reminders.messages
    questions = EndQuestions(shared.reports, slack.users, messages, planner, slack.outbox, shared.clock, zone)

    def send_due() -> None:
        if settings.nudges == "on":
            run_each(ends.send_due, questions.send_due)

    return send_due
