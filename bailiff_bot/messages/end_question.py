"""The direct message that asks an owner for the end of exempting tags."""

from collections.abc import Sequence
from datetime import tzinfo

from bailiff_bot.domain.report import Report, Row
from bailiff_bot.messages.buttons import link_button
from bailiff_bot.messages.document import Buttons, Document, Item, SmallPrint
from bailiff_bot.messages.exemptions import end_wanted
from bailiff_bot.messages.formatting import sentence_case
from bailiff_bot.messages.instance_line import console_url, place, row_title
from bailiff_bot.messages.wording import dated_small_print

_REST_IN = "/bailiff exemptions"


def end_question(rows: Sequence[Row], report: Report, zone: tzinfo) -> Document:
    """Return the question about rows that a tag exempts without an end."""
    count = sum(row.count for row in rows)
    text = f"{count:,} of your instances {'is' if count == 1 else 'are'} exempt without an end"
    accounts, advice = report.coverage.account_count, sentence_case(end_wanted(report.policy))
    asked = f"{advice}. Or remove the tag if it is not needed any more. Bailiff asks once a month."
    notes = SmallPrint((asked, *dated_small_print(report, zone)))
    items = (_item(number, row, accounts) for number, row in enumerate(rows))
    return Document(f"{text}.", text, (*items, notes), _REST_IN)


def _item(number: int, row: Row, accounts: int) -> Item:
    link = () if row.controller else (link_button("Open in AWS", console_url(row.instance)),)
    return Item((row_title(row), f" · {place(row.instance, accounts)}"), Buttons(link, f"exempt {number}"))
