"""The rules over all the blocks of a message together: repeated ids, tables, charts, and how much is written."""

from collections import Counter
from collections.abc import Iterator

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks.problem import Problem

MOST_CHARTS = 2
MOST_TABLE_CHARACTERS = 10_000
MOST_CHARACTERS = 12_000
_TABLES = ("table", "data_table")
_WRITTEN = ("text", "title", "caption", "name", "label")
"""Fields whose strings are shown to a reader."""


def together(blocks: list[Json]) -> Iterator[Problem]:
    """Find what is wrong with blocks that are each well formed."""
    yield from _repeated_ids(blocks)
    yield from _tables(blocks)
    yield from _charts(blocks)
    if written(blocks) > MOST_CHARACTERS:
        yield Problem("blocks.long", "/blocks", f"must be less than {MOST_CHARACTERS + 1} characters in all")


def written(thing: object) -> int:
    """Count the characters of every text in a block, containers and cells included."""
    if isinstance(thing, list):
        return sum(written(item) for item in thing)
    if isinstance(thing, dict):
        texts = (len(value) for key, value in thing.items() if key in _WRITTEN and isinstance(value, str))
        return sum(texts) + sum(written(value) for value in thing.values())
    return 0


def _repeated_ids(blocks: list[Json]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        seen.update([name] if name else [])
        if name and seen[name] > 1:
            yield Problem("id.block", f"/blocks/{index}/block_id", f"block_id already exists: {name}")
        yield from _repeated_actions(block, f"/blocks/{index}")


def _repeated_actions(block: Json, at: str) -> Iterator[Problem]:
    elements = block.get("elements", []) if block["type"] == "actions" else []
    seen: set[str] = set()
    for index, element in enumerate(elements):
        name = element.get("action_id")
        if name in seen:
            yield Problem("id.action", f"{at}/elements/{index}/action_id", f"action_id already exists: {name}")
        seen.add(name)


def _tables(blocks: list[Json]) -> Iterator[Problem]:
    found = [(f"/blocks/{index}", block) for index, block in enumerate(blocks) if block["type"] in _TABLES]
    plain = [at for at, block in found if block["type"] == "table"]
    for at in plain[1:]:
        yield Problem("table.one", at, "only one table allowed")
    characters = 0
    for at, block in found:
        characters += written(block["rows"])
        if characters > MOST_TABLE_CHARACTERS:
            yield Problem("table.long", f"{at}/rows", f"must be less than {MOST_TABLE_CHARACTERS + 1} characters")
            return


def _charts(blocks: list[Json]) -> Iterator[Problem]:
    charts = [index for index, block in enumerate(blocks) if block["type"] == "data_visualization"]
    for index in charts[MOST_CHARTS:]:
        yield Problem("chart.many", f"/blocks/{index}", f"no more than {MOST_CHARTS} items allowed")
