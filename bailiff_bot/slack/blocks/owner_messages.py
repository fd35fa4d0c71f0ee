"""What one person owes, rule by rule, with what to do about it: the direct message, what becomes of it, and `mine`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from slackblocks import ActionsBlock, Block, Button

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.history import FindingKey, LastNudge, Subject, finding_keys, subject_of
from bailiff_bot.domain.owner import OwnerFindings
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.wording import (
    controller_remedy,
    date,
    dated_small_print,
    display_name,
    headline,
    plural,
    remedy,
    small_print,
    title,
    visible,
)
from bailiff_bot.slack.blocks.instance_bullets import InstanceBullet, fit_bullets, instance_bullet
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
    slack_length,
    truncated,
)
from bailiff_bot.slack.blocks.summary import full_report_button
from bailiff_bot.usecases.reports import OwnInstances

RuleLists = list[tuple[tuple[str, str], list[InstanceBullet]]]
"""What is wrong and what to do about it, with those it is wrong with."""

_FIXED = "settled"
_DROPPED_BY_POLICY = "no longer asked for since the rules changed"
_NOT_YOURS = "not yours any more"
_BROKEN_AGAIN = "owed again"
_OTHER_OUTCOMES = (_DROPPED_BY_POLICY, _NOT_YOURS, _BROKEN_AGAIN)


@dataclass(frozen=True, slots=True)
class NudgeUpdate:
    """What became of what a direct message told."""

    last_nudge: LastNudge
    remaining: frozenset[FindingKey]
    """What it goes on listing (domain.history.left_of)."""
    own: frozenset[FindingKey]
    """All that its reader certainly owes now."""
    report: Report
    changes: Changes

    @property
    def total(self) -> int:
        """How many subjects it told of."""
        return len({key.subject for key in self.last_nudge.findings})

    def outcomes(self) -> Counter[str]:
        """Return how many of its subjects are not left, by what became of them, in words."""
        gone = self.last_nudge.findings - self.remaining
        owed = finding_keys(self.report.flagged)
        outcomes: dict[Subject, str] = {key.subject: _FIXED for key in gone}
        outcomes |= {key.subject: _DROPPED_BY_POLICY for key in gone & self.changes.dropped_by_policy}
        outcomes |= {key.subject: _NOT_YOURS for key in (gone & owed) - self.own}
        outcomes |= {key.subject: _BROKEN_AGAIN for key in gone & self.own}
        left = {key.subject for key in self.remaining}
        return Counter(fate for subject, fate in sorted(outcomes.items()) if subject not in left)


def nudge(
    findings: OwnerFindings, report: Report, zone: tzinfo, channel_name: str, last_nudge: LastNudge | None = None
) -> Message:
    """Return the direct message to an owner, who can say `public`ly that something is somebody else's.

    It is called a reminder where the message before it, `nudged`, is known to have arrived and lists all of it.
    """
    count = sum(row.count for row in findings.rows)
    verb = "needs" if count == 1 else "need"
    again = (
        "Reminder: " if last_nudge and last_nudge.ts and finding_keys(findings.rows) <= last_nudge.still_listed else ""
    )
    text = f"{again}{plural(count, 'instance')} of yours {verb} you"
    notes = [*_evidence(findings.rows), _not_yours(channel_name), *dated_small_print(report, zone)]
    return _message(text, list(_by_rule(findings.rows, report)), notes)


def nudge_partly_fixed(update: NudgeUpdate, zone: tzinfo, channel_name: str) -> Message:
    """Return what takes the place of a direct message of which only a part is left."""
    report, outcomes = update.report, update.outcomes()
    others = "".join(f", {outcomes[fate]} {fate}" for fate in _OTHER_OUTCOMES if outcomes[fate])
    day = date(update.last_nudge.at, zone)
    text = f"{outcomes[_FIXED] or 'None'} of {update.total} {_FIXED} since {day}{others}"
    rows = [row for row in (_with_remaining_findings(row, update.remaining) for row in report.flagged) if row.findings]
    lists = [*_by_rule(rows, report), *_undetermined(update.remaining - finding_keys(report.flagged), update.changes)]
    own = [row for row in rows if finding_keys([row]) <= update.own]
    return _message(text, lists, [*_evidence(own), _not_yours(channel_name), *dated_small_print(report, zone)])


def nudge_fixed(update: NudgeUpdate, zone: tzinfo) -> Message:
    """Return what takes the place of a direct message of which nothing is left; there is thanks for what was paid."""
    outcomes, total = update.outcomes(), update.total
    if len(outcomes) <= 1:
        said = f"{f'All {total} are' if total > 1 else 'It is'} {next(iter(outcomes), _FIXED)}."
    else:
        parts = (f"{outcomes[fate]} {fate}" for fate in (_FIXED, *_OTHER_OUTCOMES) if outcomes[fate])
        said = f"Of {total}: {', '.join(parts)}."
    text = f"{said} Thank you." if outcomes[_FIXED] else said
    notes = dated_small_print(update.report, zone)
    return Message(f"{text} {notes[-1]}.", blocks(paragraph(text), context(notes)), "\n".join([text, *notes]))


def nudge_superseded(last_nudge: LastNudge, zone: tzinfo) -> Message:
    """Return what takes the place of a direct message after which a later one tells what is owed."""
    state = f"This was the state of {date(last_nudge.at, zone)}."
    text = f"{state} What you owe now is in a later message here, or in /bailiff mine."
    return Message(text, blocks(paragraph(text)), text)


def mine(own: OwnInstances, when: str, *, buttons: bool = False, note: str = "") -> Message:
    """Return what belongs to a person, of which everything owed is spelled out."""
    report = own.report
    text = f"{visible(' and '.join(own.owner_keys))}: {headline(report)}"
    notes = [note, _ambiguous(own.ambiguous), *small_print(report, when)]
    actions = (full_report_button(own.query),) if buttons and report.count else ()
    return _message(text, list(_by_rule(report.flagged, report)), notes, actions)


def _message(text: str, lists: RuleLists, notes: list[str], buttons: tuple[Button, ...] = ()) -> Message:
    said = (
        text,
        *(truncated(note, MAX_SMALL_PRINT) for note in notes),
        *(part for heading, _ in lists for part in heading),
    )
    room = MAX_CHARACTERS - sum(map(slack_length, said))
    parts: list[Block] = [header(text)]
    plain = [text]
    for number, ((what, to_do), drawn) in enumerate(lists):
        shown = fit_bullets(drawn, room // (len(lists) - number))
        room -= sum(one.length for one in shown)
        parts += [paragraph(bold(what), to_do), *_bullets(shown, len(drawn) - len(shown))]
        plain += [what + to_do, *(one.text() for one in drawn)]
    parts += [context(notes), *([ActionsBlock(list(buttons))] if buttons else [])]
    return Message(f"{text}. {notes[-1]}.", blocks(*parts), "\n".join([*plain, *notes]))


def _by_rule(rows: Sequence[Row], report: Report) -> Iterator[tuple[tuple[str, str], list[InstanceBullet]]]:
    """Yield each broken rule and what to do about it, with those that broke it."""
    accounts = report.coverage.account_count
    for rule in RuleId:
        broken = [row for row in rows if row.findings[0].rule is rule]
        for advice, those in (
            (remedy(rule, report.policy), [row for row in broken if not row.controller]),
            (controller_remedy(rule, report.policy), [row for row in broken if row.controller]),
        ):
            if those:
                yield (
                    (f"{title(rule, report.policy)}.", f" {advice}."),
                    [instance_bullet(row, accounts) for row in those],
                )


def _with_remaining_findings(row: Row, remaining: frozenset[FindingKey]) -> Row:
    """Return a row with those of its findings alone that are left."""
    subject = subject_of(row)
    return replace(row, findings=tuple(one for one in row.findings if FindingKey(subject, one.rule) in remaining))


def _undetermined(
    remaining: frozenset[FindingKey], changes: Changes
) -> Iterator[tuple[tuple[str, str], list[InstanceBullet]]]:
    """Yield those of whose findings nothing is certain, and why."""
    titles = {one.key.subject: one.title for one in changes.open_findings}
    undetermined = {
        key.subject: changes.undetermined[key] for key in sorted(remaining & changes.undetermined.keys(), reverse=True)
    }
    if undetermined:
        yield (
            ("Not known whether settled.", ""),
            [
                InstanceBullet(display_name(titles.get(one, one.id)), None, f": {undetermined[one]}")
                for one in sorted(undetermined)
            ],
        )


def _not_yours(channel_name: str) -> str:
    return f"Not yours? Say so in {channel_name}. All of yours: /bailiff mine"


def _bullets(shown: Sequence[InstanceBullet], left_out: int) -> Iterator[Block]:
    if shown:
        yield bullets(one.rich_text() for one in shown)
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


def _ambiguous(identifiers: tuple[str, ...]) -> str:
    if not identifiers:
        return ""
    return f"Left out: {', '.join(identifiers)}, which somebody else claims too in the directory."
