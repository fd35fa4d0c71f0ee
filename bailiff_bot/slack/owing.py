"""What one person owes, rule by rule, with what to do about it: the direct message, what becomes of it, and `mine`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.history import FindingKey, Nudged, keys_of, subject_of
from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.render.columns import shown
from bailiff_bot.render.words import date, headline, plural, remedy, remedy_of_group, small_print, title, visible
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

Lists = list[tuple[tuple[str, str], list[Bullet]]]
"""What is wrong and what to do about it, with those it is wrong with."""


def nudge(debts: Debts, report: Report, now: datetime, public: str, nudged: Nudged | None = None) -> Message:
    """Return the direct message to an owner, who can say `public`ly that something is somebody else's.

    It is called a reminder where the message before it, `nudged`, lists all of it.
    """
    count = sum(row.count for row in debts.rows)
    verb = "needs" if count == 1 else "need"
    again = "Reminder: " if nudged and keys_of(debts.rows) <= nudged.left else ""
    text = f"{again}{plural(count, 'instance')} of yours {verb} you"
    notes = [_evidence(debts.rows), _elsewhere(public), *small_print(report, now)]
    return _message(text, list(_by_rule(debts.rows, report)), notes)


def nudge_left(  # noqa: PLR0913 - what was told, what is left of it, and what it is drawn with
    nudged: Nudged,
    left: frozenset[FindingKey],
    report: Report,
    changes: Changes,
    now: datetime,
    *,
    public: str,
    zone: tzinfo,
) -> Message:
    """Return what takes the place of a direct message of which only a part is `left` (domain.history.left_of)."""
    total = len({key.subject for key in nudged.findings})
    settled = max(0, total - len({key.subject for key in left}))
    text = f"{settled or 'None'} of {total} settled since {date(nudged.at, zone)}"
    rows = [row for row in (_only(row, left) for row in report.owing) if row.findings]
    lists = [*_by_rule(rows, report), *_not_known(left - keys_of(report.owing), changes)]
    notes = [*([_evidence(rows)] if rows else []), _elsewhere(public), *small_print(report, now)]
    return _message(text, lists, notes)


def nudge_settled(nudged: Nudged, report: Report, now: datetime) -> Message:
    """Return what takes the place of a direct message of which nothing is left."""
    total = len({key.subject for key in nudged.findings})
    text = f"{f'All {total} are' if total > 1 else 'It is'} settled. Thank you."
    notes = small_print(report, now)
    return Message(f"{text} {notes[-1]}.", blocks(paragraph(text), context(notes)), "\n".join([text, *notes]))


def nudge_superseded(nudged: Nudged, zone: tzinfo) -> Message:
    """Return what takes the place of a direct message after which a later one tells what is owed."""
    state = f"This was the state of {date(nudged.at, zone)}."
    text = f"{state} What you owe now is in a later message here, or in /bailiff mine."
    return Message(text, blocks(paragraph(text)), text)


def mine(answer: Mine, now: datetime, *, buttons: bool = False, note: str = "") -> Message:
    """Return what belongs to a person, of which everything owed is spelled out."""
    report = answer.report
    text = f"{visible(' and '.join(answer.whose))}: {headline(report)}"
    notes = [note, _shared(answer.shared), *small_print(report, now)]
    actions = (full_report_button(answer.asked),) if buttons and report.count else ()
    return _message(text, list(_by_rule(report.owing, report)), notes, actions)


def _message(text: str, lists: Lists, notes: list[str], buttons: tuple[Button, ...] = ()) -> Message:
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


def _only(row: Row, left: frozenset[FindingKey]) -> Row:
    """Return a row with those of its findings alone that are left."""
    subject = subject_of(row)
    return replace(row, findings=tuple(one for one in row.findings if FindingKey(subject, one.rule) in left))


def _not_known(left: frozenset[FindingKey], changes: Changes) -> Iterator[tuple[tuple[str, str], list[Bullet]]]:
    """Yield those of whose findings nothing is certain, and why."""
    titles = {one.key.subject: one.title for one in changes.sightings}
    unsure = {key.subject: changes.unsure[key] for key in sorted(left & changes.unsure.keys(), reverse=True)}
    if unsure:
        yield (
            ("Not known whether settled.", ""),
            [Bullet(shown(titles.get(one, one.id)), None, f": {unsure[one]}") for one in sorted(unsure)],
        )


def _elsewhere(public: str) -> str:
    return f"Not yours? Say so in {public}. All of yours: /bailiff mine"


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
