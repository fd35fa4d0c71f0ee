"""files.*: an upload in three steps (get a URL, send the content, share the file), and deletion."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.workspace import Channel, File, Message


def get_upload_url(call: MethodCall) -> Json:
    """files.getUploadURLExternal: return the URL for the content."""
    try:
        length = int(call.arguments.text("length"))
    except ValueError:
        length = 0
    if length < 1:
        raise ApiError("invalid_arguments", ["must be greater than 0 [json-pointer:/length]"])
    file = call.workspace.files.begin_upload(call.arguments.text("filename"), length)
    return {"file_id": file.id, "upload_url": f"{call.origin}/upload/v1/{file.id}"}


def complete_upload(call: MethodCall) -> Json:
    """files.completeUploadExternal: share the uploaded files in a channel."""
    wanted = call.arguments.objects("files", "invalid_arguments")
    if not wanted:
        raise ApiError("invalid_arguments", ["missing required field: files"])
    pairs = [(_uploaded_file(call, str(item.get("id"))), str(item.get("title") or "")) for item in wanted]
    channel = _target_channel(call)
    thread = _thread(call, channel) if channel else None
    files = [call.workspace.files.set_title(file, title or file.name) for file, title in pairs]
    if channel is not None:
        text = call.arguments.text("initial_comment")
        names = tuple(file.id for file in files)
        call.workspace.messages.post(
            Message(
                channel.id,
                call.workspace.bot_user_id,
                text,
                thread_ts=thread,
                files=names,
                visible_at=_visible_at(call),
            ),
        )
    return {"files": [file.as_json() for file in files]}


def delete(call: MethodCall) -> Json:
    """files.delete: delete a file of the bot and remove it from all messages."""
    file = _uploaded_file(call, call.arguments.text("file"))
    call.workspace.files.remove(file)
    call.workspace.messages.remove_file(file.id)
    return {}


def _target_channel(call: MethodCall) -> Channel | None:
    name = call.arguments.text("channel_id") or call.arguments.text("channels")
    if not name:
        return None
    # Unlike chat.postMessage, an upload accepts only channel ids, and chat:write.public gives it no more channels.
    channel = call.workspace.channels.get(name)
    if channel is None or (channel.kind == "private" and call.workspace.bot_user_id not in channel.members):
        raise ApiError("channel_not_found")
    return access.require_open(access.require_membership(call, channel), call)


def _thread(call: MethodCall, channel: Channel) -> str | None:
    ts = call.arguments.text("thread_ts")
    if ts and call.workspace.messages.get(channel.id, ts) is None:
        raise ApiError("thread_not_found")
    return ts or None


def _uploaded_file(call: MethodCall, file_id: str) -> File:
    file = call.workspace.files.get(file_id)
    if file is None or file.content is None:
        raise ApiError("file_not_found")
    return file


def _visible_at(call: MethodCall) -> float:
    return call.workspace.clock() + call.visibility_delay if call.visibility_delay else 0.0
