"""Messages: post, edit, delete, and read them in the order of their timestamps."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Clock, Json
from bailiff_bot.sandbox.slack.workspace.block_ids import BlockIds


@dataclass(frozen=True, slots=True)
class Message:
    """One message; its timestamp identifies it in the channel."""

    channel: str
    user: str
    text: str = ""
    ts: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    """True for a reply that the channel shows too."""
    visible_to: str | None = None
    """The id of the only user who sees it; None: all members see it."""
    metadata: Json | None = None
    files: tuple[str, ...] = ()
    edited_ts: str | None = None
    visible_at: float = 0.0
    """When it becomes visible, in seconds since 1970; only a fault makes this later than the post."""

    @property
    def is_reply(self) -> bool:
        """True if it is a reply in a thread."""
        return self.thread_ts not in (None, self.ts)


class Messages:
    """The messages of every channel."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_channel: defaultdict[str, dict[str, Message]] = defaultdict(dict)
        self._last: defaultdict[str, int] = defaultdict(int)
        self._block_ids = BlockIds()

    def next_ts(self, channel: str) -> str:
        """Return a timestamp later than those of all messages of the channel."""
        self._last[channel] = max(int(self._clock() * 1_000_000), self._last[channel] + 1)
        seconds, micros = divmod(self._last[channel], 1_000_000)
        return f"{seconds}.{micros:06}"

    def post(self, message: Message) -> Message:
        """Store a message with a new timestamp, and return it."""
        posted = replace(message, ts=self.next_ts(message.channel), blocks=self._block_ids.added_to(message.blocks))
        self._by_channel[posted.channel][posted.ts] = posted
        return posted

    def edit(self, message: Message, **changes: object) -> Message:
        """Store a message's new content, mark it as edited, and return it."""
        edited = replace(message, edited_ts=self.next_ts(message.channel), **changes)  # type: ignore[arg-type]
        edited = replace(edited, blocks=self._block_ids.added_to(edited.blocks))
        self._by_channel[message.channel][message.ts] = edited
        return edited

    def remove(self, message: Message) -> None:
        """Delete a message."""
        del self._by_channel[message.channel][message.ts]

    def remove_file(self, file_id: str) -> None:
        """Remove a file from every message; delete a message that has no other content."""
        for message in [m for messages in self._by_channel.values() for m in messages.values() if file_id in m.files]:
            remaining = tuple(name for name in message.files if name != file_id)
            if remaining or message.text or message.blocks:
                self.edit(message, files=remaining)
            else:
                self.remove(message)

    def get(self, channel: str, ts: str) -> Message | None:
        """Return a message or None; also an ephemeral one, and one that is not visible yet."""
        return self._by_channel[channel].get(ts)

    def read(self, channel: str, wanted: Callable[[Message], bool]) -> list[Message]:
        """Return the visible messages of a channel for which `wanted` is true, oldest first."""
        return [m for m in self._by_channel[channel].values() if self.is_visible(m) and wanted(m)]

    def replies(self, parent: Message) -> list[Message]:
        """Return the public replies to a message, oldest first."""
        return self.read(parent.channel, lambda m: m.thread_ts == parent.ts and m.is_reply and m.visible_to is None)

    def is_visible(self, message: Message) -> bool:
        """Return True if the message is visible already."""
        return message.visible_at <= self._clock()
