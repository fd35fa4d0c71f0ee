"""What one person owes, rule by rule, with what to do about it: the direct message, what becomes of it, and `mine`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.history import FindingKey, Nudged, Subject, keys_of, subject_of
from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.wording import (
    date,
    headline,
    kept_small_print,
    plural,
    remedy,
    remedy_of_group,
    small_print,
    title,
    visible,
)
from bailiff_bot.render.columns import shown
from bailiff_bot.slack.blocks.instance_bullets import Bullet, bullet, fitting
from bailiff_bot.slack.blocks.message import (
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
from bailiff_bot.slack.blocks.summary import full_report_button
from bailiff_bot.usecases.reports import Mine

Lists = list[tuple[tuple[str, str], list[Bullet]]]
"""What is wrong and what to do about it, with those it is wrong with."""

_SETTLED = "settled"
_WAIVED = "no longer asked for since the rules changed"
_OTHERS = "not yours any more"
_AGAIN = "owed again"
_OTHER_FATES = (_WAIVED, _OTHERS, _AGAIN)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of what a direct message told."""

    nudged: Nudged
    left: frozenset[FindingKey]
    """What it goes on listing (domain.history.left_of)."""
    own: frozenset[FindingKey]
    """All that its reader certainly owes now."""
    report: Report
    changes: Changes

    @property
    def total(self) -> int:
        """How many subjects it told of."""
        return len({key.subject for key in self.nudged.findings})

    def fates(self) -> Counter[str]:
        """Return how many of its subjects are not left, by what became of them, in words."""
        gone = self.nudged.findings - self.left
        owed = keys_of(self.report.owing)
        fates: dict[Subject, str] = {key.subject: _SETTLED for key in gone}
        fates |= {key.subject: _WAIVED for key in gone & self.changes.waived}
        fates |= {key.subject: _OTHERS for key in (gone & owed) - self.own}
        fates |= {key.subject: _AGAIN for key in gone & self.own}
        left = {key.subject for key in self.left}
        return Counter(fate for subject, fate in sorted(fates.items()) if subject not in left)


def nudge(debts: Debts, report: Report, zone: tzinfo, public: str, nudged: Nudged | None = None) -> Message:
    """Return the direct message to an owner, who can say `public`ly that something is somebody else's.

    It is called a reminder where the message before it, `nudged`, is known to have arrived and lists all of it.
    """
    count = sum(row.count for row in debts.rows)
    verb = "needs" if count == 1 else "need"
    again = "Reminder: " if nudged and nudged.ts and keys_of(debts.rows) <= nudged.left else ""
    text = f"{again}{plural(count, 'instance')} of yours {verb} you"
    notes = [*_evidence(debts.rows), _elsewhere(public), *kept_small_print(report, zone)]
    return _message(text, list(_by_rule(debts.rows, report)), notes)


def nudge_left(after: Aftermath, zone: tzinfo, public: str) -> Message:
    """Return what takes the place of a direct message of which only a part is left."""
    report, fates = after.report, after.fates()
    others = "".join(f", {fates[fate]} {fate}" for fate in _OTHER_FATES if fates[fate])
    day = date(after.nudged.at, zone)
    text = f"{fates[_SETTLED] or 'None'} of {after.total} {_SETTLED} since {day}{others}"
    rows = [row for row in (_only(row, after.left) for row in report.owing) if row.findings]
    lists = [*_by_rule(rows, report), *_not_known(after.left - keys_of(report.owing), after.changes)]
    own = [row for row in rows if keys_of([row]) <= after.own]
    return _message(text, lists, [*_evidence(own), _elsewhere(public), *kept_small_print(report, zone)])


def nudge_settled(after: Aftermath, zone: tzinfo) -> Message:
    """Return what takes the place of a direct message of which nothing is left; there is thanks for what was paid."""
    fates, total = after.fates(), after.total
    if len(fates) <= 1:
        said = f"{f'All {total} are' if total > 1 else 'It is'} {next(iter(fates), _SETTLED)}."
    else:
        parts = (f"{fates[fate]} {fate}" for fate in (_SETTLED, *_OTHER_FATES) if fates[fate])
        said = f"Of {total}: {', '.join(parts)}."
    text = f"{said} Thank you." if fates[_SETTLED] else said
    notes = kept_small_print(after.report, zone)
    return Message(f"{text} {notes[-1]}.", blocks(paragraph(text), context(notes)), "\n".join([text, *notes]))


def nudge_superseded(nudged: Nudged, zone: tzinfo) -> Message:
    """Return what takes the place of a direct message after which a later one tells what is owed."""
    state = f"This was the state of {date(nudged.at, zone)}."
    text = f"{state} What you owe now is in a later message here, or in /bailiff mine."
    return Message(text, blocks(paragraph(text)), text)


def mine(answer: Mine, when: str, *, buttons: bool = False, note: str = "") -> Message:
    """Return what belongs to a person, of which everything owed is spelled out."""
    report = answer.report
    text = f"{visible(' and '.join(answer.whose))}: {headline(report)}"
    notes = [note, _shared(answer.shared), *small_print(report, when)]
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


def _evidence(rows: Sequence[Row]) -> Iterator[str]:
    """Yield why the reader, whose rows these are, is told: the identifiers in the names, and the owner tags."""
    identifiers = sorted({row.identity.identifier for row in rows if row.identity.identifier and not row.identity.tag})
    tags = sorted({row.identity.tag for row in rows if row.identity.tag})
    reasons = [f"a name starts with {' or '.join(identifiers)}"] if identifiers else []
    reasons += [f"the tag {' or '.join(tags)} names you"] if tags else []
    if reasons:
        yield f"You are told because {' and '.join(reasons)}."


def _shared(identifiers: tuple[str, ...]) -> str:
    if not identifiers:
        return ""
    return f"Left out: {', '.join(identifiers)}, which somebody else claims too in the directory."
