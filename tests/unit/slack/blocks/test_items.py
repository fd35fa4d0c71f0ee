"""A line and its buttons take as few blocks as Slack allows."""

import pytest

from bailiff_bot.messages.document import Bold, Button, Buttons, Document, Item, Line
from tests.message_checks import check_message, rendered

UNDO, KEEP = Button("undo", "Undo", "key"), Button("keep", "Keep", "key")


@pytest.mark.parametrize(
    ("line", "buttons", "types"),
    [
        (("Ada keeps *it* <!channel>.",), Buttons((UNDO,)), ["section"]),
        (("Ada keeps it.",), Buttons(()), ["rich_text"]),
        (("Ada keeps it.",), Buttons((UNDO, KEEP)), ["rich_text", "actions"]),
        (("Ada keeps it.",), Buttons((UNDO,), menu=(KEEP,)), ["rich_text", "actions"]),
        (("Ada keeps it.",), Buttons((), menu=(KEEP,)), ["rich_text", "actions"]),
        ((Bold("agr-a"), ": idle"), Buttons((UNDO,)), ["rich_text", "actions"]),
    ],
)
def test_plain_text_with_one_button_is_one_block(line: Line, buttons: Buttons, types: list[str]) -> None:
    message = rendered(Document("Done.", "", (Item(line, buttons),)))
    assert [block["type"] for block in message.blocks] == types
    check_message(message)
