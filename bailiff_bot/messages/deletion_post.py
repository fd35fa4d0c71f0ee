"""The messages in the triage channel about deletions: that one was asked for, and what came of it."""

from datetime import tzinfo

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.messages.action_results import image_link, result_text
from bailiff_bot.messages.buttons import cancel_deletion_button
from bailiff_bot.messages.document import Buttons, Document, Item, SmallPrint

_WHO_CANCELS = "Its owners, their delegates and administrators of Bailiff can cancel it."


def deletion_asked(result: ActionResult, cancel_key: str, zone: tzinfo) -> Document:
    """Return that somebody asked for a deletion. `cancel_key` is the key of the offer to cancel it."""
    text = result_text(result, zone)
    item = Item((text,), Buttons((cancel_deletion_button(cancel_key),), "deletion"))
    return Document(text, "", (item, SmallPrint((_WHO_CANCELS,))))


def deletion_over(result: ActionResult, zone: tzinfo) -> Document:
    """Return what came of a deletion."""
    text = result_text(result, zone)
    return Document(text, "", (Item((text,), Buttons(tuple(image_link(result)), "deletion")),))
