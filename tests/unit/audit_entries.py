"""Builders of entries of the audit log."""

from datetime import datetime

from bailiff_bot.domain.audit import AuditEntry, AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.subject import Subject
from tests.builders import IRELAND, NOW

ADA = Person("U0ADA", "Ada Granger", "ada@octo.example")
BEN = Person("U0BEN", "Ben Ledger")


def entry(  # noqa: PLR0913 - the fields that tests vary
    action: str = "keep",
    actor: Person | None = ADA,
    result: AuditResult = AuditResult.DONE,
    *,
    number: int = 1,
    at: datetime = NOW,
    instance: str = "i-1",
    reason: str = "",
    why: str = "",
    before: State | None = None,
    after: State | None = None,
    words_removed: bool = False,
) -> AuditEntry:
    record = AuditRecord(
        at,
        actor,
        action,
        result,
        Subject(IRELAND, instance) if instance else None,
        reason=reason,
        why=why,
        message="D0ADA/1.5",
        before=before or {},
        after=after or {},
        request_id="r1",
    )
    return AuditEntry(number, record, "abc", words_removed)
