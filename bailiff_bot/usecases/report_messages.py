"""The messages that show a report, ready to be sent: its tables and its file, as `messages` says them, rendered."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from bailiff_bot.domain.delivery import MessageKind, OutgoingMessage
from bailiff_bot.domain.report import TABLES, Report
from bailiff_bot.messages.delivery_summary import FILE_LABEL
from bailiff_bot.messages.document import Document, Payload, Render
from bailiff_bot.messages.formatting import iso_day
from bailiff_bot.messages.tables import thread_tables
from bailiff_bot.render.export import as_csv

MAX_TABLE_MESSAGES = len(TABLES)
"""One for each possible table. With the parent, the file and the delivery summary that makes twelve, as documented."""
_UNSAFE_CHARACTERS = re.compile(r"[^a-z0-9.@-]")


@dataclass(frozen=True, slots=True)
class ReportMessages:
    """Makes messages, and those of a report."""

    render: Render
    pages: Callable[[Document, int], Sequence[Payload]]
    """Renders a document as several messages, at most so many."""
    zone: tzinfo
    """The time zone of dates and times in messages."""

    def parent(self, recipient: str, document: Document) -> OutgoingMessage:
        """Return the message that starts a thread."""
        return self.message(MessageKind.PARENT, recipient, "parent", document)

    def message(self, kind: MessageKind, recipient: str, name: str, document: Document) -> OutgoingMessage:
        """Return a message that shows a document. Its label is the document's summary."""
        return _outgoing(kind, recipient, name, self.render(document))

    def tables(self, report: Report, recipient: str) -> Iterator[OutgoingMessage]:
        """Yield the replies with the tables of a report."""
        for number, payload in enumerate(self.pages(thread_tables(report, self.zone), MAX_TABLE_MESSAGES), 1):
            yield _outgoing(MessageKind.REPLY, recipient, f"tables {number}", payload)

    def file(self, report: Report, recipient: str, names: tuple[str, ...] = ()) -> OutgoingMessage:
        """Return the CSV file of a report, named after its day and what it is filtered by."""
        parts = "".join(f"-{_UNSAFE_CHARACTERS.sub('_', name.lower())}" for name in names)
        name = f"bailiff{parts[:60]}-{iso_day(report.as_of, self.zone)}.csv"
        return OutgoingMessage(
            MessageKind.FILE, recipient, "file", FILE_LABEL, {"name": name, "content": "".join(as_csv(report))}
        )


def _outgoing(kind: MessageKind, recipient: str, name: str, payload: Payload) -> OutgoingMessage:
    return OutgoingMessage(kind, recipient, name, payload["text"].removesuffix("."), payload)
