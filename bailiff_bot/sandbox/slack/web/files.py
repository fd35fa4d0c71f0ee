"""files.*: an upload in three steps: an address, the content, and the channel to show it in."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import Call
from bailiff_bot.sandbox.slack.workspace import Channel, File, Message


def get_upload_url(call: Call) -> Json:
    """files.getUploadURLExternal: where to send the content."""
    try:
        length = int(call.arguments.text("length"))
    except ValueError:
        length = 0
    if length < 1:
        raise Refused("invalid_arguments", ["must be greater than 0 [json-pointer:/length]"])
    file = call.workspace.files.announce(call.arguments.text("filename"), length)
    return {"file_id": file.id, "upload_url": f"{call.origin}/upload/v1/{file.id}"}


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: show the uploaded files in a channel."""
    wanted = call.arguments.objects("files", "invalid_arguments")
    if not wanted:
        raise Refused("invalid_arguments", ["missing required field: files"])
    pairs = [(_uploaded(call, str(item.get("id"))), str(item.get("title") or "")) for item in wanted]
    channel = _shared_in(call)
    thread = _thread(call, channel) if channel else None
    files = [call.workspace.files.entitle(file, title or file.name) for file, title in pairs]
    if channel is not None:
        text = call.arguments.text("initial_comment")
        names = tuple(file.id for file in files)
        call.workspace.messages.post(
            Message(channel.id, call.workspace.bot, text, thread_ts=thread, files=names, appears_at=_appears(call)),
        )
    return {"files": [file.as_json() for file in files]}


def delete(call: Call) -> Json:
    """files.delete: one of the bot's files goes, from wherever it is shown."""
    file = _uploaded(call, call.arguments.text("file"))
    call.workspace.files.remove(file)
    call.workspace.messages.without_file(file.id)
    return {}


def _shared_in(call: Call) -> Channel | None:
    name = call.arguments.text("channel_id") or call.arguments.text("channels")
    if not name:
        return None
    # Unlike chat.postMessage, an upload takes no name and no user id, and chat:write.public does not open channels.
    channel = call.workspace.channels.get(name)
    if channel is None or (channel.kind == "private" and call.workspace.bot not in channel.members):
        raise Refused("channel_not_found")
    return access.open_to_posts(access.joined(call, channel), call)


def _thread(call: Call, channel: Channel) -> str | None:
    ts = call.arguments.text("thread_ts")
    if ts and call.workspace.messages.get(channel.id, ts) is None:
        raise Refused("thread_not_found")
    return ts or None


def _uploaded(call: Call, file_id: str) -> File:
    file = call.workspace.files.get(file_id)
    if file is None or file.content is None:
        raise Refused("file_not_found")
    return file


def _appears(call: Call) -> float:
    return call.workspace.clock() + call.appears_in if call.appears_in else 0.0
