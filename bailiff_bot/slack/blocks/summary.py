"""The report in one message: headline, counts, changes, the most urgent instances, trend, coverage and buttons."""

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
"""The action id of the button that posts the summary into the channel of the request."""
FULL_REPORT = "bailiff_full_report"
"""The action id of the button that sends every table and the CSV to the person who clicks.

The button's value is an identifier or an address, or `ALL_OWNERS`.
"""
ALL_OWNERS = "everyone"
_MAX_MOST_URGENT = 5
_MAX_NEW = 5
"""How many new instances are listed after the most urgent ones."""
_MAX_SMALL_PRINT_LINE = 1_500
"""Characters of one line of small print. There are up to three such lines, and the rest must fit beside them."""
_FIXED_PARTS = 1_000
"""Characters reserved for the chart's labels and the headings."""


def summary(  # noqa: PLR0913 - the optional parts of the message
    report: Report,
    when: str,
    *,
    buttons: tuple[Button, ...] = (),
    note: str = "",
    owner_keys: tuple[str, ...] = (),
    changes_text: ChangesText | None = None,
) -> Message:
    """Return a report in one message: everyone's, or that of the owners `owner_keys`, which it then names first.

    `when` says when the report was read: `wording.age` for an immediate answer, `wording.date_time` for a message that
    may be read later. A digest has a `changes_text`: what changed since the last digest, and the trend.
    """
    title_text = f"{visible(' and '.join(owner_keys))}: {headline(report)}" if owner_keys else headline(report)
    report_notes = [truncated(text, _MAX_SMALL_PRINT_LINE) for text in small_print(report, when)]
    coverage = report_notes[-1]
    if all_is_well(report):
        return _one_line_summary(title_text, coverage, changes_text, note, buttons)
    counts = [(f"{table.count:,}", _label(table, report)) for table in report.tables if table.rows]
    change_lines = (
        [
            since_line(changes_text),
            undetermined_line(changes_text),
            dropped_line(changes_text),
            thanks_line(changes_text),
        ]
        if changes_text
        else []
    )
    notes = [
        text for text in (incomplete_digests_line(changes_text) if changes_text else "", *report_notes, note) if text
    ]
    length = sum(map(slack_length, (*change_lines, *notes, *map("".join, counts))))
    lists = list(_instance_lists(report, changes_text, MAX_CHARACTERS - _FIXED_PARTS - MAX_HEADER - length))
    parts: list[Block] = [header(title_text)]
    if counts:
        parts.append(bullets(line(bold(count), f"  {name}") for count, name in counts))
    parts += changes_blocks(changes_text) if changes_text else ()
    for heading, items in lists:
        parts += [paragraph(bold(heading)), bullets(item.rich_text() for item in items)]
    parts += [*(trend_chart(changes_text) if changes_text else ()), context(notes), *_actions(buttons)]
    plain = [title_text, *(f"{count:>6}  {name}" for count, name in counts), *change_lines]
    plain += [text for heading, items in lists for text in (f"{heading}:", *(item.text() for item in items))]
    plain += [trend_line(changes_text) if changes_text else "", *notes]
    sentences = (title_text, *change_lines[:1], plausibility_line(report), coverage)
    text = ". ".join(sentence for sentence in sentences if sentence)
    return Message(f"{text}.", blocks(*parts), "\n".join(text for text in plain if text))


def _one_line_summary(
    title_text: str, coverage: str, changes_text: ChangesText | None, note: str, buttons: tuple[Button, ...]
) -> Message:
    """Return the summary of a report without findings, with thanks to those who fixed some."""
    thanks = (fixed_line(changes_text), thanks_line(changes_text)) if changes_text else ()
    text = " ".join(f"{sentence}." for sentence in (title_text, *thanks, coverage) if sentence)
    uncertain = (undetermined_line(changes_text), dropped_line(changes_text)) if changes_text else ()
    notes = [text for text in (*uncertain, note) if text]
    parts = [paragraph(text), *([context(notes)] if notes else []), *_actions(buttons)]
    return Message(text, blocks(*parts), "\n".join([text, *notes]))


def _instance_lists(
    report: Report, changes_text: ChangesText | None, limit: int
) -> Iterator[tuple[str, Sequence[InstanceBullet]]]:
    """Yield the most urgent instances and the other new ones, each with a heading, within `limit` characters."""
    most_urgent = report.most_urgent(_MAX_MOST_URGENT)
    new = new_rows(changes_text, report, most_urgent) if changes_text else ()
    new_heading = "Also new" if changes_text and len(new) < len(changes_text.changes.new) else "New"
    for heading, rows in (("The worst", most_urgent), (new_heading, new[:_MAX_NEW])):
        items = fit_bullets(_bullets(rows, report), limit)
        limit -= sum(item.length for item in items)
        if items:
            yield heading, items


def _bullets(rows: Sequence[Row], report: Report) -> list[InstanceBullet]:
    return [instance_bullet(row, report.coverage.account_count, owner=True) for row in rows]


def share_button() -> Button:
    """Return the button that posts the summary into the channel."""
    return Button("Share in channel", action_id=SHARE, value=ALL_OWNERS, style="primary")


def full_report_button(owner_key: str = ALL_OWNERS) -> Button:
    """Return the button that sends the full report: everyone's, or that of an identifier or an address."""
    return Button("Full report", action_id=FULL_REPORT, value=owner_key)


def _actions(buttons: tuple[Button, ...]) -> list[Block]:
    return [ActionsBlock(list(buttons))] if buttons else []


def _label(table: Table, report: Report) -> str:
    name = title(table.id, report.policy)
    flagged = sum(row.count for row in table.rows if row.findings)
    if isinstance(table.id, RuleId):
        return f"{name}: {remedy(table.id, report.policy)}"
    return f"{name}, of which {plural(flagged, 'owes', 'owe')} something" if flagged else name
