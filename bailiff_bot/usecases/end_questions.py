"""The use case that asks owners for the end of exempting tags that have none: once a month, in one message each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.exemption_reminder import is_waking_hour
from bailiff_bot.domain.owner import Owner, OwnersByAddress
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.messages.end_question import end_question
from bailiff_bot.messages.exemptions import rows_without_end
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.reports import Reports

END_QUESTION = "end question"
"""The kind of the batch. Its slot has the user's id and the month, so that nobody is asked twice in one."""
_EXPIRES_AFTER = timedelta(days=1)


class Users(Protocol):
    """Finds the users of the workspace."""

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner of each e-mail address, or the reason why no owner was found."""
        ...


@dataclass(frozen=True, slots=True)
class EndQuestions:
    """Asks owners for the end of exempting tags."""

    reports: Reports
    users: Users
    messages: ReportMessages
    planner: Planner
    outbox: Outbox
    clock: Clock
    zone: tzinfo
    _asked: set[str] = field(default_factory=set, init=False)
    """The slots that this process knows to be used, so that the database is asked once for each."""

    def send_due(self) -> None:
        """Plan the questions that were not asked this month, and hand them to the outbox. Raises StoreError."""
        now = self.clock()
        if not is_waking_hour(now, self.zone) or not self.reports.has_snapshot:
            return
        report = self.reports.stored()
        for user_id, rows in self._by_owner(report).items() if report.plausible else ():
            self._ask(user_id, rows, report, now)

    def _by_owner(self, report: Report) -> Mapping[str, list[Row]]:
        rows = rows_without_end(report)
        found = self.users.owners(frozenset(_addresses(rows))) if rows else {}
        by_owner: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            owners = {found[address] for address in row.identity.addresses}
            for user_id in sorted(one.user_id for one in owners if isinstance(one, Owner)):
                by_owner[user_id].append(row)
        return by_owner

    def _ask(self, user_id: str, rows: list[Row], report: Report, now: datetime) -> None:
        slot = f"{END_QUESTION} {user_id} {now.astimezone(self.zone):%Y-%m}"
        if slot in self._asked:
            return
        batch = self.planner.scheduled_batch(END_QUESTION, slot, user_id, now + _EXPIRES_AFTER)
        message = self.messages.parent(user_id, end_question(rows, report, self.zone))
        is_first = not self.planner.has_slot(slot) and self.planner.save(BatchPlan(batch, (message,)))
        self._asked.add(slot)
        if is_first:
            self.outbox.submit(batch)


def _addresses(rows: Iterable[Row]) -> Iterable[str]:
    return (address for row in rows for address in row.identity.addresses)
