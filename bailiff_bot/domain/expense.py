"""What the instances of a report cost a month: for nothing, perhaps for nothing, and how many cost what they should.

An instance counts once: as waste if it is certainly unused, else as asked, else by what is wrong with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import Finding, RuleId

_NAMING = frozenset({RuleId.NAMED, RuleId.OWNED, RuleId.KNOWN_OWNER})


@dataclass(frozen=True, slots=True)
class Total:
    """What several instances cost a month together."""

    instances: int
    usd: Decimal
    """All that is priced, in US dollars, not rounded."""
    not_priced: int
    """Of how many instances something has no price. All machines of such a controller count."""
    listed_on: date | None
    """The date of the oldest price that could not be renewed in time; None if all are current."""


@dataclass(frozen=True, slots=True)
class Expense:
    """What flagged rows cost, by why they are flagged."""

    waste: Total
    """Idle or abandoned."""
    asked: Total
    """Perhaps unused: their owners are asked."""
    badly_named: int
    """Instances that only need a name or an owner."""
    elsewhere: int
    """The other instances: they are in a region that is not allowed."""


def expense(rows: Iterable[Row]) -> Expense:
    """Return what the rows with findings cost."""
    flagged = [row for row in rows if row.findings]
    others = [row for row in flagged if not may_be_unused(row)]
    badly_named = sum(row.count for row in others if all(one.rule in _NAMING for one in row.findings))
    return Expense(
        total(row for row in flagged if is_waste(row)),
        total(row for row in flagged if may_be_unused(row) and not is_waste(row)),
        badly_named,
        sum(row.count for row in others) - badly_named,
    )


def total(rows: Iterable[Row]) -> Total:
    """Return what rows cost together. A row without a cost counts as not priced."""
    rows = tuple(rows)
    costs = [row.cost for row in rows if row.cost]
    return Total(
        sum(row.count for row in rows),
        sum((cost.usd for cost in costs), Decimal(0)),
        sum(row.count for row in rows if row.cost is None or row.cost.not_priced),
        min((cost.listed_on for cost in costs if cost.listed_on), default=None),
    )


def is_waste(row: Row) -> bool:
    """Return True if a row is certainly unused: idle, or stopped for long."""
    return any(_is_about_use(finding) and not finding.asks for finding in row.findings)


def may_be_unused(row: Row) -> bool:
    """Return True if a row is certainly or perhaps unused."""
    return any(map(_is_about_use, row.findings))


def most_expensive(rows: Iterable[Row], limit: int) -> tuple[Row, ...]:
    """Return at most `limit` rows that are certainly or perhaps unused, those that cost the most first.

    What has no price at all is left out: nobody knows its place.
    """
    costs = [(row.cost.usd, row) for row in rows if row.cost and row.cost.usd and may_be_unused(row)]
    return tuple(row for _, row in sorted(costs, key=lambda pair: (-pair[0], pair[1].instance.id))[:limit])


def _is_about_use(finding: Finding) -> bool:
    return finding.rule in {RuleId.STOPPED_WHEN_UNUSED, RuleId.DELETED_WHEN_ABANDONED}
