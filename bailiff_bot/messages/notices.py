"""The direct message that tells what others did to what is the reader's."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.messages.action_results import result_text
from bailiff_bot.messages.buttons import end_button
from bailiff_bot.messages.document import Buttons, Document, Item, Paragraph, SmallPrint
from bailiff_bot.messages.formatting import plural

_WHY = (
    "You get this message because you own what was changed, or because you kept it. All your instances: /bailiff mine"
)
_REST_IN = "in /bailiff why, for each instance"


def notice(results: Sequence[ActionResult], end_keys: Mapping[str, str], zone: tzinfo) -> Document:
    """Return the message about results, in their order. `end_keys` has the key of the offer to end an exemption."""
    items = tuple(_items(results, end_keys, zone))
    if len(results) == 1:
        return Document(result_text(results[0], zone), "", (*items, SmallPrint((_WHY,))), _REST_IN)
    text = f"{plural(len(results), 'change')} to what is yours"
    return Document(f"{text}.", text, (Paragraph(text="Others did this:"), *items, SmallPrint((_WHY,))), _REST_IN)


def _items(results: Sequence[ActionResult], end_keys: Mapping[str, str], zone: tzinfo) -> Iterator[Item]:
    for number, result in enumerate(results):
        key = end_keys.get(result.made_id) if result.until else None
        yield Item((result_text(result, zone),), Buttons((end_button(key),) if key else (), f"notice {number}"))
