"""The columns of the tables, the same in the terminal and in Slack. A cell is plain text on one line, never empty."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.report import OtherTable, Report, Row, TableId
from bailiff_bot.messages.exemptions import until_text
from bailiff_bot.messages.formatting import display_name, iso_day, plural, visible
from bailiff_bot.messages.instance_line import console_url
from bailiff_bot.messages.money import cost_cell, is_priced
from bailiff_bot.messages.rule_texts import short_finding

EMPTY_CELL = "-"
"""An empty cell: Slack refuses one without text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and the functions that give a row's cell."""

    heading: str
    text: Callable[[Row], str]
    link: Callable[[Row], str] | None = None
    """The URL that the cell links to, if any."""
    number: Callable[[Row], float | None] | None = None
    """The number by which the cell is sorted, if the column holds numbers; None for a cell without one."""
    is_amount: bool = False
    """True if monospace text aligns the column to the right."""
    identifies: bool = False
    """True for the column that identifies a row, also for screen readers."""
    min_cells: int | None = None
    """A narrow terminal may cut the column to so many cells. None: it is cut only if no line has room for it."""


def columns(report: Report, table: TableId, zone: tzinfo) -> tuple[Column, ...]:
    """Return a table's columns. Dates are days in `zone`.

    The account is a column if there is more than one, the owners are if they are not all those of the identifiers, the
    cost is if a row has one.
    """
    cost = (_COST,) if any(row.cost for row in report.table(table).rows) else ()
    account = (Column("Account", lambda row: row.instance.target.account),) if report.coverage.account_count > 1 else ()
    owners = (_OWNERS,) if any(map(_has_other_owners, report.table(table).rows)) else ()
    if table is OtherTable.MANAGED:
        return (
            *_CONTROLLER,
            *cost,
            *owners,
            Column("Oldest", lambda row: iso_day(row.instance.launched_at, zone)),
            _REGION,
            *account,
            _BREAKS,
        )
    also = (_last_column(table, zone),) if table is not OtherTable.LEGIT else ()
    return (
        *_INSTANCE,
        *cost,
        *owners,
        Column("Started", lambda row: iso_day(row.instance.launched_at, zone)),
        Column("Last action", lambda row: last_action(row.instance, zone), min_cells=_MIN_DAY_WITH_REMARK),
        _REGION,
        *account,
        *also,
    )


def _last_column(table: TableId, zone: tzinfo) -> Column:
    """Return what is particular to a table: until when its rows are exempt, or which other rules they break."""
    if table is not OtherTable.EXEMPT:
        return _ALSO
    return Column("Exempt until", lambda row: _until(row, zone), min_cells=_MIN_WORDS)


def _until(row: Row, zone: tzinfo) -> str:
    return until_text(row.exempted, zone) if row.exempted else EMPTY_CELL


def name(instance: Instance) -> str:
    """Return an instance's name for a cell: unchanged, except for invisible and harmful characters."""
    if instance.name is None:
        return EMPTY_CELL
    return display_name(instance.name)


def last_action(instance: Instance, zone: tzinfo) -> str:
    """Return the day of the last action, with a remark where AWS does not date the stop and the start is shown."""
    return iso_day(instance.last_action, zone) + ("" if instance.last_action_is_dated else " (start; stop not dated)")


def broken_rules(row: Row, start: int = 0) -> str:
    """Return the rules that a row breaks, one or two words each, from the `start`-th on."""
    return ", ".join(short_finding(finding) for finding in row.findings[start:]) or EMPTY_CELL


def _has_other_owners(row: Row) -> bool:
    """Return True if an owner of a row is not the identifier in its name."""
    identity = row.identity
    return identity.named_owner != identity.identifier or any(key != identity.identifier for key in identity.owner_keys)


def _types(row: Row) -> str:
    counts = Counter(member.type for member in row.instances)
    commonest = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))[:_MAX_TYPES]
    others = [plural(len(counts) - _MAX_TYPES, "other type")] if len(counts) > _MAX_TYPES else []
    return ", ".join([*(f"{count} x {kind}" for kind, count in commonest), *others])


_MAX_TYPES = 5
"""A cell names at most so many of a controller's instance types."""
_MIN_NAME, _MIN_WORDS, _MIN_IDENTIFIER, _MIN_DAY_WITH_REMARK = 16, 12, 6, 22
"""Cells to which a narrow terminal may cut: an identifier and a day stay whole."""
_REGION = Column("Region", lambda row: row.instance.target.region)
_ALSO = Column("Also", lambda row: broken_rules(row, 1), min_cells=_MIN_WORDS)
_BREAKS = Column("Breaks", broken_rules, min_cells=_MIN_WORDS)
_IDENTIFIER = Column("Identifier", lambda row: row.identity.identifier or EMPTY_CELL, min_cells=_MIN_IDENTIFIER)
_OWNERS = Column("Owner", lambda row: visible(", ".join(row.identity.owner_keys)) or EMPTY_CELL, min_cells=_MIN_NAME)
_COST = Column(
    "$/month",
    lambda row: cost_cell(row.cost) if row.cost else EMPTY_CELL,
    number=lambda row: float(row.cost.usd) if row.cost and is_priced(row.cost) else None,
    is_amount=True,
)
_INSTANCE = (
    _IDENTIFIER,
    Column("Name", lambda row: name(row.instance), min_cells=_MIN_NAME),
    Column("Instance", lambda row: row.instance.id, lambda row: console_url(row.instance), identifies=True),
    Column("Type", lambda row: row.instance.type),
    Column("State", lambda row: row.instance.state),
)
_CONTROLLER = (
    _IDENTIFIER,
    Column(
        "Controller",
        lambda row: display_name(row.controller.name) if row.controller else EMPTY_CELL,
        identifies=True,
        min_cells=_MIN_NAME,
    ),
    Column("Kind", lambda row: row.controller.kind if row.controller else EMPTY_CELL, min_cells=_MIN_WORDS),
    Column("Machines", lambda row: str(row.count), number=lambda row: row.count),
    Column("Types", _types, min_cells=_MIN_NAME),
)
