"""Finds users, channels, messages and elements by the names that tests use."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.result import InteractionError
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User, Workspace


def active_user(workspace: Workspace, name: str) -> User:
    """Return the active user of this name or id. Raises InteractionError."""
    user = workspace.users.find(name)
    if user is None or user.is_bot:
        raise InteractionError(f"there is no user {name!r}")
    if user.deleted:
        raise InteractionError(f"{name} was deactivated and cannot sign in")
    return user


def find_channel(workspace: Workspace, name: str, user: User) -> Channel:
    """Return the channel of this name or id; the app's name means the user's conversation with the bot.

    Raises InteractionError.
    """
    if name == workspace.installation.app_name:
        return workspace.channels.open_direct(user.id)
    channel = workspace.channels.find(name)
    if channel is None:
        raise InteractionError(f"there is no channel {name!r}")
    return channel


def find_writable_channel(workspace: Workspace, name: str, user: User) -> Channel:
    """Return a channel in which the user can write. Raises InteractionError."""
    channel = find_channel(workspace, name, user)
    if user.id not in channel.members:
        raise InteractionError(f"{user.name} is not in {name}")
    if channel.archived:
        raise InteractionError(f"{name} is archived")
    return channel


def visible_messages(workspace: Workspace, user: User, channel: Channel, thread: str | None = None) -> list[Message]:
    """Return the messages that the user sees in the channel, or in one of its threads, oldest first."""
    # Full members can read public channels that they have not joined; guests and strangers cannot.
    if user.id not in channel.members and not (channel.kind == "public" and user.is_full_member):
        return []

    def is_visible(message: Message) -> bool:
        if message.visible_to not in (None, user.id):
            return False
        if thread is not None:
            return thread in (message.ts, message.thread_ts)
        return not message.is_reply or message.broadcast

    return workspace.messages.read(channel.id, is_visible)


def find_element(blocks: list[Json], wanted: str, block_id: str = "") -> tuple[Json, Json]:
    """Return the first element with this action id or label, and its block.

    `block_id` limits the search to one block. Raises InteractionError.
    """
    searched = [block for block in blocks if block_id in ("", block.get("block_id"))]
    found = [(block, item) for block in searched for item in _elements(block)]
    for block, item in found:
        if wanted in (item.get("action_id"), _label(item)):
            return block, item
    clickable = sorted(str(_label(item) or item.get("action_id")) for _, item in found)
    raise InteractionError(f"there is no {wanted!r} to click, only {clickable}")


def _elements(block: Json) -> list[Json]:
    inner = block.get("elements", []) if block.get("type") == "actions" else []
    return [*inner, *(block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict))]


def _label(item: Json) -> str | None:
    text = item.get("text")
    return text.get("text") if isinstance(text, dict) else None
