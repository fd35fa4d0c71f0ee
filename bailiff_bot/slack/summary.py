"""The report in one message: headline, counts, the worst, coverage, and what one can do next."""

from datetime import datetime

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.report import Report, Table
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.render.words import all_is_well, headline, plural, remedy, small_print, title, visible
from bailiff_bot.slack.message import Message, blocks, bold, bullets, context, header, line, paragraph
from bailiff_bot.slack.rows import bullet

SHARE = "bailiff_share"
"""The action of the button that puts the summary into the channel it was asked for in."""
FULL_REPORT = "bailiff_full_report"
"""The action of the button that sends every table and the CSV to the asker; its value says whose, or is `everyone`."""
EVERYONE = "everyone"
_WORST = 5


def summary(
    report: Report, now: datetime, *, buttons: tuple[Button, ...] = (), note: str = "", whose: tuple[str, ...] = ()
) -> Message:
    """Return a report in one message: everyone's, or that of some owners, whose names are then said first."""
    closing = small_print(report, now)
    said = f"{visible(' and '.join(whose))}: {headline(report)}" if whose else headline(report)
    if all_is_well(report):
        text = f"{said}. {closing[-1]}."
        small = [context([note])] if note else []
        return Message(text, blocks(paragraph(text), *small, *_actions(buttons)), f"{text}\n{note}".strip())
    worst = [bullet(row, report.coverage.accounts, owner=True) for row in report.worst(_WORST)]
    parts: list[Block] = [header(said)]
    counted = [table for table in report.tables if table.rows]
    if counted:
        parts.append(bullets(line(bold(f"{table.count:,}"), f"  {_label(table, report)}") for table in counted))
    if worst:
        parts += [paragraph(bold("The worst")), bullets(one.drawn() for one in worst)]
    parts += [context([*closing, note]), *_actions(buttons)]
    counts = [f"{table.count:>6,}  {_label(table, report)}" for table in counted]
    plain = [said, *counts, "The worst:" if worst else "", *(one.text() for one in worst), *closing, note]
    return Message(f"{said}. {closing[-1]}.", blocks(*parts), "\n".join(part for part in plain if part))


def share_button() -> Button:
    """Return the button that shares the summary."""
    return Button("Share in channel", action_id=SHARE, value=EVERYONE, style="primary")


def full_report_button(whose: str = EVERYONE) -> Button:
    """Return the button that sends all tables: everyone's, or those of an identifier or an address."""
    return Button("Full report", action_id=FULL_REPORT, value=whose)


def _actions(buttons: tuple[Button, ...]) -> list[Block]:
    return [ActionsBlock(list(buttons))] if buttons else []


def _label(table: Table, report: Report) -> str:
    name = title(table.id, report.policy)
    owing = sum(row.count for row in table.rows if row.findings)
    if isinstance(table.id, RuleId):
        return f"{name}: {remedy(table.id, report.policy)}"
    return f"{name}, of which {plural(owing, 'owes', 'owe')} something" if owing else name
