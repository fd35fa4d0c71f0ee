"""What instances cost a month, as text. From $10 on amounts are whole dollars, below they have cents."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.expense import Expense, Total, expense, total
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.formatting import day_month

NOT_PRICED = "not priced"
_CENT, _DOLLAR, _WHOLE_FROM = Decimal("0.01"), Decimal(1), Decimal("9.995")
_A_MONTH = " a month"
_ASSUMPTION = "List prices; savings plans and reservations are not known"


def amount(usd: Decimal) -> str:
    """Return an amount in a column of dollars: `1,300`, `8.30`, `under 1`. What costs nothing is `0`."""
    if not usd:
        return "0"
    return f"{usd.quantize(_DOLLAR if usd >= _WHOLE_FROM else _CENT, ROUND_HALF_UP):,}" if usd >= 1 else "under 1"


def about(usd: Decimal) -> str:
    """Return an amount in a sentence: `about $1,300`, `about $8.30`, `under $1`. What costs nothing is `$0`."""
    return f"about ${amount(usd)}" if usd >= 1 else "under $1" if usd else "$0"


def is_priced(cost: Cost) -> bool:
    """Return False if all that is known of a cost is that something is not priced."""
    return not cost.not_priced or cost.usd >= 1


def cost_text(cost: Cost) -> str:
    """Return what one row costs: `about $640 a month`, `at least $12 a month (volumes not priced)`, `not priced`."""
    if not cost.not_priced:
        return f"{about(cost.usd)} a month"
    if not is_priced(cost):
        return NOT_PRICED
    return f"at least ${amount(cost.usd)} a month ({parts_text(cost.not_priced)} {NOT_PRICED})"


def cost_cell(cost: Cost) -> str:
    """Return what one row costs, in a column of dollars: `640`, `at least 12`, `not priced`."""
    if not cost.not_priced:
        return amount(cost.usd)
    return f"at least {amount(cost.usd)}" if is_priced(cost) else NOT_PRICED


def floor_text(floor: CostFloor) -> str:
    """Return what a filter asks for: `Cost over $1,000 a month`, `Cost of $99.5 a month or more`."""
    dollars = f"${floor.usd.normalize():,f}{_A_MONTH}"
    return f"Cost of {dollars} or more" if floor.inclusive else f"Cost over {dollars}"


def parts_text(parts: Iterable[CostPart]) -> str:
    """Return the names of parts of a cost: `compute and volumes`."""
    return " and ".join(part.value for part in CostPart if part in set(parts))


def total_text(found: Total) -> str:
    """Return what several instances cost: `about $640 a month`, `about $640 a month, 3 not priced`, `not priced`."""
    if found.not_priced and found.usd < 1:
        return NOT_PRICED
    rest = f", {found.not_priced:,} {NOT_PRICED}" if found.not_priced else ""
    return f"{about(found.usd)} a month{rest}"


def expense_text(found: Expense) -> str:
    """Return what is spent for nothing, what may be, and how many instances only need something else.

    `about $640 a month idle or abandoned, about $300 to be confirmed; 12 more only need a name`
    """
    totals = ((found.waste, "idle or abandoned"), (found.asked, "to be confirmed"))
    spent = [_what_for(one, what) for one, what in totals if one.instances]
    if len(spent) > 1 and _A_MONTH in spent[0]:
        spent[1] = spent[1].replace(_A_MONTH, "", 1)  # once is enough
    return "; ".join(filter(None, (", ".join(spent), _others(found, "more " if spent else ""))))


def after_colon(rows: Iterable[Row]) -> str:
    """Return what flagged rows cost and need, after a colon; empty if none of them has a cost: prices are off."""
    rows = tuple(rows)
    return f": {expense_text(expense(rows))}" if any(row.cost for row in rows) else ""


def rows_cost(rows: Iterable[Row]) -> str:
    """Return what flagged rows cost together, after a comma; empty if none of them has a cost: prices are off."""
    flagged = [row for row in rows if row.findings]
    return f", {total_text(total(flagged))}" if any(row.cost for row in flagged) else ""


def price_notes(rows: Iterable[Row]) -> Iterator[str]:
    """Yield once for a message what its amounts are; nothing if none of its rows has a cost."""
    priced = [row for row in rows if row.cost]
    if priced:
        listed_on = total(priced).listed_on
        yield f"{_ASSUMPTION}{f'; some prices are of {day_month(listed_on)}' if listed_on else ''}."


def _what_for(found: Total, what: str) -> str:
    if found.not_priced and found.usd < 1:
        return f"{found.instances:,} {what} ({NOT_PRICED})"
    return f"{about(found.usd)} a month {what}{_not_priced(found)}"


def _not_priced(found: Total) -> str:
    return f" ({found.not_priced:,} {NOT_PRICED})" if found.not_priced else ""


def _others(found: Expense, more: str) -> str:
    """Return how many instances only need a name, and how many another region; empty if there are none."""
    named, elsewhere = found.badly_named, found.elsewhere
    texts = [f"{named:,} {more}only need{'s' if named == 1 else ''} a name"] if named else []
    texts += [f"{elsewhere:,} {more}need{'s' if elsewhere == 1 else ''} another region"] if elsewhere else []
    return ", ".join(texts)
