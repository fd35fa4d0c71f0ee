"""The use case that posts a report into a channel, for everybody there, because somebody shared it."""

from concurrent.futures import Future
from dataclasses import dataclass

from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.summary import shared_summary
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.result import BatchResult
from bailiff_bot.usecases.batches import Planner, then
from bailiff_bot.usecases.report_messages import ReportMessages

SHARED_REPORT = "shared report"
"""The kind of the batch."""


@dataclass(frozen=True, slots=True)
class SharedReports:
    """Shares reports."""

    planner: Planner
    outbox: Outbox
    messages: ReportMessages

    def send(self, channel: str, part: ReportPart, name: str) -> Future[None]:
        """Plan the message in a channel, with the name of the user who shares it. Raises StoreError.

        The future has a SlackError if the message was not sent, or if it is not known whether it was.
        """
        batch = self.planner.unscheduled_batch(SHARED_REPORT, channel)
        document = shared_summary(part, self.messages.zone, name)
        self.planner.save(BatchPlan(batch, (self.messages.parent(channel, document),)))
        return then(self.outbox.submit(batch), BatchResult.raise_for_parent)
