"""Messages: posted, edited, deleted, and read in the order of their timestamps."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Clock, Json


@dataclass(frozen=True, slots=True)
class Message:
    """One message; its timestamp is its key within the channel."""

    channel: str
    user: str
    text: str = ""
    ts: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    """A reply that is shown in the channel too."""
    visible_to: str | None = None
    """The only user who sees it; None for everybody in the channel."""
    metadata: Json | None = None
    files: tuple[str, ...] = ()
    edited_ts: str | None = None
    visible_at: float = 0.0
    """When it becomes visible: later than it was posted only if a fault says so."""

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread under another message."""
        return self.thread_ts not in (None, self.ts)


class Messages:
    """The messages of every channel."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_channel: defaultdict[str, dict[str, Message]] = defaultdict(dict)
        self._last: defaultdict[str, int] = defaultdict(int)
        self._block_number = 0

    def next_ts(self, channel: str) -> str:
        """Return a timestamp that no message of the channel had before, and later than all of them."""
        self._last[channel] = max(int(self._clock() * 1_000_000), self._last[channel] + 1)
        seconds, micros = divmod(self._last[channel], 1_000_000)
        return f"{seconds}.{micros:06}"

    def post(self, draft: Message) -> Message:
        """Store a message under a timestamp of its own."""
        message = replace(draft, ts=self.next_ts(draft.channel), blocks=self._blocks_with_ids(draft.blocks))
        self._by_channel[message.channel][message.ts] = message
        return message

    def edit(self, message: Message, **changes: object) -> Message:
        """Store a message's new content, marked as edited."""
        edited = replace(message, edited_ts=self.next_ts(message.channel), **changes)  # type: ignore[arg-type]
        edited = replace(edited, blocks=self._blocks_with_ids(edited.blocks))
        self._by_channel[message.channel][message.ts] = edited
        return edited

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self._by_channel[message.channel][message.ts]

    def remove_file(self, file_id: str) -> None:
        """Take a file out of every message; one that was nothing else goes with it."""
        for message in [m for held in self._by_channel.values() for m in held.values() if file_id in m.files]:
            left = tuple(name for name in message.files if name != file_id)
            if left or message.text or message.blocks:
                self.edit(message, files=left)
            else:
                self.remove(message)

    def get(self, channel: str, ts: str) -> Message | None:
        """Return the message, ephemeral ones included; also one that nobody can read yet."""
        return self._by_channel[channel].get(ts)

    def read(self, channel: str, wanted: Callable[[Message], bool]) -> list[Message]:
        """Return the visible messages of a channel that are wanted, oldest first."""
        return [m for m in self._by_channel[channel].values() if self.is_visible(m) and wanted(m)]

    def replies(self, parent: Message) -> list[Message]:
        """Return the public replies to a message, oldest first."""
        return self.read(parent.channel, lambda m: m.thread_ts == parent.ts and m.is_reply and m.visible_to is None)

    def is_visible(self, message: Message) -> bool:
        """Tell whether readers find it already."""
        return message.visible_at <= self._clock()

    def _blocks_with_ids(self, blocks: tuple[Json, ...]) -> tuple[Json, ...]:
        return tuple(self._block_with_ids(block) for block in blocks)

    def _block_with_ids(self, block: Json) -> Json:
        # Slack names every block and every element that came without a name.
        named = {"block_id": self._new_id(), **block}
        if block.get("type") == "actions":
            named["elements"] = [{"action_id": self._new_id(), **element} for element in block["elements"]]
        if isinstance(block.get("accessory"), dict) and block["accessory"].get("type") != "image":
            named["accessory"] = {"action_id": self._new_id(), **block["accessory"]}
        return named

    def _new_id(self) -> str:
        self._block_number += 1
        return f"b{self._block_number:04x}"
