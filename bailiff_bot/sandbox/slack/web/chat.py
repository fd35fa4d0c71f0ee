"""chat.*: posting, editing and deleting messages."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.content import content, metadata
from bailiff_bot.sandbox.slack.web.message_json import shown
from bailiff_bot.sandbox.slack.web.method_call import Call
from bailiff_bot.sandbox.slack.workspace import Channel, Message

UPDATED_TEXT_LENGTH = 4_000


def post_message(call: Call) -> Json:
    """chat.postMessage: a message for everybody in the channel."""
    channel = access.writable_channel(call)
    body = content(call.arguments)
    message = call.workspace.messages.post(
        Message(
            channel.id,
            call.workspace.bot,
            body.text,
            blocks=body.blocks,
            attachments=body.attachments,
            thread_ts=_thread(call, channel),
            broadcast=call.arguments.flag("reply_broadcast"),
            metadata=metadata(call.arguments),
            appears_at=call.workspace.clock() + call.appears_in if call.appears_in else 0.0,
        ),
    )
    return {"channel": channel.id, "ts": message.ts, "message": shown(message, call.workspace, with_metadata=True)}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: a message for one user, in no history."""
    channel = access.joined(call, access.open_to_posts(access.known_channel(call), call))
    reader = access.known_user(call)
    if reader.id not in channel.members:
        raise Refused("user_not_in_channel")
    body = content(call.arguments)
    thread = _thread(call, channel)
    draft = Message(channel.id, call.workspace.bot, body.text, blocks=body.blocks, thread_ts=thread, reader=reader.id)
    return {"message_ts": call.workspace.messages.post(draft).ts}


def update(call: Call) -> Json:
    """chat.update: new content for one of the bot's messages."""
    channel = access.known_channel(call)
    message = access.posted_message(call, channel, "ts")
    if message.user != call.workspace.bot:
        raise Refused("cant_update_message")
    if len(call.arguments.text("text")) > UPDATED_TEXT_LENGTH:
        raise Refused("msg_too_long")
    body = content(call.arguments)
    kept = message.metadata if "metadata" not in call.arguments.given else metadata(call.arguments)
    edited = call.workspace.messages.edit(
        message,
        text=body.text,
        blocks=body.blocks,
        attachments=body.attachments,
        metadata=kept,
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": edited.text,
        "message": shown(edited, call.workspace, with_metadata=True),
    }


def delete(call: Call) -> Json:
    """chat.delete: one of the bot's messages goes."""
    channel = access.known_channel(call)
    message = access.posted_message(call, channel, "ts")
    if message.user != call.workspace.bot:
        raise Refused("cant_delete_message")
    call.workspace.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """chat.getPermalink: an address that opens the message."""
    channel = access.known_channel(call)
    message = access.posted_message(call, channel, "message_ts")
    link = f"https://{call.workspace.installation.team_domain}.slack.com/archives/{channel.id}/p"
    link += message.ts.replace(".", "")
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _thread(call: Call, channel: Channel) -> str | None:
    ts = call.arguments.text("thread_ts")
    if not ts:
        return None
    parent = call.workspace.messages.get(channel.id, ts)
    if parent is None or parent.reader is not None:
        raise Refused("cannot_reply_to_message")
    # A reply to a reply stands in the same thread.
    return parent.thread_ts or parent.ts
