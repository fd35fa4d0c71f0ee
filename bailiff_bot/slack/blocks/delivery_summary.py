"""The delivery summary: the reply in the digest's thread that lists which owners are notified.

It is rendered from values that are stored as JSON, because another process may render its final version after a crash.
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
"""Characters of one list item."""
_COUNT_LINE = 100
"""Characters of the line that counts the omitted items of a list."""

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
"""Fields whose JSON key in the database differs from their name. Another version of Bailiff may finish a batch."""


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """All owners of a digest, one line each, by whether they are notified."""

    mode: str = ""
    """`on`, `dry-run` or `off` (BAILIFF_NUDGES), or `preview`. Another version of Bailiff may store others."""
    notified: tuple[str, ...] = ()
    """Owners who are notified or, depending on `mode`, would be."""
    already_notified: tuple[str, ...] = ()
    """Owners who were notified earlier and have no new finding."""
    not_notified: tuple[str, ...] = ()
    """Owners who could not be notified, with the reason."""
    uncertain: tuple[str, ...] = ()
    """Owners of whom it is unknown whether the nudge arrived."""
    unassigned: tuple[str, ...] = ()
    """Flagged instances without an owner, with the step at which the search failed."""
    on_hold: str = ""
    """The plausibility warnings because of which nobody is notified for now; empty if there are none."""
    not_delivered: tuple[str, ...] = ()
    """Messages that did not arrive in the digest's thread, with the reason."""
    small_print: tuple[str, ...] = ()
    """The lines of the small print at the end."""

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON, for the database."""
        return {
            _STORED_KEYS.get(name, name): list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "DeliverySummary":
        """Return the summary that `to_json` stored. Ignores unknown keys, which another version may have stored."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = stored.get(_STORED_KEYS.get(field.name, field.name))
            if isinstance(field.default, str) and isinstance(value, str):
                values[field.name] = value
            elif isinstance(field.default, tuple) and isinstance(value, list | tuple):
                values[field.name] = tuple(map(str, value))
        return cls(**values)


def before_nudges(summary: DeliverySummary) -> Message:
    """Return the message that lists which owners will be notified, before any nudge is sent."""
    heading = f"Not told for now, {summary.on_hold}" if summary.on_hold else _HEADINGS.get(summary.mode, _NOT_NOTIFIED)
    return _message(summary, heading)


def after_nudges(summary: DeliverySummary) -> Message:
    """Return the message that lists which owners were notified, after every nudge is settled."""
    return _message(summary, "Told in a direct message")


def owner_line(findings: OwnerFindings) -> str:
    """Return an owner as one line: the plain name, because a mention would notify the owner."""
    owner_keys = ", ".join(map(visible, findings.owner_keys))
    return f"{visible(findings.owner.name)} ({owner_keys}): {_instance_count(findings.rows)}"


def already_notified_line(findings: OwnerFindings, last_nudge: LastNudge, zone: tzinfo) -> str:
    """Return an owner who was notified earlier as one line, with the day; "may have been" if arrival is unknown."""
    verb = "told" if last_nudge.ts else "may have been told"
    return f"{owner_line(findings)}; {verb} on {date(last_nudge.at, zone)}"


def unassigned_lines(unassigned: Iterable[UnassignedFindings]) -> tuple[str, ...]:
    """Return the flagged instances without an owner, one line per owner label, with the reason."""
    return tuple(
        f"{visible(group.owner_label)} ({_instance_count(group.rows)}): {group.reason}" for group in unassigned
    )


def _instance_count(rows: Iterable[Row]) -> str:
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
    small_print = [context(summary.small_print)] if any(summary.small_print) else []
    if not filled:
        text = "There is no owner to tell."
        return Message(text, blocks(paragraph(text), *small_print), "\n".join([text, *summary.small_print]))
    fixed_texts = (
        *(truncated(text, MAX_SMALL_PRINT) for text in summary.small_print),
        *(heading for heading, _ in filled),
    )
    characters_left = MAX_CHARACTERS - sum(slack_length(text) + _COUNT_LINE for text in fixed_texts)
    parts: list[Block] = []
    for number, (title, items) in enumerate(filled):
        shown = _fit_items(items, characters_left // (len(filled) - number))
        characters_left -= sum(map(slack_length, shown))
        parts += [paragraph(bold(title)), bullets(map(line, shown)), *_omitted_line(len(items) - len(shown))]
    plain = [text for title, items in filled for text in (title, *(f"- {item}" for item in items))]
    counts = ", ".join(f"{_short_title(title)}: {len(items):,}" for title, items in filled)
    return Message(f"Owners: {counts}.", blocks(*parts, *small_print), "\n".join([*plain, *summary.small_print]))


def _short_title(title: str) -> str:
    return title.removesuffix(":").partition(" (")[0].partition(",")[0].lower()


def _fit_items(items: list[str], limit: int) -> list[str]:
    """Return the first items, as many as fit into `limit` characters; the first one in any case."""
    shown: list[str] = []
    for item in items:
        shown.append(truncated(item, _MAX_ITEM))
        limit -= slack_length(shown[-1])
        if limit < _MAX_ITEM:
            break
    return shown


def _omitted_line(count: int) -> list[Block]:
    return [context([f"{count:,} more; the CSV has every instance with its owner."])] if count else []
