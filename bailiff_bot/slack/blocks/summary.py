"""The report in one message: headline, counts, what changed, the worst, the trend, coverage, and what to do next."""

from collections.abc import Iterator, Sequence

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.report import Report, Row, Table
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.changes_text import (
    ChangesText,
    dropped_line,
    fixed_line,
    incomplete_digests_line,
    since_line,
    thanks_line,
    trend_line,
    undetermined_line,
)
from bailiff_bot.messages.wording import (
    all_is_well,
    headline,
    plausibility_line,
    plural,
    remedy,
    small_print,
    title,
    visible,
)
from bailiff_bot.slack.blocks.instance_bullets import InstanceBullet, fit_bullets, instance_bullet
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
    slack_length,
    truncated,
)
from bailiff_bot.slack.blocks.trend import changes_blocks, new_rows, trend_chart

SHARE = "bailiff_share"
"""The action of the button that puts the summary into the channel it was asked for in."""
FULL_REPORT = "bailiff_full_report"
"""The action of the button that sends every table and the CSV to the asker; its value says whose, or is `everyone`."""
ALL_OWNERS = "everyone"
_MAX_WORST = 5
_MAX_NEW = 5
"""So many of the new ones are named beside the worst."""
_MAX_SMALL_PRINT_LINE = 1_500
"""Characters of one line of small print: three of them leave room for the rest."""
_FIXED_PARTS = 1_000
"""Characters of the chart's labels and of the headings."""


def summary(  # noqa: PLR0913 - what may stand beside a report
    report: Report,
    when: str,
    *,
    buttons: tuple[Button, ...] = (),
    note: str = "",
    owner_keys: tuple[str, ...] = (),
    changes_text: ChangesText | None = None,
) -> Message:
    """Return a report in one message: everyone's, or that of some owners, whose names are then said first.

    It was read `when`: an `age`, or a `moment` for what is kept.
    A digest has a story: what changed since the last one, and the trend.
    """
    said = f"{visible(' and '.join(owner_keys))}: {headline(report)}" if owner_keys else headline(report)
    small = [truncated(one, _MAX_SMALL_PRINT_LINE) for one in small_print(report, when)]
    if all_is_well(report):
        return _in_one_line(said, small[-1], changes_text, note, buttons)
    counted = [(f"{table.count:,}", _label(table, report)) for table in report.tables if table.rows]
    told = (
        [
            since_line(changes_text),
            undetermined_line(changes_text),
            dropped_line(changes_text),
            thanks_line(changes_text),
        ]
        if changes_text
        else []
    )
    closing = [one for one in (incomplete_digests_line(changes_text) if changes_text else "", *small, note) if one]
    room = (
        MAX_CHARACTERS - _FIXED_PARTS - MAX_HEADER - sum(map(slack_length, (*told, *closing, *map("".join, counted))))
    )
    lists = list(_instance_lists(report, changes_text, room))
    parts: list[Block] = [header(said)]
    if counted:
        parts.append(bullets(line(bold(count), f"  {name}") for count, name in counted))
    parts += changes_blocks(changes_text) if changes_text else ()
    for heading, named in lists:
        parts += [paragraph(bold(heading)), bullets(one.rich_text() for one in named)]
    parts += [*(trend_chart(changes_text) if changes_text else ()), context(closing), *_actions(buttons)]
    plain = [said, *(f"{count:>6}  {name}" for count, name in counted), *told]
    plain += [part for heading, named in lists for part in (f"{heading}:", *(one.text() for one in named))]
    plain += [trend_line(changes_text) if changes_text else "", *closing]
    sentence = ". ".join(one for one in (said, *told[:1], plausibility_line(report), small[-1]) if one)
    return Message(f"{sentence}.", blocks(*parts), "\n".join(one for one in plain if one))


def _in_one_line(
    said: str, covered: str, changes_text: ChangesText | None, note: str, buttons: tuple[Button, ...]
) -> Message:
    """Return that all is well, with thanks to those who made it so."""
    told = (fixed_line(changes_text), thanks_line(changes_text)) if changes_text else ()
    text = " ".join(f"{one}." for one in (said, *told, covered) if one)
    small = [
        one
        for one in (*((undetermined_line(changes_text), dropped_line(changes_text)) if changes_text else ()), note)
        if one
    ]
    parts = [paragraph(text), *([context(small)] if small else []), *_actions(buttons)]
    return Message(text, blocks(*parts), "\n".join([text, *small]))


def _instance_lists(
    report: Report, changes_text: ChangesText | None, room: int
) -> Iterator[tuple[str, Sequence[InstanceBullet]]]:
    """Yield the worst, and what is new beside them, as far as there is room."""
    worst = report.most_urgent(_MAX_WORST)
    new = new_rows(changes_text, report, worst) if changes_text else ()
    also = "Also new" if changes_text and len(new) < len(changes_text.changes.new) else "New"
    for heading, rows in (("The worst", worst), (also, new[:_MAX_NEW])):
        named = fit_bullets(_bullets(rows, report), room)
        room -= sum(one.length for one in named)
        if named:
            yield heading, named


def _bullets(rows: Sequence[Row], report: Report) -> list[InstanceBullet]:
    return [instance_bullet(row, report.coverage.account_count, owner=True) for row in rows]


def share_button() -> Button:
    """Return the button that shares the summary."""
    return Button("Share in channel", action_id=SHARE, value=ALL_OWNERS, style="primary")


def full_report_button(owner_key: str = ALL_OWNERS) -> Button:
    """Return the button that sends all tables: everyone's, or those of an identifier or an address."""
    return Button("Full report", action_id=FULL_REPORT, value=owner_key)


def _actions(buttons: tuple[Button, ...]) -> list[Block]:
    return [ActionsBlock(list(buttons))] if buttons else []


def _label(table: Table, report: Report) -> str:
    name = title(table.id, report.policy)
    owing = sum(row.count for row in table.rows if row.findings)
    if isinstance(table.id, RuleId):
        return f"{name}: {remedy(table.id, report.policy)}"
    return f"{name}, of which {plural(owing, 'owes', 'owe')} something" if owing else name
