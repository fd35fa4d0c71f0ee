"""The use case that sends every table of a report to the person who asked for them."""

from concurrent.futures import Future
from dataclasses import dataclass

from bailiff_bot.domain.delivery import SETTLED, BatchPlan, OutgoingMessage
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.delivery_problems import delivery_problem
from bailiff_bot.messages.summary import full_report_summary
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.result import BatchResult
from bailiff_bot.usecases.batches import Planner, then
from bailiff_bot.usecases.report_messages import ReportMessages

FULL_REPORT = "full report"
"""The kind of the batch."""


@dataclass(frozen=True, slots=True)
class FullReports:
    """Sends full reports."""

    planner: Planner
    outbox: Outbox
    messages: ReportMessages

    def send(self, user: str, part: ReportPart) -> Future[tuple[str, ...]]:
        """Plan the messages to a person about a part of a report. Raises StoreError.

        The future has one line for each message that was not sent. It has a SlackError if the first message was not
        sent, or if it is not known whether it was.
        """
        batch = self.planner.unscheduled_batch(FULL_REPORT, user)
        self.planner.save(BatchPlan(batch, self._thread(part, user)))
        return then(self.outbox.submit(batch), _problems)

    def _thread(self, part: ReportPart, user: str) -> tuple[OutgoingMessage, ...]:
        parent = self.messages.parent(user, full_report_summary(part, self.messages.zone))
        return (parent, *self.messages.tables(part.report, user), self.messages.file(part.report, user, part.names))


def _problems(result: BatchResult) -> tuple[str, ...]:
    if result.deliveries[0].state in SETTLED:
        result.raise_for_parent()
    return tuple(map(delivery_problem, result.unsent))
