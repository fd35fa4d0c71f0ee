"""The report in one message: headline, counts, what changed, the worst, the trend, coverage, and what to do next."""

from collections.abc import Iterator, Sequence

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.report import Report, Row, Table
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.changes_text import (
    Story,
    fixed_line,
    incomplete_line,
    since_line,
    thanks_line,
    trend_line,
    unasked_line,
    unseen_line,
)
from bailiff_bot.messages.wording import all_is_well, doubts_line, headline, plural, remedy, small_print, title, visible
from bailiff_bot.slack.blocks.instance_bullets import Bullet, bullet, fitting
from bailiff_bot.slack.blocks.message import (
    MAX_CHARACTERS,
    MAX_HEADER,
    Message,
    blocks,
    bold,
    bullets,
    context,
    header,
    line,
    paragraph,
    shortened,
    weight,
)
from bailiff_bot.slack.blocks.trend import changed, chart, new_beside

SHARE = "bailiff_share"
"""The action of the button that puts the summary into the channel it was asked for in."""
FULL_REPORT = "bailiff_full_report"
"""The action of the button that sends every table and the CSV to the asker; its value says whose, or is `everyone`."""
EVERYONE = "everyone"
_WORST = 5
_NEW = 5
"""So many of the new ones are named beside the worst."""
_SMALL_PRINT = 1_500
"""Characters of one line of small print: three of them leave room for the rest."""
_FRAME = 1_000
"""Characters of the chart's labels and of the headings."""


def summary(  # noqa: PLR0913 - what may stand beside a report
    report: Report,
    when: str,
    *,
    buttons: tuple[Button, ...] = (),
    note: str = "",
    whose: tuple[str, ...] = (),
    story: Story | None = None,
) -> Message:
    """Return a report in one message: everyone's, or that of some owners, whose names are then said first.

    It was read `when`: an `age`, or a `moment` for what is kept.
    A digest has a story: what changed since the last one, and the trend.
    """
    said = f"{visible(' and '.join(whose))}: {headline(report)}" if whose else headline(report)
    small = [shortened(one, _SMALL_PRINT) for one in small_print(report, when)]
    if all_is_well(report):
        return _in_one_line(said, small[-1], story, note, buttons)
    counted = [(f"{table.count:,}", _label(table, report)) for table in report.tables if table.rows]
    told = [since_line(story), unseen_line(story), unasked_line(story), thanks_line(story)] if story else []
    closing = [one for one in (incomplete_line(story) if story else "", *small, note) if one]
    room = MAX_CHARACTERS - _FRAME - MAX_HEADER - sum(map(weight, (*told, *closing, *map("".join, counted))))
    lists = list(_named(report, story, room))
    parts: list[Block] = [header(said)]
    if counted:
        parts.append(bullets(line(bold(count), f"  {name}") for count, name in counted))
    parts += changed(story) if story else ()
    for heading, named in lists:
        parts += [paragraph(bold(heading)), bullets(one.drawn() for one in named)]
    parts += [*(chart(story) if story else ()), context(closing), *_actions(buttons)]
    plain = [said, *(f"{count:>6}  {name}" for count, name in counted), *told]
    plain += [part for heading, named in lists for part in (f"{heading}:", *(one.text() for one in named))]
    plain += [trend_line(story) if story else "", *closing]
    sentence = ". ".join(one for one in (said, *told[:1], doubts_line(report), small[-1]) if one)
    return Message(f"{sentence}.", blocks(*parts), "\n".join(one for one in plain if one))


def _in_one_line(said: str, covered: str, story: Story | None, note: str, buttons: tuple[Button, ...]) -> Message:
    """Return that all is well, with thanks to those who made it so."""
    told = (fixed_line(story), thanks_line(story)) if story else ()
    text = " ".join(f"{one}." for one in (said, *told, covered) if one)
    small = [one for one in (*((unseen_line(story), unasked_line(story)) if story else ()), note) if one]
    parts = [paragraph(text), *([context(small)] if small else []), *_actions(buttons)]
    return Message(text, blocks(*parts), "\n".join([text, *small]))


def _named(report: Report, story: Story | None, room: int) -> Iterator[tuple[str, Sequence[Bullet]]]:
    """Yield the worst, and what is new beside them, as far as there is room."""
    worst = report.worst(_WORST)
    new = new_beside(story, report, worst) if story else ()
    also = "Also new" if story and len(new) < len(story.changes.new) else "New"
    for heading, rows in (("The worst", worst), (also, new[:_NEW])):
        named = fitting(_bullets(rows, report), room)
        room -= sum(one.weight for one in named)
        if named:
            yield heading, named


def _bullets(rows: Sequence[Row], report: Report) -> list[Bullet]:
    return [bullet(row, report.coverage.accounts, owner=True) for row in rows]


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
