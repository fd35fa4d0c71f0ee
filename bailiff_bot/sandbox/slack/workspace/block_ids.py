"""The ids that Slack adds to blocks and elements to which the app gave none."""

from collections.abc import Iterable

from bailiff_bot.sandbox.slack.base_types import Json

_ELEMENT_FIELDS = ("accessory", "element")


class BlockIds:
    """Adds ids; each new id is used once."""

    def __init__(self) -> None:
        self._count = 0

    def added_to(self, blocks: Iterable[Json]) -> tuple[Json, ...]:
        """Return the blocks, each with a block_id, and their elements with an action_id."""
        return tuple(self._block(block) for block in blocks)

    def _block(self, block: Json) -> Json:
        named = {"block_id": self._new_id(), **block}
        if block.get("type") == "actions":
            named["elements"] = [self._element(element) for element in block["elements"]]
        for field in _ELEMENT_FIELDS:
            if isinstance(block.get(field), dict) and block[field].get("type") != "image":
                named[field] = self._element(block[field])
        return named

    def _element(self, element: Json) -> Json:
        return {"action_id": self._new_id(), **element}

    def _new_id(self) -> str:
        self._count += 1
        return f"b{self._count:04x}"
