"""Messages and views as a user sees them."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

from bailiff_bot.sandbox.slack.base_types import Json


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file attached to a message."""

    name: str
    title: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as a user sees it."""

    channel: str
    ts: str
    user: str
    text: str
    """The text of notifications. If there are blocks, the user sees those instead."""
    blocks: tuple[Json, ...]
    is_ephemeral: bool
    is_edited: bool
    thread_ts: str | None
    reply_count: int
    files: tuple[RenderedFile, ...]
    metadata: Json | None
    values: Json = field(default_factory=dict)
    """What this user sees as chosen or typed in its elements: states by block id and action id."""

    @classmethod
    def from_json(cls, body: Json) -> "RenderedMessage":
        """Return the message from a response of the control endpoint."""
        return cls(
            channel=body["channel"],
            ts=body["ts"],
            user=body["user"],
            text=body["text"],
            blocks=tuple(body.get("blocks", ())),
            is_ephemeral=body["is_ephemeral"],
            is_edited="edited" in body,
            thread_ts=body.get("thread_ts"),
            reply_count=body.get("reply_count", 0),
            files=tuple(_file(file) for file in body.get("files", ())),
            metadata=body.get("metadata"),
            values=body.get("state", {}).get("values", {}),
        )

    @property
    def visible_text(self) -> str:
        """The texts of the blocks, one on each line; without blocks, the text."""
        return "\n".join(block_texts(list(self.blocks))) if self.blocks else self.text

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons."""
        return [item["text"]["text"] for item in _nested_objects(list(self.blocks)) if item.get("type") == "button"]

    @property
    def tables(self) -> list[list[list[str]]]:
        """The texts of the cells, by table and row."""
        kinds = ("table", "data_table")
        tables = [block for block in self.blocks if block["type"] in kinds]
        return [[["".join(block_texts(cell)) for cell in row] for row in table["rows"]] for table in tables]


@dataclass(frozen=True, slots=True)
class RenderedView:
    """A modal or an App Home as a user sees it."""

    id: str
    kind: str
    """modal or home."""
    title: str
    blocks: tuple[Json, ...]
    content: Json
    """The whole view, in the form that Slack sends to the app."""

    @classmethod
    def from_json(cls, body: Json) -> "RenderedView":
        """Return the view from a response of the control endpoint."""
        title = body.get("title", {}).get("text", "")
        return cls(body["id"], body["type"], title, tuple(body["blocks"]), body)

    @property
    def values(self) -> Json:
        """The states of the inputs, by block id and action id."""
        values: Json = self.content["state"]["values"]
        return values

    @property
    def visible_text(self) -> str:
        """The texts of the blocks, one on each line."""
        return "\n".join(block_texts(list(self.blocks)))

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons."""
        return [item["text"]["text"] for item in _nested_objects(list(self.blocks)) if item.get("type") == "button"]


def block_texts(value: object) -> Iterator[str]:
    """Yield every text in a block or a list of blocks, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from block_texts(item)
    elif isinstance(value, dict):
        if value.get("type") == "raw_number":
            yield str(value.get("text") or value.get("value"))
            return
        for key, child in value.items():
            if isinstance(child, str) and key in ("text", "title", "caption"):
                yield child
            elif not isinstance(child, str):
                yield from block_texts(child)


def _nested_objects(value: object) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _nested_objects(item)
    elif isinstance(value, dict):
        yield value
        yield from _nested_objects(list(value.values()))


def _file(body: Json) -> RenderedFile:
    return RenderedFile(body["name"], body["title"], base64.b64decode(body["content"]))
