"""The report: a frozen value from which every face is drawn, be it a Slack message, a terminal's table or a CSV."""

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
    """The tables that are not a rule's."""

    MANAGED = "managed"
    LEGIT = "legit"
    EXEMPT = "exempt"


TableId = RuleId | OtherTable
TABLES: tuple[TableId, ...] = (*RuleId, *OtherTable)
"""Every table of a report, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: an instance, or a controller with all its members."""

    instance: Instance
    """For a controller, the instance by which it is judged."""
    identity: Identity
    findings: tuple[Finding, ...]
    """In order of precedence; the first names the table, the others its "Also" column."""
    controller: Controller | None = None
    members: tuple[Instance, ...] = ()
    """A controller's machines."""

    @property
    def count(self) -> int:
        """How many instances this row stands for."""
        return len(self.members) or 1

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The instances this row stands for."""
        return self.members or (self.instance,)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows whose first broken rule is this one, or that stand apart."""

    id: TableId
    rows: tuple[Row, ...]

    @property
    def count(self) -> int:
        """How many instances stand in it."""
        return sum(row.count for row in self.rows)


@dataclass(frozen=True, slots=True)
class Report:
    """Every instance of an inventory in exactly one table, and how much of the tenant that is."""

    tables: tuple[Table, ...]
    """One for each of `TABLES`, the empty ones too."""
    coverage: Coverage
    directory_gaps: tuple[str, ...]
    """What the directory could not tell, in words: while there are any, nobody is accused of being unknown."""
    policy: Policy
    """What the rules were built from: the messages name its thresholds."""
    as_of: datetime
    """The instant for which it was judged: that of its scan, however long ago, for nobody has looked since."""
    plausibility_warnings: tuple[str, ...] = ()
    """Why what was seen is not plausible, in words: while there are any, nobody is told and nothing is called fixed."""

    @property
    def rows(self) -> Iterator[Row]:
        """Every row, in the order of the tables."""
        return (row for table in self.tables for row in table.rows)

    @property
    def count(self) -> int:
        """How many instances there are."""
        return sum(table.count for table in self.tables)

    @property
    def flagged(self) -> tuple[Row, ...]:
        """The rows that owe something, in the order of the tables."""
        return tuple(row for row in self.rows if row.findings)

    @property
    def flagged_count(self) -> int:
        """How many instances owe something; a controller's machines owe together."""
        return sum(row.count for row in self.flagged)

    def most_urgent(self, limit: int) -> tuple[Row, ...]:
        """Return the rows that break the most rules, and of those the ones left alone for longest."""
        ranked = sorted(self.flagged, key=lambda row: (-len(row.findings), row.instance.last_action, row.instance.id))
        return tuple(ranked[:limit])

    def table(self, table_id: TableId) -> Table:
        """Return one of the tables."""
        return next(table for table in self.tables if table.id == table_id)

    def filtered(self, predicate: Callable[[Row], bool]) -> "Report":
        """Return the same report with the wanted rows alone."""
        return replace(
            self, tables=tuple(Table(table.id, tuple(filter(predicate, table.rows))) for table in self.tables)
        )


def judge(
    inventory: Inventory, people: People, policy: Policy, as_of: datetime, plausibility_warnings: tuple[str, ...] = ()
) -> Report:
    """Return the report of an inventory at an instant: the one place where instances meet the rules.

    Doubts about the people have to be among their gaps, so that nobody is accused of being unknown.
    """
    all_rules = build_rules(policy)

    def row(instance: Instance, controller: Controller | None = None, members: tuple[Instance, ...] = ()) -> Row:
        identity = identify(instance, people, policy)
        return Row(instance, identity, check_rules(instance, identity, as_of, all_rules), controller, members)

    exempt, managed, single = _split_by_table(inventory.instances, policy)
    tables: dict[TableId, list[Row]] = {table: [] for table in TABLES}
    tables[OtherTable.EXEMPT] = [Row(instance, identify(instance, people, policy), ()) for instance in exempt]
    tables[OtherTable.MANAGED] = [
        row(representative(controller, members), controller, members)
        for controller, members in group_by_controller(managed).items()
    ]
    for judged in map(row, single):
        tables[judged.findings[0].rule if judged.findings else OtherTable.LEGIT].append(judged)
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
