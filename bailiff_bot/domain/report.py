"""The report: every instance in one table. Slack messages, terminal tables, CSV and JSON are made from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property, partial
from operator import attrgetter
from typing import Any

from bailiff_bot.domain.case import Case, CaseMaker, subject_of_case
from bailiff_bot.domain.controller import Controller, group_instances
from bailiff_bot.domain.cost import Cost
from bailiff_bot.domain.exemption import Exempted
from bailiff_bot.domain.gap import Gap, GapSource, gaps_of, limiting, unexpected
from bailiff_bot.domain.grants import NO_GRANTS, Grants, split_findings
from bailiff_bot.domain.identity import Identity
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.inventory import Coverage, coverage, mark_expected
from bailiff_bot.domain.ownership import NO_OWNERSHIP, Ownership
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import RULES, Finding, RuleId, build_rules, judge_case
from bailiff_bot.domain.snapshot import Snapshot


class OtherTable(StrEnum):
    """The tables that do not belong to a rule."""

    MANAGED = "managed"
    LEGIT = "legit"
    EXEMPT = "exempt"


TableId = RuleId | OtherTable
TABLES: tuple[TableId, ...] = (*RuleId, *OtherTable)
"""All tables of a report, in the order of their presentation."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a case with its findings."""

    case: Case
    findings: tuple[Finding, ...]
    """In order of precedence. The first decides the table; the others are listed in the "Also" column."""
    kept: tuple[Finding, ...] = ()
    """The findings that do not count, because somebody was granted an exemption from their rules."""
    exempted: Exempted | None = None
    """Until when it is exempt: by a tag from all rules, or by what was granted from those in `kept`."""
    cost: Cost | None = None
    """What it costs a month, for a controller all its machines; None if it breaks no rule, or prices are off."""

    @property
    def instance(self) -> Instance:
        """The instance; for a controller, the representative by which it is judged."""
        return self.case.instance

    @property
    def identity(self) -> Identity:
        """Who owns it, and why."""
        return self.case.identity

    @property
    def controller(self) -> Controller | None:
        """The controller, if the row is one."""
        return self.case.controller

    @property
    def members(self) -> tuple[Instance, ...]:
        """The controller's machines; empty for a single instance."""
        return self.case.members

    @property
    def count(self) -> int:
        """The number of instances in this row."""
        return len(self.members) or 1

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The instances in this row."""
        return self.members or (self.instance,)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the rows with the same first finding, or the managed, legit or exempt ones."""

    id: TableId
    rows: tuple[Row, ...]

    @property
    def count(self) -> int:
        """The number of instances in this table."""
        return sum(row.count for row in self.rows)


@dataclass(frozen=True)
class Report:
    """Every instance of an inventory in exactly one table, with the coverage and all gaps."""

    tables: tuple[Table, ...]
    """One for each of `TABLES`, including empty ones."""
    coverage: Coverage
    gaps: tuple[Gap, ...]
    """What could not be found out, in the order of the sources. The expected ones of a source come last."""
    policy: Policy
    """The policy of the rules. Messages name its thresholds."""
    as_of: datetime
    """The time of the scan, even if it is long ago. All ages are measured up to it."""
    has_costs: bool = False
    """True if prices are on: each flagged row has a cost, of which parts may be not priced."""

    @property
    def complete(self) -> bool:
        """True if a target was read and no gap limits what the report says."""
        return bool(self.coverage.read_count) and not limiting(self.gaps)

    @property
    def all_targets_read(self) -> bool:
        """True if every target that should be read was read."""
        return not gaps_of(GapSource.TARGET, unexpected(self.gaps))

    @property
    def plausible(self) -> bool:
        """False if a count is not plausible. Then nobody is notified and nothing is called fixed."""
        return not gaps_of(GapSource.COUNT, self.gaps)

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, in the order of the tables."""
        return (row for table in self.tables for row in table.rows)

    @property
    def count(self) -> int:
        """The number of all instances."""
        return sum(table.count for table in self.tables)

    @cached_property
    def flagged(self) -> tuple[Row, ...]:
        """The rows with a finding, in the order of the tables."""
        return tuple(row for row in self.rows if row.findings)

    @property
    def flagged_count(self) -> int:
        """The number of flagged instances. All members of a flagged controller count."""
        return sum(row.count for row in self.flagged)

    def most_urgent(self, limit: int) -> tuple[Row, ...]:
        """Return at most `limit` flagged rows: those with the most findings first, then the oldest last action."""
        return most_urgent_first(self.flagged)[:limit]

    def table(self, table_id: TableId) -> Table:
        """Return the table with this id."""
        return next(table for table in self.tables if table.id == table_id)

    def of_owners(self, owners: Iterable[str]) -> "Report":
        """Return the part of the report with an owner among `owners`, in its order.

        An owner is an identifier (upper case), in the name or as an owner, or an e-mail address (lower case).
        """
        wanted = {id(row) for owner in owners for row in self._rows_by_owner.get(owner, ())}
        tables = (Table(table.id, tuple(row for row in table.rows if id(row) in wanted)) for table in self.tables)
        return replace(self, tables=tuple(tables))

    @cached_property
    def _rows_by_owner(self) -> Mapping[str, Sequence[Row]]:
        rows: dict[str, list[Row]] = {}
        for row in self.rows:
            for key in _owners(row):
                rows.setdefault(key, []).append(row)
        return rows


def most_urgent_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows in this order: those with the most findings first, then the oldest last action."""
    return tuple(sorted(rows, key=lambda row: (-len(row.findings), row.instance.last_action, row.instance.id)))


def _owners(row: Row) -> AbstractSet[str]:
    """Return the identifiers and addresses that lead to a row."""
    identity = row.identity
    in_name = filter(None, [identity.named_owner])
    return {*in_name, *(candidate.key for candidate in identity.candidates), *identity.addresses}


def judge(
    snapshot: Snapshot,
    policy: Policy,
    as_of: datetime,
    grants: Grants = NO_GRANTS,
    ownership: Ownership = NO_OWNERSHIP,
) -> Report:
    """Apply the policy's rules to every instance of a snapshot, and return the report.

    `grants` are the exemptions that were granted in Slack and are not over, `ownership` is what was said there of who
    owns an instance, and is not over.
    """
    rules = build_rules(policy)
    cases = CaseMaker(snapshot.people, policy, ownership, as_of)
    groups = group_instances(snapshot.inventory.instances, policy, as_of)
    tables: dict[TableId, list[Row]] = {table: [] for table in TABLES}
    tables[OtherTable.EXEMPT] = [Row(case, (), exempted=case.exemption) for case in cases.exempt(groups.exempt)]
    to_row = partial(_row, grants=grants, snapshot=snapshot)
    tables[OtherTable.MANAGED] = [
        to_row(case, judge_case(case, rules, as_of)) for case in cases.controllers(groups.managed)
    ]
    for case in cases.single(groups.single):
        row = to_row(case, judge_case(case, rules, as_of))
        tables[_table_of(row)].append(row)
    return Report(
        tables=tuple(_sorted_table(table, rows) for table, rows in tables.items()),
        coverage=coverage(snapshot.inventory),
        gaps=_ordered(mark_expected(snapshot.gaps, policy.expected_unread)),
        policy=policy,
        as_of=as_of,
        has_costs=snapshot.prices is not None,
    )


def _row(case: Case, findings: tuple[Finding, ...], grants: Grants, snapshot: Snapshot) -> Row:
    granted = grants.get(subject_of_case(case)) if grants and findings else None
    counting, kept = split_findings(findings, granted) if granted else (findings, ())
    until = max((granted[finding.rule].until for finding in kept), default=None) if granted else None
    exempted = Exempted(exempt=True, until=until) if until else None
    return Row(case, counting, kept, exempted, _cost(case, snapshot) if counting else None)


def _cost(case: Case, snapshot: Snapshot) -> Cost | None:
    """Return what the instances of a case cost together; None if prices are off."""
    prices = snapshot.prices
    if prices is None:
        return None
    costs = (prices.cost(instance, snapshot.volumes) for instance in case.members or (case.instance,))
    return sum(costs, Cost())


def _table_of(row: Row) -> TableId:
    if row.findings:
        return row.findings[0].rule
    return OtherTable.EXEMPT if row.kept else OtherTable.LEGIT


def _ordered(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    sources = list(GapSource)
    return tuple(sorted(gaps, key=lambda gap: (sources.index(gap.source), gap.expected)))


def _sorted_table(table: TableId, rows: Iterable[Row]) -> Table:
    sort_key = RULES[table].sort_key if isinstance(table, RuleId) else _SORT_KEYS[table]
    return Table(table, tuple(sorted(rows, key=lambda row: sort_key(row.case))))


_by_last_action = attrgetter("instance.last_action", "instance.id")

_SORT_KEYS: Mapping[OtherTable, Callable[[Case], Any]] = {
    OtherTable.MANAGED: attrgetter("controller"),
    OtherTable.LEGIT: _by_last_action,
    OtherTable.EXEMPT: _by_last_action,
}
