"""chat.*: post, edit and delete messages."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.content import checked_content, checked_metadata
from bailiff_bot.sandbox.slack.web.message_json import message_json
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.workspace import Channel, Message

MAX_UPDATED_TEXT_LENGTH = 4_000


def post_message(call: MethodCall) -> Json:
    """chat.postMessage: post a message for all members of the channel."""
    channel = access.writable_channel(call)
    content = checked_content(call.arguments)
    message = call.workspace.messages.post(
        Message(
            channel.id,
            call.workspace.bot_user_id,
            content.text,
            blocks=content.blocks,
            attachments=content.attachments,
            thread_ts=_thread(call, channel),
            broadcast=call.arguments.flag("reply_broadcast"),
            metadata=checked_metadata(call.arguments),
            visible_at=call.workspace.clock() + call.visibility_delay if call.visibility_delay else 0.0,
        ),
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(message, call.workspace, with_metadata=True),
    }


def post_ephemeral(call: MethodCall) -> Json:
    """chat.postEphemeral: post a message that one user sees and no history contains."""
    channel = access.require_membership(call, access.require_open(access.known_channel(call), call))
    reader = access.known_user(call)
    if reader.id not in channel.members:
        raise ApiError("user_not_in_channel")
    content = checked_content(call.arguments)
    thread = _thread(call, channel)
    message = Message(
        channel.id,
        call.workspace.bot_user_id,
        content.text,
        blocks=content.blocks,
        thread_ts=thread,
        visible_to=reader.id,
    )
    return {"message_ts": call.workspace.messages.post(message).ts}


def update(call: MethodCall) -> Json:
    """chat.update: replace the content of a message of the bot."""
    channel = access.known_channel(call)
    message = access.public_message(call, channel, "ts")
    if message.user != call.workspace.bot_user_id:
        raise ApiError("cant_update_message")
    if len(call.arguments.text("text")) > MAX_UPDATED_TEXT_LENGTH:
        raise ApiError("msg_too_long")
    content = checked_content(call.arguments)
    metadata = message.metadata if "metadata" not in call.arguments.values else checked_metadata(call.arguments)
    edited = call.workspace.messages.edit(
        message,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=metadata,
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": edited.text,
        "message": message_json(edited, call.workspace, with_metadata=True),
    }


def delete(call: MethodCall) -> Json:
    """chat.delete: delete a message of the bot."""
    channel = access.known_channel(call)
    message = access.public_message(call, channel, "ts")
    if message.user != call.workspace.bot_user_id:
        raise ApiError("cant_delete_message")
    call.workspace.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: MethodCall) -> Json:
    """chat.getPermalink: return a URL that opens the message."""
    channel = access.known_channel(call)
    message = access.public_message(call, channel, "message_ts")
    link = f"https://{call.workspace.installation.team_domain}.slack.com/archives/{channel.id}/p"
    link += message.ts.replace(".", "")
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _thread(call: MethodCall, channel: Channel) -> str | None:
    ts = call.arguments.text("thread_ts")
    if not ts:
        return None
    parent = call.workspace.messages.get(channel.id, ts)
    if parent is None or parent.visible_to is not None:
        raise ApiError("cannot_reply_to_message")
    # A reply to a reply belongs to the same thread.
    return parent.thread_ts or parent.ts
