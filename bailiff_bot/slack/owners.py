"""Who is told, who would be, and whom nobody could be found for: a message in the digest's thread."""

from collections.abc import Iterable
from datetime import datetime

from slackblocks import Block

from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Row
from bailiff_bot.render.words import plural, small_print, visible
from bailiff_bot.service import Digest, Untold
from bailiff_bot.slack.message import (
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


def before_nudges(digest: Digest, now: datetime) -> Message | None:
    """Return who is going to be told, and whom nobody was found for with the step at which it failed."""
    heading = _HEADINGS["preview" if digest.preview_for is not None else digest.nudges]
    return _message(small_print(digest.report, now), (heading, map(_owner, digest.debts)), _unclaimed(digest))


def after_nudges(digest: Digest, failures: tuple[Untold, ...], now: datetime) -> Message | None:
    """Return who was told, and who was found but could not be told."""
    failed = {failure.debts.owner for failure in failures}
    told = (_owner(debts) for debts in digest.debts if debts.owner not in failed)
    untold = (f"{_owner(failure.debts)}: {failure.reason}" for failure in failures)
    lists = ("Told in a direct message", told), ("Could not be told", untold), _unclaimed(digest)
    return _message(small_print(digest.report, now), *lists)


def _unclaimed(digest: Digest) -> tuple[str, Iterable[str]]:
    return "Nobody to tell", (f"{visible(one.whose)} ({_owes(one.rows)}): {one.reason}" for one in digest.unclaimed)


def _owner(debts: Debts) -> str:
    # The name and no mention: being listed here must not notify anybody.
    return f"{visible(debts.owner.name)} ({', '.join(map(visible, debts.whose))}): {_owes(debts.rows)}"


def _owes(rows: Iterable[Row]) -> str:
    return plural(sum(row.count for row in rows), "instance")


def _message(closing: list[str], *lists: tuple[str, Iterable[str]]) -> Message | None:
    filled = [(f"{heading}:", list(items)) for heading, items in lists]
    filled = [(heading, items) for heading, items in filled if items]
    if not filled:
        return None
    said = (*(shortened(part, MAX_SMALL_PRINT) for part in closing), *(heading for heading, _ in filled))
    room = MAX_CHARACTERS - sum(weight(part) + _FRAME for part in said)
    parts: list[Block] = []
    for number, (heading, items) in enumerate(filled):
        shown = _fitting(items, room // (len(filled) - number))
        room -= sum(map(weight, shown))
        parts += [paragraph(bold(heading)), bullets(map(line, shown)), *_left_out(len(items) - len(shown))]
    plain = [part for heading, items in filled for part in (heading, *(f"- {item}" for item in items))]
    counts = ", ".join(f"{heading.rstrip(':').partition(' (')[0].lower()}: {len(items):,}" for heading, items in filled)
    return Message(f"Owners: {counts}.", blocks(*parts, context(closing)), "\n".join([*plain, *closing]))


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
