"""Filters of a report: which part of it somebody asks for."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Coverage
from bailiff_bot.domain.report import Report, Row, Table
from bailiff_bot.domain.rules import RuleId


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Selects a part of a report. The values of a field are alternatives, the fields combine. An empty one selects all.

    Its words are the filter as text, each as somebody may type it.
    """

    owners: tuple[str, ...] = ()
    """Identifiers (upper case) and e-mail addresses (lower case)."""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    rules: tuple[RuleId, ...] = ()
    cost: CostFloor | None = None
    """What a whole row must cost; None: it does not matter. Only rows that break a rule have a cost."""

    @property
    def words(self) -> tuple[str, ...]:
        """All values."""
        return (*self.owners, *self.accounts, *self.regions, *self.rules, *([self.cost.word] if self.cost else []))

    def may_hold(self, target: Target) -> bool:
        """Return True if a target is selected, or stands for regions or an account that may be."""
        in_region = not self.regions or target.region in (*self.regions, ALL_REGIONS)
        in_account = not self.accounts or target.account in self.accounts or not target.account.isdigit()
        return in_region and in_account

    def has_row(self, row: Row) -> bool:
        """Return True if a row is selected by all but its owners, which are those of a report's index."""
        return (
            self.may_hold(row.instance.target)
            and (not self.rules or any(finding.rule in self.rules for finding in row.findings))
            and (self.cost is None or self.cost.selects(row.cost))
        )


EVERYTHING = ReportFilter()
"""Selects the whole report."""


class View(StrEnum):
    """What of a report is shown. The values are the commands that people type."""

    REPORT = "report"
    MINE = "mine"
    EXEMPTIONS = "exemptions"


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What somebody asks for."""

    view: View
    filter: ReportFilter = EVERYTHING

    @property
    def text(self) -> str:
        """The command that asks for it: `report AGR eu-west-1`. The buttons of the answer have it as their value."""
        return " ".join((self.view, *self.filter.words))


def filtered(report: Report, wanted: ReportFilter) -> Report:
    """Return the part of a report that a filter selects, with the coverage and the gaps of that part.

    The gaps and the coverage are those of the selected regions and accounts: any owner may have instances in them.
    """
    if wanted == EVERYTHING:
        return report
    owned = report.of_owners(wanted.owners) if wanted.owners else report
    return replace(
        owned,
        tables=tuple(Table(table.id, tuple(filter(wanted.has_row, table.rows))) for table in owned.tables),
        coverage=report.coverage.part(wanted.may_hold),
        gaps=tuple(gap for gap in report.gaps if gap.where is None or wanted.may_hold(gap.where)),
    )


def not_priced_count(report: Report, wanted: ReportFilter) -> int:
    """Return how many instances a filter leaves out although they may cost as much as it asks for.

    They break a rule, the rest of the filter selects them, and something of them has no price.
    """
    if wanted.cost is None:
        return 0
    others = filtered(report, replace(wanted, cost=None)).flagged
    return sum(row.count for row in others if wanted.cost.may_select(row.cost))


def places_outside(wanted: ReportFilter, coverage: Coverage) -> tuple[str, ...]:
    """Return the accounts and regions of a filter that are no part of the scan: nothing is known about them.

    If each is a part of it, but no account has one of the regions, the result names them together.
    """
    single = {account: ReportFilter(accounts=(account,)) for account in wanted.accounts}
    single |= {region: ReportFilter(regions=(region,)) for region in wanted.regions}
    together = f"{' or '.join(wanted.regions)} in {' or '.join(wanted.accounts)}"
    outside = [name for name, place in single.items() if not any(map(place.may_hold, coverage.targets))]
    if not outside and single and not any(map(wanted.may_hold, coverage.targets)):
        return (together,)
    return tuple(outside)
