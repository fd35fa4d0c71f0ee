"""Who is told, who was, who would be, and whom nobody could be found for: a message in the digest's thread.

It is drawn from plain words that can be kept, because after a crash another process draws the last version of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import tzinfo
from typing import Any

from slackblocks import Block

from bailiff_bot.domain.history import Nudged
from bailiff_bot.domain.owner import Debts, Unclaimed
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
    shortened,
    weight,
)

_ITEM = 500
"""Characters of one line."""
_FRAME = 100
"""Characters of the line that counts what was left out of a list."""

_HEADINGS = {
    "on": "Being told in a direct message",
    "dry-run": "Would be told in a direct message (BAILIFF_NUDGES is dry-run)",
    "off": "Found, and not told (BAILIFF_NUDGES is off)",
    "preview": "Would be told in a direct message (this is a preview, and nobody is)",
}
_UNTOLD = "Found, and not told"


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody a digest could have told, a line each, and what becomes of them."""

    mode: str = ""
    """`on`, `dry-run`, `off` (BAILIFF_NUDGES) or `preview`; anything else is of another version of Bailiff."""
    told: tuple[str, ...] = ()
    """Owners who are told or, by the mode, would be."""
    quiet: tuple[str, ...] = ()
    """Owners who were told before and are not told again, because nothing is new."""
    untold: tuple[str, ...] = ()
    """Owners who could not be told, with the reason."""
    unknown: tuple[str, ...] = ()
    """Owners who may or may not have been told."""
    unclaimed: tuple[str, ...] = ()
    """Debts for which nobody was found, with the step at which it failed."""
    waiting: str = ""
    """Why none of `told` is told for now; empty where nothing is in doubt."""
    missing: tuple[str, ...] = ()
    """What did not arrive in the digest's thread, with the reason."""
    closing: tuple[str, ...] = ()
    """The small print under it."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can keep it."""
        return {name: list(held) if isinstance(held, tuple) else held for name, held in asdict(self).items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Roll":
        """Return what `to_json` was made of; what another version of Bailiff kept, as far as it is understood."""
        values: dict[str, Any] = {}
        for known in fields(cls):
            held = kept.get(known.name)
            if isinstance(known.default, str) and isinstance(held, str):
                values[known.name] = held
            elif isinstance(known.default, tuple) and isinstance(held, list | tuple):
                values[known.name] = tuple(map(str, held))
        return cls(**values)


def before_nudges(roll: Roll) -> Message:
    """Return who is going to be told, and whom nobody was found for."""
    heading = f"Not told for now, {roll.waiting}" if roll.waiting else _HEADINGS.get(roll.mode, _UNTOLD)
    return _message(roll, heading)


def after_nudges(roll: Roll) -> Message:
    """Return who was told, who was found but could not be told, of whom that is not known, and what is missing here."""
    return _message(roll, "Told in a direct message")


def label_of(debts: Debts) -> str:
    """Return an owner in a line: by name and without mention, for being listed must not notify anybody."""
    return f"{visible(debts.owner.name)} ({', '.join(map(visible, debts.whose))}): {_owes(debts.rows)}"


def quiet_line(debts: Debts, nudged: Nudged, zone: tzinfo) -> str:
    """Return an owner who was told before, with the day; or may have been, where it is not known to have arrived."""
    told = "told" if nudged.ts else "may have been told"
    return f"{label_of(debts)}; {told} on {date(nudged.at, zone)}"


def unclaimed_lines(unclaimed: Iterable[Unclaimed]) -> tuple[str, ...]:
    """Return what nobody was found for, a line each, with the step at which it failed."""
    return tuple(f"{visible(one.whose)} ({_owes(one.rows)}): {one.reason}" for one in unclaimed)


def _owes(rows: Iterable[Row]) -> str:
    return plural(sum(row.count for row in rows), "instance")


def _message(roll: Roll, heading: str) -> Message:
    lists = (
        (heading, roll.told),
        ("Told before, and nothing is new", roll.quiet),
        ("Could not be told", roll.untold),
        ("May or may not have been told", roll.unknown),
        ("Nobody to tell", roll.unclaimed),
        ("Missing from this thread", roll.missing),
    )
    filled = [(shortened(heading, _ITEM) + ":", list(filter(None, items))) for heading, items in lists if any(items)]
    small = [context(roll.closing)] if any(roll.closing) else []
    if not filled:
        text = "There is no owner to tell."
        return Message(text, blocks(paragraph(text), *small), "\n".join([text, *roll.closing]))
    said = (*(shortened(part, MAX_SMALL_PRINT) for part in roll.closing), *(heading for heading, _ in filled))
    room = MAX_CHARACTERS - sum(weight(part) + _FRAME for part in said)
    parts: list[Block] = []
    for number, (title, items) in enumerate(filled):
        shown = _fitting(items, room // (len(filled) - number))
        room -= sum(map(weight, shown))
        parts += [paragraph(bold(title)), bullets(map(line, shown)), *_left_out(len(items) - len(shown))]
    plain = [part for title, items in filled for part in (title, *(f"- {item}" for item in items))]
    counts = ", ".join(f"{_briefly(title)}: {len(items):,}" for title, items in filled)
    return Message(f"Owners: {counts}.", blocks(*parts, *small), "\n".join([*plain, *roll.closing]))


def _briefly(title: str) -> str:
    return title.removesuffix(":").partition(" (")[0].partition(",")[0].lower()


def _fitting(items: list[str], room: int) -> list[str]:
    shown: list[str] = []
    for item in items:
        shown.append(shortened(item, _ITEM))
        room -= weight(shown[-1])
        if room < _ITEM:
            break
    return shown


def _left_out(count: int) -> list[Block]:
    return [context([f"{count:,} more; the CSV has every instance with its owner."])] if count else []
