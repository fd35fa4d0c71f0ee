"""How the cost of an instance is made, as lines."""

from collections.abc import Iterator

from bailiff_bot.domain.cost import CostPart
from bailiff_bot.domain.explanation import Explanation
from bailiff_bot.messages.document import Bold, Line
from bailiff_bot.messages.formatting import day_month, plural
from bailiff_bot.messages.money import NOT_PRICED, about, cost_text, is_priced

_NAMES = {
    CostPart.COMPUTE: "compute, 730 hours",
    CostPart.VOLUMES: "volumes",
    CostPart.ADDRESSES: "public addresses",
}


def cost_lines(explained: Explanation) -> Iterator[Line]:
    """Yield what a row costs, then each part of it; nothing if it has no cost."""
    row, cost = explained.row, explained.row.cost
    if cost is None:
        return
    machines = f" for {plural(row.count, 'machine')}" if row.controller else ""
    yield Bold(cost_text(cost)), machines
    amounts = {CostPart.COMPUTE: cost.compute, CostPart.VOLUMES: cost.volumes, CostPart.ADDRESSES: cost.addresses}
    for part, usd in amounts.items():
        missing = f"{'the rest is ' if usd else ''}{NOT_PRICED}" if part in cost.not_priced else ""
        shown = about(usd) if usd or not missing else ""
        yield (f"{_NAMES[part]}: {', '.join(filter(None, (shown, missing)))}",)
    if is_priced(cost) and cost.listed_on:
        yield (f"a price is of {day_month(cost.listed_on)}: it could not be read again since",)
