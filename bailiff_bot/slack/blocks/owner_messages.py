"""The messages to one owner: the nudge, its later updates, and the answer to `/bailiff mine`."""

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

RuleList = tuple[tuple[str, str], list[InstanceBullet]]
"""The title of a broken rule and its remedy, with the instances that break it."""

_FIXED = "settled"
_DROPPED_BY_POLICY = "no longer asked for since the rules changed"
_NOT_YOURS = "not yours any more"
_BROKEN_AGAIN = "owed again"
_OTHER_OUTCOMES = (_DROPPED_BY_POLICY, _NOT_YOURS, _BROKEN_AGAIN)


@dataclass(frozen=True, slots=True)
class NudgeUpdate:
    """What happened to the findings of an earlier nudge."""

    last_nudge: LastNudge
    remaining: frozenset[FindingKey]
    """The findings that the nudge still lists."""
    own: frozenset[FindingKey]
    """All findings that its recipient certainly has now."""
    report: Report
    changes: Changes

    @property
    def total(self) -> int:
        """How many subjects the nudge listed."""
        return len({key.subject for key in self.last_nudge.findings})

    def outcomes(self) -> Counter[str]:
        """Return how many subjects are no longer listed, by the text that says why."""
        gone = self.last_nudge.findings - self.remaining
        found_now = finding_keys(self.report.flagged)
        outcomes: dict[Subject, str] = {key.subject: _FIXED for key in gone}
        outcomes |= {key.subject: _DROPPED_BY_POLICY for key in gone & self.changes.dropped_by_policy}
        outcomes |= {key.subject: _NOT_YOURS for key in (gone & found_now) - self.own}
        outcomes |= {key.subject: _BROKEN_AGAIN for key in gone & self.own}
        still_listed = {key.subject for key in self.remaining}
        return Counter(outcome for subject, outcome in sorted(outcomes.items()) if subject not in still_listed)


def nudge(
    findings: OwnerFindings, report: Report, zone: tzinfo, channel_name: str, last_nudge: LastNudge | None = None
) -> Message:
    """Return the direct message that notifies an owner.

    An owner answers in `channel_name` that an instance belongs to somebody else. The message is called a reminder if
    `last_nudge` certainly arrived and lists all of the findings.
    """
    count = sum(row.count for row in findings.rows)
    verb = "needs" if count == 1 else "need"
    prefix = (
        "Reminder: " if last_nudge and last_nudge.ts and finding_keys(findings.rows) <= last_nudge.still_listed else ""
    )
    text = f"{prefix}{plural(count, 'instance')} of yours {verb} you"
    notes = [*_evidence(findings.rows), _not_yours(channel_name), *dated_small_print(report, zone)]
    return _message(text, list(_by_rule(findings.rows, report)), notes)


def nudge_partly_fixed(update: NudgeUpdate, zone: tzinfo, channel_name: str) -> Message:
    """Return the message that replaces a nudge of which some findings remain."""
    report, outcomes = update.report, update.outcomes()
    others = "".join(f", {outcomes[outcome]} {outcome}" for outcome in _OTHER_OUTCOMES if outcomes[outcome])
    day = date(update.last_nudge.at, zone)
    text = f"{outcomes[_FIXED] or 'None'} of {update.total} {_FIXED} since {day}{others}"
    rows = [row for row in (_with_remaining_findings(row, update.remaining) for row in report.flagged) if row.findings]
    lists = [*_by_rule(rows, report), *_undetermined(update.remaining - finding_keys(report.flagged), update.changes)]
    own = [row for row in rows if finding_keys([row]) <= update.own]
    return _message(text, lists, [*_evidence(own), _not_yours(channel_name), *dated_small_print(report, zone)])


def nudge_fixed(update: NudgeUpdate, zone: tzinfo) -> Message:
    """Return the message that replaces a nudge of which no finding remains, with thanks if any was fixed."""
    outcomes, total = update.outcomes(), update.total
    if len(outcomes) <= 1:
        sentence = f"{f'All {total} are' if total > 1 else 'It is'} {next(iter(outcomes), _FIXED)}."
    else:
        known = (_FIXED, *_OTHER_OUTCOMES)
        counts = (f"{outcomes[outcome]} {outcome}" for outcome in known if outcomes[outcome])
        sentence = f"Of {total}: {', '.join(counts)}."
    text = f"{sentence} Thank you." if outcomes[_FIXED] else sentence
    notes = dated_small_print(update.report, zone)
    return Message(f"{text} {notes[-1]}.", blocks(paragraph(text), context(notes)), "\n".join([text, *notes]))


def nudge_superseded(last_nudge: LastNudge, zone: tzinfo) -> Message:
    """Return the message that replaces a nudge when a newer nudge is sent."""
    as_of = f"This was the state of {date(last_nudge.at, zone)}."
    text = f"{as_of} What you owe now is in a later message here, or in /bailiff mine."
    return Message(text, blocks(paragraph(text)), text)


def mine(own: OwnInstances, when: str, *, buttons: bool = False, note: str = "") -> Message:
    """Return the message about all instances of a person; it lists those that break a rule.

    `when` says when they were read.
    """
    report = own.report
    text = f"{visible(' and '.join(own.owner_keys))}: {headline(report)}"
    notes = [note, _ambiguous(own.ambiguous), *small_print(report, when)]
    actions = (full_report_button(own.query),) if buttons and report.count else ()
    return _message(text, list(_by_rule(report.flagged, report)), notes, actions)


def _message(text: str, lists: list[RuleList], notes: list[str], buttons: tuple[Button, ...] = ()) -> Message:
    fixed_texts = (
        text,
        *(truncated(note, MAX_SMALL_PRINT) for note in notes),
        *(part for heading, _ in lists for part in heading),
    )
    characters_left = MAX_CHARACTERS - sum(map(slack_length, fixed_texts))
    parts: list[Block] = [header(text)]
    plain = [text]
    for number, ((rule_title, advice), items) in enumerate(lists):
        shown = fit_bullets(items, characters_left // (len(lists) - number))
        characters_left -= sum(item.length for item in shown)
        parts += [paragraph(bold(rule_title), advice), *_bullets(shown, len(items) - len(shown))]
        plain += [rule_title + advice, *(item.text() for item in items)]
    parts += [context(notes), *([ActionsBlock(list(buttons))] if buttons else [])]
    return Message(f"{text}. {notes[-1]}.", blocks(*parts), "\n".join([*plain, *notes]))


def _by_rule(rows: Sequence[Row], report: Report) -> Iterator[RuleList]:
    """Yield each broken rule and its remedy, with the rows that break it first; controllers apart."""
    accounts = report.coverage.account_count
    for rule in RuleId:
        broken_by = [row for row in rows if row.findings[0].rule is rule]
        for advice, group in (
            (remedy(rule, report.policy), [row for row in broken_by if not row.controller]),
            (controller_remedy(rule, report.policy), [row for row in broken_by if row.controller]),
        ):
            if group:
                yield (
                    (f"{title(rule, report.policy)}.", f" {advice}."),
                    [instance_bullet(row, accounts) for row in group],
                )


def _with_remaining_findings(row: Row, remaining: frozenset[FindingKey]) -> Row:
    """Return a row with only the findings that remain."""
    subject = subject_of(row)
    findings = tuple(finding for finding in row.findings if FindingKey(subject, finding.rule) in remaining)
    return replace(row, findings=findings)


def _undetermined(remaining: frozenset[FindingKey], changes: Changes) -> Iterator[RuleList]:
    """Yield the list of subjects with undetermined findings, each with the reason; nothing if there are none."""
    titles = {open_finding.key.subject: open_finding.title for open_finding in changes.open_findings}
    undetermined = {
        key.subject: changes.undetermined[key] for key in sorted(remaining & changes.undetermined.keys(), reverse=True)
    }
    if undetermined:
        yield (
            ("Not known whether settled.", ""),
            [
                InstanceBullet(display_name(titles.get(subject, subject.id)), None, f": {undetermined[subject]}")
                for subject in sorted(undetermined)
            ],
        )


def _not_yours(channel_name: str) -> str:
    return f"Not yours? Say so in {channel_name}. All of yours: /bailiff mine"


def _bullets(shown: Sequence[InstanceBullet], omitted: int) -> Iterator[Block]:
    if shown:
        yield bullets(bullet.rich_text() for bullet in shown)
    if omitted:
        yield context([f"{omitted:,} more: /bailiff mine, then Full report."])


def _evidence(rows: Sequence[Row]) -> Iterator[str]:
    """Yield why the owner of the rows is notified: the identifiers in the names, and the owner tags."""
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
