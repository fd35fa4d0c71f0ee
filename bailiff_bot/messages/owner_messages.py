"""The messages to one owner: the nudge, its later updates, and the answer to `/bailiff mine`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.history import FindingKey, LastNudge, finding_keys, subject_of
from bailiff_bot.domain.nudge_update import NudgeOutcome, NudgeUpdate
from bailiff_bot.domain.owner import OwnerFindings
from bailiff_bot.domain.report import Report, Row, most_urgent_first
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.action_results import result_items
from bailiff_bot.messages.buttons import show_all_button
from bailiff_bot.messages.document import (
    Bold,
    Bullets,
    Buttons,
    Document,
    Paragraph,
    Part,
    SmallPrint,
    sentence,
)
from bailiff_bot.messages.exemptions import rows_without_end, without_end_line
from bailiff_bot.messages.formatting import date, display_name, iso_day, sentence_case, short_name
from bailiff_bot.messages.instance_items import Actions, all_buttons, instance_items
from bailiff_bot.messages.instance_line import instance_line
from bailiff_bot.messages.money import after_colon, price_notes, rows_cost
from bailiff_bot.messages.part_text import ambiguous_line, part_headline
from bailiff_bot.messages.reader import OWNER, Reader
from bailiff_bot.messages.rule_texts import controller_remedy, remedy, title
from bailiff_bot.messages.wording import dated_small_print, may_do, small_print

_OUTCOMES = {
    NudgeOutcome.FIXED: "fixed",
    NudgeOutcome.DROPPED_BY_POLICY: "no longer counted (the rules changed)",
    NudgeOutcome.KEPT: "kept for now",
    NudgeOutcome.IN_USE: "in use",
    NudgeOutcome.NOT_IDLE: "not idle any more",
    NudgeOutcome.NOT_YOURS: "not {whose} any more",
    NudgeOutcome.BROKEN_AGAIN: "broken again",
}
"""Where an owner finds what does not fit."""


def nudge(  # noqa: PLR0913, PLR0917 - what it says, to whom, and what can be done
    findings: OwnerFindings,
    report: Report,
    zone: tzinfo,
    channel_name: str,
    last_nudge: LastNudge | None = None,
    actions: Actions | None = None,
    reader: Reader = OWNER,
) -> Document:
    """Return the direct message that notifies an owner, or its copy for another reader.

    Where *Not mine* is not offered, an owner says in `channel_name` that an instance is somebody else's. The message is
    called a reminder if `last_nudge` certainly arrived and lists all of the findings. Without `actions` it has no
    buttons.
    """
    count = sum(row.count for row in findings.rows)
    verb = "needs" if count == 1 else "need"
    prefix = (
        "Reminder: " if last_nudge and last_nudge.ts and finding_keys(findings.rows) <= last_nudge.still_listed else ""
    )
    text = f"{prefix}{count:,} of {reader.whose} instances {verb} attention{after_colon(findings.rows)}"
    without_end = without_end_line(_without_end(findings, report), report.policy)
    about = [*_about(findings.rows, channel_name, actions, reader), without_end]
    notes = [*about, *price_notes(findings.rows), *dated_small_print(report, zone)]
    return _document(text, findings.rows, _list(findings.rows, report, actions, zone), notes, actions, reader=reader)


def _without_end(findings: OwnerFindings, report: Report) -> Iterator[Row]:
    """Yield the owner's rows that a tag exempts without an end."""
    keys = frozenset(findings.owner_keys)
    return (row for row in rows_without_end(report) if not keys.isdisjoint(row.identity.owner_keys))


def remaining_rows(update: NudgeUpdate) -> tuple[Row, ...]:
    """Return the rows that an updated nudge still lists, with only the findings that remain."""
    rows = (_with_remaining_findings(row, update.remaining) for row in update.report.flagged)
    return tuple(row for row in rows if row.findings)


def nudge_partly_fixed(
    update: NudgeUpdate, zone: tzinfo, channel_name: str, actions: Actions | None = None, reader: Reader = OWNER
) -> Document:
    """Return the message that replaces a nudge of which some findings remain."""
    report, outcomes, texts = update.report, update.outcomes(), _outcome_texts(reader)
    fixed, *others = texts
    text = f"{outcomes[fixed] or 'None'} of {update.total} {texts[fixed]} since {date(update.last_nudge.at, zone)}"
    text += "".join(f", {outcomes[outcome]} {texts[outcome]}" for outcome in others if outcomes[outcome])
    rows = remaining_rows(update)
    undetermined = _undetermined(update.remaining - finding_keys(report.flagged), update.changes)
    own = [row for row in rows if finding_keys([row]) <= update.own]
    notes = [*_about(own, channel_name, actions, reader), *price_notes(rows), *dated_small_print(report, zone)]
    return _document(text, rows, (*_list(rows, report, actions, zone), *undetermined), notes, actions, reader=reader)


def _outcome_texts(reader: Reader) -> Mapping[NudgeOutcome, str]:
    return {outcome: text.format(whose=reader.no_longer_whose) for outcome, text in _OUTCOMES.items()}


def nudge_fixed(update: NudgeUpdate, zone: tzinfo, actions: Actions | None = None, reader: Reader = OWNER) -> Document:
    """Return the message that replaces a nudge of which no finding remains, with thanks if any was fixed."""
    outcomes, total, texts = update.outcomes(), update.total, _outcome_texts(reader)
    if len(outcomes) <= 1:
        outcome = next(iter(outcomes), NudgeOutcome.FIXED)
        text = f"{f'All {total} are' if total > 1 else 'It is'} {texts[outcome]}."
    else:
        counts = (f"{outcomes[outcome]} {text}" for outcome, text in texts.items() if outcomes[outcome])
        text = f"Of {total}: {', '.join(counts)}."
    if outcomes[NudgeOutcome.FIXED]:
        text += " Thank you."
    text = f"{reader.beginning}{text}"
    notes = tuple(filter(None, (reader.about_copies, *dated_small_print(update.report, zone))))
    done = result_items(actions.done, zone) if actions else ()
    return Document(f"{text} {notes[-1]}.", "", (Paragraph(text=text), *done, SmallPrint(notes)))


def nudge_superseded(last_nudge: LastNudge, zone: tzinfo, reader: Reader = OWNER) -> Document:
    """Return the message that replaces a nudge when a newer nudge is sent."""
    as_of = f"{reader.beginning}As of {date(last_nudge.at, zone)}."
    current = f"{sentence_case(reader.whose)} current list"
    return sentence(f"{as_of} {current} is in a later message, or in {reader.list_command}.")


def copy_ended(last_nudge: LastNudge, zone: tzinfo) -> Document:
    """Return the message that replaces a copy whose reader does not act for the owner any more."""
    text = f"Copy of {date(last_nudge.at, zone)}. You do not act for this owner any more."
    return sentence(f"{text} For whom you act: /bailiff delegates")


def edit_label(last_nudge: LastNudge, zone: tzinfo) -> str:
    """Return the line that names an update of an earlier nudge in a list of messages that did not arrive."""
    return f"The update of a message of {iso_day(last_nudge.at, zone)}"


def mine(
    part: ReportPart,
    when: str,
    *,
    buttons: Buttons | None = None,
    note: str = "",
    actions: Actions | None = None,
) -> Document:
    """Return the message about all instances of a person; it lists those that break a rule.

    `when` says when they were read.
    """
    report = part.report
    without_end = without_end_line(rows_without_end(report), report.policy)
    notes = [note, ambiguous_line(part), without_end, *price_notes(report.flagged), *small_print(report, when)]
    closing = (buttons,) if buttons else ()
    return _document(
        part_headline(part),
        report.flagged,
        _list(report.flagged, report, actions, report.policy.zone),
        notes,
        actions,
        closing,
    )


def _document(  # noqa: PLR0913, PLR0917 - the parts of a message, and who reads it
    text: str,
    rows: Sequence[Row],
    lists: Iterable[Part],
    notes: Sequence[str],
    actions: Actions | None = None,
    closing: tuple[Buttons, ...] = (),
    reader: Reader = OWNER,
) -> Document:
    text = f"{reader.beginning}{text}"
    small_print = SmallPrint(tuple(filter(None, notes)))
    rest_in = f"{reader.list_command}, then Full report"
    rest = show_all_button(actions.home_url) if actions else None
    closing = (*(all_buttons(rows, actions) if actions else ()), *closing)
    return Document(f"{text}. {notes[-1]}.", text, (*lists, small_print, *closing), rest_in, rest)


def _list(rows: Sequence[Row], report: Report, actions: Actions | None, zone: tzinfo) -> Iterator[Part]:
    """Yield what was done, and the rows: each with its buttons, the most urgent first.

    Without buttons, yield the rows by the rule that they break.
    """
    if actions is None:
        yield from _by_rule(rows, report)
    else:
        yield from result_items(actions.done, zone)
        yield from instance_items(most_urgent_first(rows), report, actions)


def _by_rule(rows: Sequence[Row], report: Report) -> Iterator[Part]:
    """Yield each broken rule and its remedy, with the rows that break it first; controllers apart."""
    accounts = report.coverage.account_count
    for rule in RuleId:
        broken_by = [row for row in rows if row.findings[0].rule is rule]
        for advice, group in (
            (remedy(rule, report.policy), [row for row in broken_by if not row.controller]),
            (controller_remedy(rule, report.policy), [row for row in broken_by if row.controller]),
        ):
            if group:
                yield Paragraph(f"{title(rule, report.policy)}{rows_cost(group)}:", f"{advice}.")
                yield Bullets(tuple(instance_line(row, accounts) for row in group))


def _with_remaining_findings(row: Row, remaining: frozenset[FindingKey]) -> Row:
    """Return a row with only the findings that remain."""
    subject = subject_of(row)
    findings = tuple(finding for finding in row.findings if FindingKey(subject, finding.rule) in remaining)
    return replace(row, findings=findings)


def _undetermined(remaining: frozenset[FindingKey], changes: Changes) -> Iterator[Part]:
    """Yield the list of subjects with undetermined findings, each with the reason; nothing if there are none."""
    titles = {open_finding.key.subject: open_finding.title for open_finding in changes.open_findings}
    undetermined = {
        key.subject: changes.undetermined[key] for key in sorted(remaining & changes.undetermined.keys(), reverse=True)
    }
    if undetermined:
        yield Paragraph("Could not be checked this time.")
        yield Bullets(
            tuple(
                (Bold(display_name(titles.get(subject, subject.id))), f": {undetermined[subject].reason}")
                for subject in sorted(undetermined)
            )
        )


def _about(rows: Sequence[Row], channel_name: str, actions: Actions | None, reader: Reader) -> Iterator[str]:
    """Yield why the reader gets the message about the rows, and what to do if that is wrong."""
    if reader.about_copies:
        yield reader.about_copies
    else:
        yield from _evidence(rows)
        yield _not_yours(channel_name, actions)
        yield f"Bailiff {may_do(actions.offered if actions else frozenset())}."


def _not_yours(channel_name: str, actions: Actions | None) -> str:
    is_offered = actions is not None and Action.NOT_MINE in actions.offered
    what_to_do = "Choose Not mine in its menu" if is_offered else f"Say so in {channel_name}"
    return f"Not yours? {what_to_do}. All your instances: /bailiff mine"


def _evidence(rows: Sequence[Row]) -> Iterator[str]:
    """Yield why the owner of the rows is notified: identifiers in names, owner tags, who assigned them."""
    identities = [row.identity for row in rows]
    by_name = (one for one in identities if not one.tag and not one.assignment)
    identifiers = sorted({one.identifier for one in by_name if one.identifier})
    tags = sorted({one.tag for one in identities if one.tag})
    assigners = sorted({short_name(one.assignment.assigner) for one in identities if one.assignment})
    reasons = [f"a name starts with {' or '.join(identifiers)}"] if identifiers else []
    reasons += [f"the tag {' or '.join(tags)} names you"] if tags else []
    reasons += [f"{' or '.join(assigners)} assigned one to you"] if assigners else []
    if reasons:
        yield f"You get this message because {' and '.join(reasons)}."
