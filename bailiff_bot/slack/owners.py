"""Who is told, who would be, and whom nobody could be found for: a message in the digest's thread."""

from collections.abc import Iterable, Iterator

from slackblocks import Block

from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Row
from bailiff_bot.render.words import plural, visible
from bailiff_bot.service import Digest, Untold
from bailiff_bot.slack.message import MAX_CHARACTERS, Message, blocks, bold, bullets, context, line, paragraph, weight

_LIST_CHARACTERS = (MAX_CHARACTERS - 600) // 3
"""What each of the lists may come to."""

_HEADINGS = {
    "on": "Being told in a direct message",
    "dry-run": "Would be told in a direct message (BAILIFF_NUDGES is dry-run)",
    "off": "Found, and not told (BAILIFF_NUDGES is off)",
}


def before_nudges(digest: Digest) -> Message | None:
    """Return who is going to be told, and whom nobody was found for with the step at which it failed."""
    nudges = "dry-run" if digest.preview_for and digest.nudges == "on" else digest.nudges
    return _message((_HEADINGS[nudges], map(_owner, digest.debts)), _unclaimed(digest))


def after_nudges(digest: Digest, failures: tuple[Untold, ...]) -> Message | None:
    """Return who was told, and who was found but could not be told."""
    failed = {failure.debts.owner for failure in failures}
    told = (_owner(debts) for debts in digest.debts if debts.owner not in failed)
    untold = (f"{_owner(failure.debts)}: {failure.reason}" for failure in failures)
    return _message(("Told in a direct message", told), ("Could not be told", untold), _unclaimed(digest))


def _unclaimed(digest: Digest) -> tuple[str, Iterable[str]]:
    return "Nobody to tell", (f"{visible(one.whose)} ({_owes(one.rows)}): {one.reason}" for one in digest.unclaimed)


def _owner(debts: Debts) -> str:
    # The name and no mention: being listed here must not notify anybody.
    return f"{visible(debts.owner.name)} ({', '.join(map(visible, debts.whose))}): {_owes(debts.rows)}"


def _owes(rows: Iterable[Row]) -> str:
    return plural(sum(row.count for row in rows), "instance")


def _message(*lists: tuple[str, Iterable[str]]) -> Message | None:
    filled = [(heading, items) for heading, items in ((heading, list(items)) for heading, items in lists) if items]
    if not filled:
        return None
    parts = [block for heading, items in filled for block in _list(heading, items)]
    plain = [text for heading, items in filled for text in (f"{heading}:", *(f"- {item}" for item in items))]
    said = ", ".join(f"{heading.partition(' (')[0].lower()}: {len(items):,}" for heading, items in filled)
    return Message(f"Owners: {said}.", blocks(*parts), "\n".join(plain))


def _list(heading: str, items: list[str]) -> Iterator[Block]:
    kept, used = 0, 0
    while kept < len(items) and (used := used + weight(items[kept])) <= _LIST_CHARACTERS:
        kept += 1
    yield paragraph(bold(f"{heading}:"))
    yield bullets(line(item) for item in items[:kept])
    if kept < len(items):
        yield context([f"{len(items) - kept:,} more, all of them in the CSV."])
