"""What one person owes, rule by rule, with what to do about it: the direct message, and the answer to `mine`."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.render.words import headline, plural, remedy, remedy_of_group, small_print, title, visible
from bailiff_bot.service import Mine
from bailiff_bot.slack.message import (
    MAX_CHARACTERS,
    MAX_SMALL_PRINT,
    Message,
    blocks,
    bold,
    bullets,
    context,
    header,
    paragraph,
    shortened,
    weight,
)
from bailiff_bot.slack.rows import Bullet, bullet, fitting
from bailiff_bot.slack.summary import full_report_button


def nudge(debts: Debts, report: Report, now: datetime, public: str) -> Message:
    """Return the direct message to an owner, who can say `public`ly that something is somebody else's."""
    count = sum(row.count for row in debts.rows)
    verb = "needs" if count == 1 else "need"
    text = f"{plural(count, 'instance')} of yours {verb} you"
    notes = [_evidence(debts.rows), f"Not yours? Say so in {public}. All of yours: /bailiff mine"]
    return _message(text, debts.rows, report, [*notes, *small_print(report, now)])


def mine(answer: Mine, now: datetime, *, buttons: bool = False, note: str = "") -> Message:
    """Return what belongs to a person, of which everything owed is spelled out."""
    report = answer.report
    text = f"{visible(' and '.join(answer.whose))}: {headline(report)}"
    notes = [note, _shared(answer.shared), *small_print(report, now)]
    actions = (full_report_button(answer.asked),) if buttons and report.count else ()
    return _message(text, report.owing, report, notes, actions)


def _message(
    text: str, rows: Sequence[Row], report: Report, notes: list[str], buttons: tuple[Button, ...] = ()
) -> Message:
    lists = list(_by_rule(rows, report))
    said = (
        text,
        *(shortened(note, MAX_SMALL_PRINT) for note in notes),
        *(part for heading, _ in lists for part in heading),
    )
    room = MAX_CHARACTERS - sum(map(weight, said))
    parts: list[Block] = [header(text)]
    plain = [text]
    for number, ((what, to_do), drawn) in enumerate(lists):
        shown = fitting(drawn, room // (len(lists) - number))
        room -= sum(one.weight for one in shown)
        parts += [paragraph(bold(what), to_do), *_bullets(shown, len(drawn) - len(shown))]
        plain += [what + to_do, *(one.text() for one in drawn)]
    parts += [context(notes), *([ActionsBlock(list(buttons))] if buttons else [])]
    return Message(f"{text}. {notes[-1]}.", blocks(*parts), "\n".join([*plain, *notes]))


def _by_rule(rows: Sequence[Row], report: Report) -> Iterator[tuple[tuple[str, str], list[Bullet]]]:
    """Yield each broken rule and what to do about it, with those that broke it."""
    accounts = report.coverage.accounts
    for rule in RuleId:
        broken = [row for row in rows if row.findings[0].rule is rule]
        for advice, those in (
            (remedy(rule, report.policy), [row for row in broken if not row.controller]),
            (remedy_of_group(rule, report.policy), [row for row in broken if row.controller]),
        ):
            if those:
                yield (f"{title(rule, report.policy)}.", f" {advice}."), [bullet(row, accounts) for row in those]


def _bullets(shown: Sequence[Bullet], left_out: int) -> Iterator[Block]:
    if shown:
        yield bullets(one.drawn() for one in shown)
    if left_out:
        yield context([f"{left_out:,} more: /bailiff mine, then Full report."])


def _evidence(rows: Sequence[Row]) -> str:
    """Return why the reader is told: the identifiers in the names, and the owner tags."""
    identifiers = sorted({row.identity.identifier for row in rows if row.identity.identifier and not row.identity.tag})
    tags = sorted({row.identity.tag for row in rows if row.identity.tag})
    reasons = [f"a name starts with {' or '.join(identifiers)}"] if identifiers else []
    reasons += [f"the tag {' or '.join(tags)} names you"] if tags else []
    return f"You are told because {' and '.join(reasons)}."


def _shared(identifiers: tuple[str, ...]) -> str:
    if not identifiers:
        return ""
    return f"Left out: {', '.join(identifiers)}, which somebody else claims too in the directory."
