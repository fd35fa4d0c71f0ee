"""The use case that answers a member of the workspace: with a report, with one's own instances, with the help."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import tzinfo

from bailiff_bot.domain.own_instances import OwnInstances
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.messages import owner_messages
from bailiff_bot.messages.answers import first_scan, no_address, no_identifier, usage
from bailiff_bot.messages.buttons import ALL_OWNERS, full_report_button, share_button
from bailiff_bot.messages.document import Button, Buttons, Document
from bailiff_bot.messages.formatting import age, date_time
from bailiff_bot.messages.summary import summary
from bailiff_bot.usecases.reports import Reports


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A report that a button asks for, and the answer that has the button."""

    report: Report
    owner_keys: tuple[str, ...]
    """Whose report it is; empty: everyone's."""
    document: Callable[[str, Buttons | None], Document]
    """Returns the answer with a note and buttons."""
    button: Button
    """The button that asks for the report."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Makes the answers. `zone` is the time zone of dates and times."""

    reports: Reports
    zone: tzinfo

    def when_ready(self, retry: Callable[[Future[Snapshot]], None]) -> Document | None:
        """Return None if answers can be made at once. Else return a notice, and call `retry` with the ended first scan.

        A scan that failed has the error that the user should get: the next try would fail in the same way.
        """
        if self.reports.has_snapshot:
            return None
        self.reports.after_next_scan(retry)
        return first_scan()

    def report(self, *, shareable: bool) -> Document:
        """Return the report on all instances, with the buttons that send it."""
        buttons = (share_button(), full_report_button()) if shareable else (full_report_button(),)
        return self._summary(self.reports.current(), "", Buttons(buttons))

    def mine(self, address: str) -> Document:
        """Return the instances of the member with an e-mail address; empty if Slack does not tell it."""
        if not address:
            return no_address()
        own = self.reports.by_address(address)
        return self._own(own, "", _buttons(own)) if own else no_identifier(address, self.reports.people())

    def of_identifier(self, identifier: str) -> Document:
        """Return the instances of an identifier."""
        own = self.reports.by_identifier(identifier)
        return self._own(own, "", _buttons(own))

    def home(self, address: str) -> tuple[Document, ...]:
        """Return what the Home tab of a member shows: their instances, with the time of the scan, and the help."""
        own = self.reports.by_address(address) if address else None
        if own is None:
            return (usage(),)
        return (owner_messages.mine(own, date_time(own.report.coverage.scanned_at, self.zone)), usage())

    def requested(self, owner_key: str) -> ReportAnswer:
        """Return the report that the value of a button means: everyone's, or that of an identifier or an address."""
        if owner_key == ALL_OWNERS:
            report = self.reports.current()
            return ReportAnswer(
                report, (), lambda note, buttons: self._summary(report, note, buttons), full_report_button()
            )
        by_address = self.reports.by_address(owner_key) if "@" in owner_key else None
        own = by_address or self.reports.by_identifier(owner_key)
        return ReportAnswer(
            own.report, own.owner_keys, lambda note, buttons: self._own(own, note, buttons), _button(own)
        )

    def _summary(self, report: Report, note: str, buttons: Buttons | None) -> Document:
        return summary(report, self._age(report), buttons=buttons, note=note)

    def _own(self, own: OwnInstances, note: str, buttons: Buttons | None) -> Document:
        return owner_messages.mine(own, self._age(own.report), buttons=buttons, note=note)

    def _age(self, report: Report) -> str:
        return age(self.reports.current_time() - report.coverage.scanned_at)


def _button(own: OwnInstances) -> Button:
    return full_report_button(own.query)


def _buttons(own: OwnInstances) -> Buttons | None:
    return Buttons((_button(own),)) if own.report.count else None
