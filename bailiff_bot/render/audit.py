"""Entries of the audit log as a table, as CSV and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from bailiff_bot.domain.audit import AuditEntry, Person, Value
from bailiff_bot.messages.audit_text import actor_text, change_text, result_text, why_text
from bailiff_bot.messages.formatting import visible
from bailiff_bot.render.records import csv_lines, json_parts, json_text
from bailiff_bot.render.table import draw_table

_COLUMNS = {
    "Row": None,
    "When": None,
    "Who": 12,
    "Action": None,
    "Instance": None,
    "Where": None,
    "Result": 12,
    "Change": 12,
    "Why": 12,
}
"""The headings, each with the cells to which the column may be cut."""

_FIELDS = (
    "number",
    "at",
    "actor",
    "actor_user_id",
    "actor_address",
    "action",
    "result",
    "reason",
    "why",
    "why_removed",
    "account",
    "partition",
    "region",
    "instance",
    "message",
    "before",
    "after",
    "request_id",
    "hash",
)


def as_table(entries: Sequence[AuditEntry], zone: tzinfo, width: int | None = None) -> str:
    """Return the entries as a table, with times in a zone. No line is wider than `width` cells; None: unlimited."""
    return draw_table(_COLUMNS, [_cells(entry, zone) for entry in entries], width)


def as_csv(entries: Sequence[AuditEntry]) -> Iterator[str]:
    """Yield the lines: the names of the fields, and one for each entry."""
    return csv_lines(_FIELDS, ([_cell(value) for value in _fields(entry).values()] for entry in entries))


def as_json(entries: Sequence[AuditEntry], since: datetime) -> Iterator[str]:
    """Yield the parts of one JSON object: since when, and the same records as the CSV, each on its own line."""
    return json_parts({"since": since.isoformat()}, map(_fields, entries))


def _cells(entry: AuditEntry, zone: tzinfo) -> list[str]:
    record, subject = entry.record, entry.record.subject
    return [
        str(entry.number),
        record.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        actor_text(record),
        visible(record.action),
        visible(subject.id) if subject else "",
        f"{subject.target.account}/{subject.target.region}" if subject else "",
        result_text(record),
        change_text(record),
        why_text(entry),
    ]


def _fields(entry: AuditEntry) -> dict[str, Any]:
    record, subject = entry.record, entry.record.subject
    return {
        "number": entry.number,
        "at": record.at.isoformat(),
        "actor": actor_text(record),
        "actor_user_id": record.actor.user_id if record.actor else None,
        "actor_address": record.actor.address if record.actor else None,
        "action": record.action,
        "result": record.result,
        "reason": record.reason,
        "why": record.why,
        "why_removed": entry.words_removed,
        "account": subject.target.account if subject else None,
        "partition": subject.target.partition if subject else None,
        "region": subject.target.region if subject else None,
        "instance": subject.id if subject else None,
        "message": record.message,
        "before": {name: _json(value) for name, value in record.before.items()},
        "after": {name: _json(value) for name, value in record.after.items()},
        "request_id": record.request_id,
        "hash": entry.hash,
    }


def _json(value: Value) -> Any:
    match value:
        case Person():
            return {"user_id": value.user_id, "name": value.name, "address": value.address}
        case tuple():
            return [_json(item) for item in value]
        case _:
            return value


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json_text(value) if isinstance(value, dict) else str(value)
