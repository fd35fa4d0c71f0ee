"""The rules over all blocks of a message: repeated ids, tables, charts, and the length of all text."""

from collections import Counter
from collections.abc import Iterator

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks.problem import Problem

MAX_CHARTS = 2
MAX_TABLE_CHARACTERS = 10_000
MAX_CHARACTERS = 12_000
_TABLES = ("table", "data_table")
_TEXT_FIELDS = ("text", "title", "caption", "name", "label")
"""Fields whose strings a reader sees."""


def check_together(blocks: list[Json]) -> Iterator[Problem]:
    """Yield the problems of blocks that are well formed one by one."""
    yield from _repeated_ids(blocks)
    yield from _tables(blocks)
    yield from _charts(blocks)
    if text_length(blocks) > MAX_CHARACTERS:
        yield Problem("blocks.long", "/blocks", f"must be less than {MAX_CHARACTERS + 1} characters in all")


def text_length(value: object) -> int:
    """Return the number of characters of every text in a block, containers and cells included."""
    if isinstance(value, list):
        return sum(text_length(item) for item in value)
    if isinstance(value, dict):
        texts = (len(child) for key, child in value.items() if key in _TEXT_FIELDS and isinstance(child, str))
        return sum(texts) + sum(text_length(child) for child in value.values())
    return 0


def _repeated_ids(blocks: list[Json]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        seen.update([name] if name else [])
        if name and seen[name] > 1:
            yield Problem("id.block", f"/blocks/{index}/block_id", f"block_id already exists: {name}")
        yield from _repeated_actions(block, f"/blocks/{index}")


def _repeated_actions(block: Json, pointer: str) -> Iterator[Problem]:
    elements = block.get("elements", []) if block["type"] == "actions" else []
    seen: set[str] = set()
    for index, element in enumerate(elements):
        name = element.get("action_id")
        if name in seen:
            yield Problem("id.action", f"{pointer}/elements/{index}/action_id", f"action_id already exists: {name}")
        seen.add(name)


def _tables(blocks: list[Json]) -> Iterator[Problem]:
    tables = [(f"/blocks/{index}", block) for index, block in enumerate(blocks) if block["type"] in _TABLES]
    plain_tables = [pointer for pointer, block in tables if block["type"] == "table"]
    for pointer in plain_tables[1:]:
        yield Problem("table.one", pointer, "only one table allowed")
    characters = 0
    for pointer, block in tables:
        characters += text_length(block["rows"])
        if characters > MAX_TABLE_CHARACTERS:
            yield Problem("table.long", f"{pointer}/rows", f"must be less than {MAX_TABLE_CHARACTERS + 1} characters")
            return


def _charts(blocks: list[Json]) -> Iterator[Problem]:
    charts = [index for index, block in enumerate(blocks) if block["type"] == "data_visualization"]
    for index in charts[MAX_CHARTS:]:
        yield Problem("chart.many", f"/blocks/{index}", f"no more than {MAX_CHARTS} items allowed")
