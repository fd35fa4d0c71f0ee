"""The report as CSV, for spreadsheets, and as JSON, for programs. Both list what was not read."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from bailiff_bot.domain.gap import Gap, GapSource, gaps_of
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.report import Report, Row, TableId
from bailiff_bot.messages.gaps import label

_FIELDS = (
    "table",
    "findings",
    "evidence",
    "identifier",
    "directory",
    "owner",
    "name",
    "instance_id",
    "type",
    "state",
    "created",
    "started",
    "last_action",
    "last_action_is_dated",
    "region",
    "account",
    "controller",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet read a cell as a formula (OWASP, "CSV Injection")."""


def as_csv(report: Report) -> Iterator[str]:
    """Yield the lines: one for each instance, and one for each gap, whose `table` says what it is."""
    write = csv.writer(_Lines(), lineterminator="\r\n").writerow
    yield write(_FIELDS)
    for record in _records(report):
        yield write([_without_formula(_text(record.get(field))) for field in _FIELDS])


class _Lines:
    """A file for `csv.writer` that returns each line instead of writing it."""

    @staticmethod
    def write(line: str) -> str:
        return line


def as_json(report: Report) -> Iterator[str]:
    """Yield the parts of one JSON object: counts, coverage, and the same records as the CSV, each on its own line."""
    yield f'{_json(_summary(report))[:-1]},"records":['
    separator = "\n"
    for record in _records(report):
        yield separator + _json(record)
        separator = ",\n"
    yield "\n]}\n"


def _summary(report: Report) -> dict[str, Any]:
    return {
        "at": report.coverage.scanned_at.isoformat(),
        "instances": report.count,
        "owing": report.flagged_count,
        "tables": {table.id.value: table.count for table in report.tables},
        "coverage": {
            "read": report.coverage.read_count,
            "total": report.coverage.target_count,
            "complete": report.all_targets_read,
            "directory_gaps": [gap.reason for gap in gaps_of(GapSource.DIRECTORY, report.gaps)],
            "doubts": [gap.reason for gap in gaps_of(GapSource.COUNT, report.gaps)],
        },
    }


def _json(value: dict[str, Any]) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # half a surrogate pair, which JSON holds as an escape and orjson refuses
        return json.dumps(value, default=_text)


def _records(report: Report) -> Iterator[dict[str, Any]]:
    for table in report.tables:
        for row in table.rows:
            for instance in row.instances:
                yield _record(table.id, row, instance)
    yield from map(_gap_record, report.gaps)


def _record(table: TableId, row: Row, instance: Instance) -> dict[str, Any]:
    return {
        "table": table,
        "findings": [finding.rule for finding in row.findings],
        "evidence": [finding.evidence for finding in row.findings],
        "identifier": row.identity.identifier,
        "directory": row.identity.identifier_status,
        "owner": list(row.identity.owner_keys),
        "name": instance.name,
        "instance_id": instance.id,
        "type": instance.type,
        "state": instance.state,
        "created": instance.created_at,
        "started": instance.launched_at,
        "last_action": instance.last_action,
        "last_action_is_dated": instance.last_action_is_dated,
        "region": instance.target.region,
        "account": instance.target.account,
        "controller": f"{row.controller.kind} {row.controller.name}" if row.controller else None,
    }


def _gap_record(gap: Gap) -> dict[str, Any]:
    evidence = [f"{gap.reason}: {gap.detail}" if gap.detail else gap.reason]
    place = {"region": gap.where.region, "account": gap.where.account} if gap.where else {}
    return {"table": label(gap), "evidence": evidence, **place}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _without_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
