"""The message in the triage channel: what people said is not theirs, and what became of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta, tzinfo
from itertools import groupby

from bailiff_bot.domain.report import Report
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.triage import TriageItem, TriageState
from bailiff_bot.messages.buttons import assign_button
from bailiff_bot.messages.document import Bold, Button, Buttons, Document, Item, Line, SmallPrint
from bailiff_bot.messages.formatting import date_time, iso_day, plural, visible
from bailiff_bot.messages.instance_items import KeyOf
from bailiff_bot.messages.instance_line import instance_line_with_owner, place, row_title
from bailiff_bot.messages.wording import dated_small_print

_NOTE = "Administrators of Bailiff can assign it."
_REST_IN = "on the Home tab of Bailiff's administrators"


def triage_message(items: Sequence[TriageItem], report: Report, zone: tzinfo, keys: KeyOf) -> Document:
    """Return the message about disclaimers. `keys` has the offers for those that can be assigned."""
    subjects = {item.disclaimer.subject for item in items}
    unowned = {item.disclaimer.subject: item for item in items if item.state is TriageState.OPEN}
    text = triage_headline(len(unowned), len(subjects))
    named = unowned.values() or items
    names = ", ".join(dict.fromkeys(item.disclaimer.title for item in named))
    parts = tuple(triage_items(items, report, zone, keys))
    notes = SmallPrint((*([_NOTE] if unowned else []), *dated_small_print(report, zone)))
    return Document(f"{text}: {visible(names)}.", text, (*parts, notes), _REST_IN)


def triage_items(items: Iterable[TriageItem], report: Report, zone: tzinfo, keys: KeyOf) -> Iterator[Item]:
    """Yield each instance with who said that it is not theirs, and *Assign to...* if `keys` has an offer for it."""
    by_subject = sorted(items, key=lambda item: (item.disclaimer.subject, item.disclaimer.said_at))
    for number, (subject, group) in enumerate(groupby(by_subject, key=lambda item: item.disclaimer.subject)):
        of_subject = tuple(group)
        line = (*_instance(of_subject[0], report), *(f"\n{text}" for text in _history(of_subject, zone)))
        yield Item(line, Buttons(_assign(subject, keys), f"triage {number}"))


def became_text(item: TriageItem, zone: tzinfo) -> str:
    """Return what became of a disclaimer, as a sentence."""
    until = item.disclaimer.until
    match item.state, item.assignment:
        case _, assignment if assignment:
            at = date_time(assignment.assigned_at, zone)
            return f"{visible(assignment.assigner)} assigned it to {visible(assignment.name)} ({at})."
        case TriageState.UNDONE, _:
            return f"They took it back ({date_time(until, zone)})."
        case TriageState.OVER, _:
            return f"Nobody assigned it, so it counts as theirs again ({date_time(until, zone)})."
        case TriageState.CHANGED, _:
            return "Its name or owner tags have changed, so they decide whose it is."
    return f"If nobody assigns it, it counts as theirs again after {iso_day(until - timedelta(microseconds=1), zone)}."


def triage_headline(unowned: int, count: int) -> str:
    """Return how many of `count` instances need an owner, as text without a full stop."""
    if not unowned:
        return "It is settled whose this is" if count == 1 else f"It is settled whose these {count:,} are"
    return f"{plural(unowned, 'instance')} {'needs' if unowned == 1 else 'need'} an owner"


def _instance(item: TriageItem, report: Report) -> Line:
    row, accounts = item.row, report.coverage.account_count
    if row is None:
        return Bold(visible(item.disclaimer.title)), ": not found in the latest scan"
    if not row.findings:
        return row_title(row), f": breaks no rule now · {place(row.instance, accounts)}"
    return instance_line_with_owner(row, accounts)


def _history(items: Sequence[TriageItem], zone: tzinfo) -> Iterator[str]:
    """Yield who said that an instance is not theirs, and what became of it: an assignment once, for all."""
    for item in items:
        ended = "" if item.assignment else f" {became_text(item, zone)}"
        yield f"{_said(item, zone)}{ended}"
    yield from dict.fromkeys(became_text(item, zone) for item in items if item.assignment)


def _said(item: TriageItem, zone: tzinfo) -> str:
    name, at = visible(item.disclaimer.name), date_time(item.disclaimer.said_at, zone)
    words = f": {visible(item.words)}" if item.words else ""
    return f"{name} says that it is not theirs{words} ({at})."


def _assign(subject: Subject, keys: KeyOf) -> tuple[Button, ...]:
    key = keys.get(subject)
    return (assign_button(key),) if key else ()
