"""The buttons of actions in a message or a view, also those in a menu."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bailiff_bot.messages import buttons
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.slack.blocks.menus import MENU, menu_value

OPENS_FORM: Mapping[str, bool] = {
    buttons.KEEP: True,
    buttons.KEEP_ALL: True,
    buttons.NOT_MINE: True,
    buttons.ASSIGN: True,
    buttons.STOP: True,
    buttons.STOP_ALL: True,
    buttons.RENAME: True,
    buttons.DELETE: True,
    buttons.CANCEL_DELETION: False,
    buttons.UNDO: False,
    buttons.END: False,
}
"""The keys of the buttons that are clicked, and whether each opens a form. A further action is a further entry."""
Surface = RenderedMessage | RenderedView


@dataclass(frozen=True, slots=True)
class Clickable:
    """A button, or an option in a menu that stands for one."""

    action: str
    key: str
    """The value that the app gets."""
    block_id: str
    in_menu: bool = False

    @property
    def element(self) -> str:
        """The element that is clicked."""
        return MENU if self.in_menu else self.action

    @property
    def option(self) -> str | None:
        """The option that is chosen, if it is in a menu."""
        return menu_value(self.action, self.key) if self.in_menu else None

    def forged(self, key: str) -> dict[str, Any]:
        """Return the fields of the click if the app gets another key."""
        if self.in_menu:
            text = {"type": "plain_text", "text": "forged"}
            return {"selected_option": {"text": text, "value": menu_value(self.action, key)}}
        return {"value": key}


def clickables(surface: Surface) -> Iterator[Clickable]:
    """Yield the buttons of actions."""
    for block in surface.blocks:
        for element in (*block.get("elements", []), block.get("accessory", {})):
            if element.get("action_id") in OPENS_FORM:
                yield Clickable(element["action_id"], str(element["value"]), block["block_id"])
            elif element.get("action_id") == MENU:
                for option in element["options"]:
                    action, _, key = option["value"].partition(" ")
                    if action in OPENS_FORM:
                        yield Clickable(action, key, block["block_id"], in_menu=True)
