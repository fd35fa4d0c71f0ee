"""Who is told, who was, who would be, and whom nobody could be found for: a message in the digest's thread.

It is drawn from plain words that can be kept, because after a crash another process draws the last version of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import tzinfo
from typing import Any

from slackblocks import Block

from bailiff_bot.domain.history import LastNudge
from bailiff_bot.domain.owner import OwnerFindings, UnassignedFindings
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.wording import date, plural, visible
from bailiff_bot.slack.blocks.message import (
    MAX_CHARACTERS,
    MAX_SMALL_PRINT,
    Message,
    blocks,
    bold,
    bullets,
    context,
    line,
    paragraph,
    slack_length,
    truncated,
)

_MAX_ITEM = 500
"""Characters of one line."""
_COUNT_LINE = 100
"""Characters of the line that counts what was left out of a list."""

_HEADINGS = {
    "on": "Being told in a direct message",
    "dry-run": "Would be told in a direct message (BAILIFF_NUDGES is dry-run)",
    "off": "Found, and not told (BAILIFF_NUDGES is off)",
    "preview": "Would be told in a direct message (this is a preview, and nobody is)",
}
_NOT_NOTIFIED = "Found, and not told"


_STORED_KEYS = {
    "notified": "told",
    "already_notified": "quiet",
    "not_notified": "untold",
    "uncertain": "unknown",
    "unassigned": "unclaimed",
    "on_hold": "waiting",
    "not_delivered": "missing",
    "small_print": "closing",
}
"""The JSON keys of fields in the database, where they differ: a batch may be finished by another version."""


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """Everybody a digest could have told, a line each, and what becomes of them."""

    mode: str = ""
    """`on`, `dry-run`, `off` (BAILIFF_NUDGES) or `preview`; anything else is of another version of Bailiff."""
    notified: tuple[str, ...] = ()
    """Owners who are told or, by the mode, would be."""
    already_notified: tuple[str, ...] = ()
    """Owners who were told before and are not told again, because nothing is new."""
    not_notified: tuple[str, ...] = ()
    """Owners who could not be told, with the reason."""
    uncertain: tuple[str, ...] = ()
    """Owners who may or may not have been told."""
    unassigned: tuple[str, ...] = ()
    """Debts for which nobody was found, with the step at which it failed."""
    on_hold: str = ""
    """Why none of `told` is told for now; empty where nothing is in doubt."""
    not_delivered: tuple[str, ...] = ()
    """What did not arrive in the digest's thread, with the reason."""
    small_print: tuple[str, ...] = ()
    """The small print under it."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, for the database."""
        return {
            _STORED_KEYS.get(name, name): list(held) if isinstance(held, tuple) else held
            for name, held in asdict(self).items()
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "DeliverySummary":
        """Return the summary that `to_json` stored. Keys of another version that are not known are left out."""
        values: dict[str, Any] = {}
        for known in fields(cls):
            held = kept.get(_STORED_KEYS.get(known.name, known.name))
            if isinstance(known.default, str) and isinstance(held, str):
                values[known.name] = held
            elif isinstance(known.default, tuple) and isinstance(held, list | tuple):
                values[known.name] = tuple(map(str, held))
        return cls(**values)


def before_nudges(summary: DeliverySummary) -> Message:
    """Return who is going to be told, and whom nobody was found for."""
    heading = f"Not told for now, {summary.on_hold}" if summary.on_hold else _HEADINGS.get(summary.mode, _NOT_NOTIFIED)
    return _message(summary, heading)


def after_nudges(summary: DeliverySummary) -> Message:
    """Return who was told, who was found but could not be told, of whom that is not known, and what is missing here."""
    return _message(summary, "Told in a direct message")


def owner_line(findings: OwnerFindings) -> str:
    """Return an owner in a line: by name and without mention, for being listed must not notify anybody."""
    return (
        f"{visible(findings.owner.name)} ({', '.join(map(visible, findings.owner_keys))}): {_instances(findings.rows)}"
    )


def already_notified_line(findings: OwnerFindings, last_nudge: LastNudge, zone: tzinfo) -> str:
    """Return an owner who was told before, with the day; or may have been, where it is not known to have arrived."""
    told = "told" if last_nudge.ts else "may have been told"
    return f"{owner_line(findings)}; {told} on {date(last_nudge.at, zone)}"


def unassigned_lines(unassigned: Iterable[UnassignedFindings]) -> tuple[str, ...]:
    """Return what nobody was found for, a line each, with the step at which it failed."""
    return tuple(f"{visible(one.owner_label)} ({_instances(one.rows)}): {one.reason}" for one in unassigned)


def _instances(rows: Iterable[Row]) -> str:
    return plural(sum(row.count for row in rows), "instance")


def _message(summary: DeliverySummary, heading: str) -> Message:
    lists = (
        (heading, summary.notified),
        ("Told before, and nothing is new", summary.already_notified),
        ("Could not be told", summary.not_notified),
        ("May or may not have been told", summary.uncertain),
        ("Nobody to tell", summary.unassigned),
        ("Missing from this thread", summary.not_delivered),
    )
    filled = [
        (truncated(heading, _MAX_ITEM) + ":", list(filter(None, items))) for heading, items in lists if any(items)
    ]
    small = [context(summary.small_print)] if any(summary.small_print) else []
    if not filled:
        text = "There is no owner to tell."
        return Message(text, blocks(paragraph(text), *small), "\n".join([text, *summary.small_print]))
    said = (*(truncated(part, MAX_SMALL_PRINT) for part in summary.small_print), *(heading for heading, _ in filled))
    room = MAX_CHARACTERS - sum(slack_length(part) + _COUNT_LINE for part in said)
    parts: list[Block] = []
    for number, (title, items) in enumerate(filled):
        shown = _fitting(items, room // (len(filled) - number))
        room -= sum(map(slack_length, shown))
        parts += [paragraph(bold(title)), bullets(map(line, shown)), *_more(len(items) - len(shown))]
    plain = [part for title, items in filled for part in (title, *(f"- {item}" for item in items))]
    counts = ", ".join(f"{_short_title(title)}: {len(items):,}" for title, items in filled)
    return Message(f"Owners: {counts}.", blocks(*parts, *small), "\n".join([*plain, *summary.small_print]))


def _short_title(title: str) -> str:
    return title.removesuffix(":").partition(" (")[0].partition(",")[0].lower()


def _fitting(items: list[str], room: int) -> list[str]:
    shown: list[str] = []
    for item in items:
        shown.append(truncated(item, _MAX_ITEM))
        room -= slack_length(shown[-1])
        if room < _MAX_ITEM:
            break
    return shown


def _more(count: int) -> list[Block]:
    return [context([f"{count:,} more; the CSV has every instance with its owner."])] if count else []
