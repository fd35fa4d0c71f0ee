"""The report as CSV, for spreadsheets, and as JSON, for programs. Both list what was not read."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from bailiff_bot.domain.cost import Cost
from bailiff_bot.domain.expense import Total, expense
from bailiff_bot.domain.gap import Gap, GapSource, gaps_of
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.report import Report, Row, TableId
from bailiff_bot.messages.gaps import label
from bailiff_bot.messages.money import is_priced
from bailiff_bot.render.records import csv_lines, json_parts

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
    "exempt_until",
    "exempt_note",
)
_COST_FIELDS = ("usd_month", "not_priced", "prices_of")
"""Only if prices are on. What a controller costs stands at its first machine, so that a sum of the column is right."""
_USAGE_FIELDS = ("usage", "usage_days", "cpu_max_percent", "cpu_average_percent", "network_mb_day")
"""Only if usage is read. Of a controller they are those of all its machines."""


def as_csv(report: Report) -> Iterator[str]:
    """Yield the lines: one for each instance, and one for each gap, whose `table` says what it is."""
    fields = (
        *_FIELDS,
        *(_COST_FIELDS if report.has_costs else ()),
        *(_USAGE_FIELDS if report.policy.reads_usage else ()),
    )
    return csv_lines(fields, ([_text(record.get(field)) for field in fields] for record in _records(report)))


def as_json(report: Report) -> Iterator[str]:
    """Yield the parts of one JSON object: counts, coverage, and the same records as the CSV, each on its own line."""
    return json_parts(_summary(report), _records(report))


def _summary(report: Report) -> dict[str, Any]:
    return {
        "at": report.coverage.scanned_at.isoformat(),
        "instances": report.count,
        "owing": report.flagged_count,
        **(_expense(report) if report.has_costs else {}),
        "tables": {table.id.value: table.count for table in report.tables},
        "coverage": {
            "read": report.coverage.read_count,
            "total": report.coverage.target_count,
            "complete": report.complete,
            "directory_gaps": [gap.reason for gap in gaps_of(GapSource.DIRECTORY, report.gaps)],
            "doubts": [gap.reason for gap in gaps_of(GapSource.COUNT, report.gaps)],
        },
    }


def _expense(report: Report) -> dict[str, Any]:
    """Return what is spent a month on what is idle or abandoned, and on what owners are asked about."""
    found = expense(report.flagged)
    return {"waste": _total(found.waste), "asked": _total(found.asked)}


def _total(found: Total) -> dict[str, Any]:
    return {
        "instances": found.instances,
        "usd_month": _dollars(found.usd),
        "not_priced": found.not_priced,
        "prices_of": found.listed_on,
    }


def _records(report: Report) -> Iterator[dict[str, Any]]:
    for table in report.tables:
        for row in table.rows:
            usage = _usage(row) if report.policy.reads_usage else {}
            for number, instance in enumerate(row.instances):
                costs = _cost(row.cost if number == 0 else None) if report.has_costs else {}
                yield _record(table.id, row, instance) | costs | usage
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
        "exempt_until": row.exempted and row.exempted.until,
        "exempt_note": row.exempted and row.exempted.note,
    }


def _cost(cost: Cost | None) -> dict[str, Any]:
    if cost is None:
        return dict.fromkeys(_COST_FIELDS)
    usd = _dollars(cost.usd) if is_priced(cost) else None
    return dict(zip(_COST_FIELDS, (usd, sorted(cost.not_priced), cost.listed_on), strict=True))


def _dollars(usd: Decimal) -> float:
    return float(round(usd, 2))


def _usage(row: Row) -> dict[str, Any]:
    usage = row.case.usage
    figures = (usage.cpu_max, usage.cpu_average, usage.network_mb)
    verdict = usage.verdict if row.instance.state is InstanceState.RUNNING else None
    return dict(zip(_USAGE_FIELDS, (verdict, usage.days or None, *figures), strict=True))


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
    return value.isoformat() if isinstance(value, date) else str(value)
