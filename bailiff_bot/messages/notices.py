"""The direct message that tells what others did to what is the reader's."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.messages.action_results import image_link, result_text
from bailiff_bot.messages.buttons import cancel_deletion_button, end_button, undo_button
from bailiff_bot.messages.document import Buttons, Document, Item, Paragraph, SmallPrint
from bailiff_bot.messages.formatting import plural

_WHY = "You get this message because you own what was changed, or because you did it. All your instances: /bailiff mine"
_REST_IN = "in /bailiff why, for each instance"


def notice(results: Sequence[ActionResult], keys: Mapping[str, str], zone: tzinfo) -> Document:
    """Return the message about results, in their order.

    `keys` has the key of the offer to end an exemption, to undo a stop or to cancel a deletion, by the id of what was
    made.
    """
    items = tuple(_items(results, keys, zone))
    if len(results) == 1:
        return Document(result_text(results[0], zone), "", (*items, SmallPrint((_WHY,))), _REST_IN)
    text = f"{plural(len(results), 'change')} to what is yours"
    return Document(f"{text}.", text, (Paragraph(text="Others did this:"), *items, SmallPrint((_WHY,))), _REST_IN)


def _items(results: Sequence[ActionResult], keys: Mapping[str, str], zone: tzinfo) -> Iterator[Item]:
    for number, result in enumerate(results):
        key = keys.get(result.made_id, "")
        button = _BUTTONS.get(result.action) if key else None
        buttons = (button(key),) if button else tuple(image_link(result))
        yield Item((result_text(result, zone),), Buttons(buttons, f"notice {number}"))


_BUTTONS = {Action.KEEP: end_button, Action.STOP: undo_button, Action.DELETE: cancel_deletion_button}
"""The button that takes back what others did."""
