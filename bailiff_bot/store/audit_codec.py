"""Converts audit records to rows and back."""

import json
from collections.abc import Callable
from datetime import datetime

from bailiff_bot.domain.audit import (
    RETENTION,
    AuditEntry,
    AuditRecord,
    AuditResult,
    Person,
    State,
    with_keys,
    with_people,
)
from bailiff_bot.domain.audit_chain import (
    AuditRow,
    Link,
    Words,
    canonical_json,
    words_digest,
)
from bailiff_bot.domain.audit_verification import StoredRow
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.types import safe


def row_of(record: AuditRecord, words: Words | None, key_of: Callable[[Person], str]) -> AuditRow:
    """Return a record as a row that is not in the chain yet."""
    target = record.subject.target if record.subject else None
    return AuditRow(
        number=0,
        at=record.at,
        actor=key_of(record.actor) if record.actor else "",
        action=record.action,
        result=record.result,
        account=target.account if target else "",
        partition=target.partition if target else "",
        region=target.region if target else "",
        instance=safe(record.subject.id) if record.subject else "",
        reason=safe(record.reason),
        why_digest=words_digest(words) if words else "",
        message=safe(record.message),
        before=_dump(record.before, key_of),
        after=_dump(record.after, key_of),
        request_id=safe(record.request_id),
    )


def retention_row(last: Link, now: datetime) -> AuditRow:
    """Return the row that says that the rows up to `last` were removed. It is not in the chain yet."""
    return AuditRow(
        number=0,
        at=now,
        actor="",
        action=RETENTION,
        result=AuditResult.DONE,
        after=canonical_json({"removed_through": last.number}),
        removed_through=last.number,
        removed_hash=last.hash,
    )


def _dump(state: State, key_of: Callable[[Person], str]) -> str:
    return canonical_json(with_keys(state, key_of)) if state else ""


def entry_of(stored: StoredRow, person_of: Callable[[str], Person]) -> AuditEntry:
    """Return a stored row as an entry; `person_of` returns the person of a key."""
    row, words = stored.row, stored.words
    record = AuditRecord(
        at=row.at,
        actor=person_of(row.actor) if row.actor else None,
        action=row.action,
        result=AuditResult(row.result),
        subject=Subject(Target(row.account, row.region, row.partition), row.instance) if row.instance else None,
        reason=row.reason,
        why=words.text if words else "",
        message=row.message,
        before=with_people(json.loads(row.before or "{}"), person_of),
        after=with_people(json.loads(row.after or "{}"), person_of),
        request_id=row.request_id,
    )
    return AuditEntry(row.number, record, row.hash, words_removed=bool(row.why_digest) and words is None)
