"""What a person sees: messages and views, with what is written on them."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file under a message."""

    name: str
    title: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message on somebody's screen."""

    channel: str
    ts: str
    user: str
    text: str
    """What notifications show; the eye sees the blocks if there are any."""
    blocks: tuple[Json, ...]
    is_ephemeral: bool
    is_edited: bool
    thread_ts: str | None
    reply_count: int
    files: tuple[RenderedFile, ...]
    metadata: Json | None

    @classmethod
    def from_json(cls, body: Json) -> "RenderedMessage":
        """Return the message in the control endpoint's answer."""
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
        )

    @property
    def visible_text(self) -> str:
        """All that is written on the message: the blocks' texts line by line, or the text if there are no blocks."""
        return "\n".join(block_texts(list(self.blocks))) if self.blocks else self.text

    @property
    def buttons(self) -> list[str]:
        """What the buttons say."""
        return [item["text"]["text"] for item in _nested_objects(list(self.blocks)) if item.get("type") == "button"]

    @property
    def tables(self) -> list[list[list[str]]]:
        """The tables, as rows of cells' texts."""
        kinds = ("table", "data_table")
        tables = [block for block in self.blocks if block["type"] in kinds]
        return [[["".join(block_texts(cell)) for cell in row] for row in table["rows"]] for table in tables]


@dataclass(frozen=True, slots=True)
class RenderedView:
    """A modal, or the App Home, on somebody's screen."""

    id: str
    kind: str
    """modal or home."""
    title: str
    blocks: tuple[Json, ...]
    content: Json
    """All of the view, as Slack shows it to the app."""

    @classmethod
    def from_json(cls, body: Json) -> "RenderedView":
        """Return the view in the control endpoint's answer."""
        title = body.get("title", {}).get("text", "")
        return cls(body["id"], body["type"], title, tuple(body["blocks"]), body)

    @property
    def visible_text(self) -> str:
        """All that is written in it, line by line."""
        return "\n".join(block_texts(list(self.blocks)))

    @property
    def buttons(self) -> list[str]:
        """What the buttons say."""
        return [item["text"]["text"] for item in _nested_objects(list(self.blocks)) if item.get("type") == "button"]


def block_texts(thing: object) -> Iterator[str]:
    """Every text in a block or in a list of blocks, in reading order."""
    if isinstance(thing, list):
        for item in thing:
            yield from block_texts(item)
    elif isinstance(thing, dict):
        if thing.get("type") == "raw_number":
            yield str(thing.get("text") or thing.get("value"))
            return
        for key, value in thing.items():
            if isinstance(value, str) and key in ("text", "title", "caption"):
                yield value
            elif not isinstance(value, str):
                yield from block_texts(value)


def _nested_objects(thing: object) -> Iterator[Json]:
    if isinstance(thing, list):
        for item in thing:
            yield from _nested_objects(item)
    elif isinstance(thing, dict):
        yield thing
        yield from _nested_objects(list(thing.values()))


def _file(body: Json) -> RenderedFile:
    return RenderedFile(body["name"], body["title"], base64.b64decode(body["content"]))
