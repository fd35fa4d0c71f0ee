"""The report: every instance in one table. Slack messages, terminal tables, CSV and JSON are made from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from bailiff_bot.domain.controller import Controller, controller_of, group_by_controller, is_exempt, representative
from bailiff_bot.domain.identity import Identity, People, identify
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.inventory import Coverage, Inventory, coverage
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import Finding, RuleId, build_rules, check_rules


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
    """One line of a table: an instance, or a controller with all its members."""

    instance: Instance
    """For a controller, the representative by which it is judged."""
    identity: Identity
    findings: tuple[Finding, ...]
    """In order of precedence. The first decides the table; the others are listed in the "Also" column."""
    controller: Controller | None = None
    members: tuple[Instance, ...] = ()
    """The controller's machines; empty for a single instance."""

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


@dataclass(frozen=True, slots=True)
class Report:
    """Every instance of an inventory in exactly one table, with the coverage."""

    tables: tuple[Table, ...]
    """One for each of `TABLES`, including empty ones."""
    coverage: Coverage
    directory_gaps: tuple[str, ...]
    """What could not be read of the directory, as text. While there is a gap, `known-owner` reports nothing."""
    policy: Policy
    """The policy of the rules. Messages name its thresholds."""
    as_of: datetime
    """The time of the scan, even if it is long ago. All ages are measured up to it."""
    plausibility_warnings: tuple[str, ...] = ()
    """Why the counts are not plausible. While there is a warning, nobody is notified and nothing is called fixed."""

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, in the order of the tables."""
        return (row for table in self.tables for row in table.rows)

    @property
    def count(self) -> int:
        """The number of all instances."""
        return sum(table.count for table in self.tables)

    @property
    def flagged(self) -> tuple[Row, ...]:
        """The rows with a finding, in the order of the tables."""
        return tuple(row for row in self.rows if row.findings)

    @property
    def flagged_count(self) -> int:
        """The number of flagged instances. All members of a flagged controller count."""
        return sum(row.count for row in self.flagged)

    def most_urgent(self, limit: int) -> tuple[Row, ...]:
        """Return at most `limit` flagged rows: those with the most findings first, then the oldest last action."""
        ranked = sorted(self.flagged, key=lambda row: (-len(row.findings), row.instance.last_action, row.instance.id))
        return tuple(ranked[:limit])

    def table(self, table_id: TableId) -> Table:
        """Return the table with this id."""
        return next(table for table in self.tables if table.id == table_id)

    def filtered(self, predicate: Callable[[Row], bool]) -> "Report":
        """Return a copy of the report with only the rows for which `predicate` is true."""
        return replace(
            self, tables=tuple(Table(table.id, tuple(filter(predicate, table.rows))) for table in self.tables)
        )


def judge(
    inventory: Inventory, people: People, policy: Policy, as_of: datetime, plausibility_warnings: tuple[str, ...] = ()
) -> Report:
    """Apply the policy's rules to every instance of an inventory, and return the report.

    A plausibility warning about the directory must be in `people.gaps` too. Otherwise `known-owner` would report people
    who are only missing from the directory's answer.
    """
    rules = build_rules(policy)

    def judged_row(instance: Instance, controller: Controller | None = None, members: tuple[Instance, ...] = ()) -> Row:
        identity = identify(instance, people, policy)
        return Row(instance, identity, check_rules(instance, identity, as_of, rules), controller, members)

    exempt, managed, single = _split_by_table(inventory.instances, policy)
    tables: dict[TableId, list[Row]] = {table: [] for table in TABLES}
    tables[OtherTable.EXEMPT] = [Row(instance, identify(instance, people, policy), ()) for instance in exempt]
    tables[OtherTable.MANAGED] = [
        judged_row(representative(controller, members), controller, members)
        for controller, members in group_by_controller(managed).items()
    ]
    for row in map(judged_row, single):
        tables[row.findings[0].rule if row.findings else OtherTable.LEGIT].append(row)
    return Report(
        tables=tuple(Table(table, tuple(sorted(rows, key=_SORT_KEYS[table]))) for table, rows in tables.items()),
        coverage=coverage(inventory, policy.expected_unread),
        directory_gaps=people.gaps,
        policy=policy,
        as_of=as_of,
        plausibility_warnings=plausibility_warnings,
    )


def _split_by_table(
    instances: Iterable[Instance], policy: Policy
) -> tuple[list[Instance], list[Instance], list[Instance]]:
    """Return the exempt instances, the managed ones, and those that are judged one by one."""
    exempt: list[Instance] = []
    managed: list[Instance] = []
    single: list[Instance] = []
    for instance in instances:
        if is_exempt(instance, policy.exempt_tags):
            exempt.append(instance)
        elif controller_of(instance):
            managed.append(instance)
        else:
            single.append(instance)
    return exempt, managed, single


def _by_name(row: Row) -> tuple[object, ...]:
    return (row.instance.name or "").strip().casefold(), row.instance.id


def _by_identifier(row: Row) -> tuple[object, ...]:
    return row.identity.identifier or "", row.instance.last_action, row.instance.id


_by_start = attrgetter("instance.launched_at", "instance.id")
_by_region = attrgetter("instance.target.region", "instance.target.account", "instance.id")
_by_last_action = attrgetter("instance.last_action", "instance.id")
_by_controller = attrgetter("controller")

_SORT_KEYS: dict[TableId, Callable[[Row], Any]] = {
    RuleId.NAMED: _by_start,
    RuleId.OWNED: _by_name,
    RuleId.KNOWN_OWNER: _by_name,
    RuleId.DELETED_WHEN_ABANDONED: _by_identifier,
    RuleId.STOPPED_WHEN_UNUSED: _by_start,
    RuleId.ALLOWED_REGION: _by_region,
    OtherTable.MANAGED: _by_controller,
    OtherTable.LEGIT: _by_last_action,
    OtherTable.EXEMPT: _by_last_action,
}
