"""The audit log in words: its cells, whether it is intact, and what was settled."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, tzinfo

from bailiff_bot.domain.action_brakes import BRAKE
from bailiff_bot.domain.audit import FORGOTTEN, RETENTION, AuditEntry, AuditRecord, AuditResult, Person, State, Value
from bailiff_bot.domain.audit_chain import START, Link
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.messages.formatting import date, date_time, plural, short_name, visible

REMOVED = "(removed)"
"""In place of a person who was forgotten, or of their words."""
_BAILIFF = "Bailiff"
_MAX_PEOPLE = 10
"""How many people a digest names; the others are counted."""
_DONE = {
    "keep": "kept",
    "not-mine": "not theirs",
    "rename": "renamed",
    "stop": "stopped",
    "delete": "deleted",
    "undo": "undone",
    "end": "ended",
    "assign": "assigned",
    "cancel": "cancelled deletions",
    "tag": "tagged",
    "image": "images made",
    "delegate": "delegated",
    "end-delegation": "ended delegations",
}
"""What was done, after a count or the name of an instance. An action that is not listed is named by its own word."""


def actor_text(record: AuditRecord) -> str:
    """Return who asked for an action."""
    return _BAILIFF if record.actor is None else person_text(record.actor)


def person_text(person: Person) -> str:
    """Return the name of a person, else the address or the user id."""
    return REMOVED if person == FORGOTTEN else short_name(person.name or person.address or person.user_id)


def result_text(record: AuditRecord) -> str:
    """Return what came of an action: `done`, `refused: it breaks no rule any more`."""
    return visible(f"{record.result}: {record.reason}" if record.reason else record.result)


def outcome_text(record: AuditRecord) -> str:
    """Return what came of an action in one phrase: `kept`, `keep refused: not-yours`."""
    is_done = record.result is AuditResult.DONE
    if is_done and record.action == BRAKE:
        return "put the brake on" if record.after.get("brake") == "on" else "took the brake off"
    return (
        _DONE.get(record.action, visible(record.action))
        if is_done
        else f"{visible(record.action)} {result_text(record)}"
    )


def why_text(entry: AuditEntry) -> str:
    """Return the actor's own words."""
    return REMOVED if entry.words_removed else visible(entry.record.why)


def change_text(record: AuditRecord) -> str:
    """Return what changed: `until: - → 2026-12-01`."""
    names = sorted({*record.before, *record.after})
    return visible(", ".join(f"{name}: {_change(name, record.before, record.after)}" for name in names))


def _change(name: str, before: State, after: State) -> str:
    if name in before and name in after and before[name] != after[name]:
        return f"{_value(before[name])} → {_value(after[name])}"
    return _value({**before, **after}[name])


def _value(value: Value) -> str:
    match value:
        case Person():
            return person_text(value)
        case tuple():
            return " and ".join(map(_value, value)) or "-"
        case bool():
            return "yes" if value else "no"
        case None:
            return "-"
        case _:
            return str(value)


def no_entries_line(since: datetime, zone: tzinfo, database: str) -> str:
    """Return that nothing was done since then, and where that was looked up."""
    return f"The audit log in {database} has no rows since {date_time(since, zone)}."


def intact_line(last: Link, database: str) -> str:
    """Return that the log is intact, with its last hash, which the log of the process has as well."""
    if last == START:
        return f"The audit log in {database} is empty."
    return f"The audit log in {database} is intact, up to row {last.number:,} with the hash {last.hash}."


def broken_line(found: Break, database: str) -> str:
    """Return at which row the log is broken, and what to do."""
    return (
        f"The audit log in {database} is broken: row {found.number} {found.problem}. Compare it with the lines "
        "audit.recorded of Bailiff's log, and find out who can write to the database."
    )


def settled_line(entries: Iterable[AuditEntry], since: datetime, zone: tzinfo) -> str:
    """Return what was settled since the last digest, and by whom; empty if nothing was.

    `Settled since 23 Nov: Ada Granger (2 kept, 1 not theirs), Hector Romano (1 stopped)`. What may have been done
    counts as uncertain; what was refused or failed does not count.
    """
    counts: defaultdict[Person | None, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        if word := _settled_word(entry.record):
            counts[entry.record.actor][word] += 1
    people = sorted(counts.items(), key=lambda item: (-item[1].total(), _name(item[0])))
    named = [f"{_name(person)} ({_count_list(words)})" for person, words in people[:_MAX_PEOPLE]]
    others = sum(words.total() for _, words in people[_MAX_PEOPLE:])
    named += [f"{others:,} by {plural(len(people) - _MAX_PEOPLE, 'other')}: see bailiff audit"] if others else []
    return f"Settled since {date(since, zone)}: {', '.join(named)}" if named else ""


def _settled_word(record: AuditRecord) -> str:
    """Return what was done, to follow a count; empty if nothing was."""
    if record.action in {RETENTION, BRAKE}:  # neither settles anything
        return ""
    words = {AuditResult.DONE: _DONE.get(record.action, visible(record.action)), AuditResult.UNKNOWN: "uncertain"}
    return words.get(record.result, "")


def _count_list(words: Counter[str]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in words.most_common())


def _name(actor: Person | None) -> str:
    if actor == FORGOTTEN:
        return "a removed person"
    return person_text(actor) if actor else _BAILIFF
