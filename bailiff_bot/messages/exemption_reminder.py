"""The direct message that reminds somebody that an exemption ends."""

from collections.abc import Sequence
from datetime import tzinfo

from bailiff_bot.domain.exemption_reminder import last_day
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.action_results import DoneAction, result_items
from bailiff_bot.messages.buttons import keep_button, link_button
from bailiff_bot.messages.document import Buttons, Document, Item, Part, SmallPrint
from bailiff_bot.messages.formatting import visible
from bailiff_bot.messages.instance_line import console_url, instance_title, place, row_title

_NOTES = SmallPrint(
    ("Keep extends it until the day that you choose. If nobody needs it any more, there is nothing to do.",)
)


def exemption_reminder(row: Row, grant: Grant, zone: tzinfo, accounts: int, keep_key: str = "") -> Document:
    """Return the reminder. `keep_key` is the key of the offer to extend the exemption; empty if nobody may."""
    evidence = ", ".join(finding.evidence for finding in row.kept if finding.rule in grant.rules)
    granted = f": kept by {visible(grant.granter)}: {visible(grant.reason)} · {place(row.instance, accounts)}"
    after = f"\nAfter that day it is reported again: {evidence}."
    link = () if row.controller else (link_button("Open in AWS", console_url(row.instance)),)
    buttons = (*((keep_button(keep_key),) if keep_key else ()), *link)
    item = Item((row_title(row), granted, after), Buttons(buttons, "exemption"))
    return _document(instance_title(row), grant, zone, (item, _NOTES))


def answered_reminder(
    title: str, grant: Grant, zone: tzinfo, done: Sequence[DoneAction], keep_key: str = ""
) -> Document:
    """Return the reminder of the instance `title` after something was done in it."""
    again = (Buttons((keep_button(keep_key),), "exemption"),) if keep_key else ()
    return _document(title, grant, zone, (*result_items(done, zone), *again))


def reminder_label(row: Row) -> str:
    """Return the line that names the reminder in a list of messages that did not arrive."""
    return f"The reminder of the exemption of {instance_title(row)}"


def _document(title: str, grant: Grant, zone: tzinfo, parts: tuple[Part, ...]) -> Document:
    text = f"The exemption of {title} ends on {last_day(grant.until, zone).isoformat()}"
    return Document(f"{text}.", text, parts)
