"""The JSON of a message in Slack's responses and payloads."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.workspace import Message, Workspace


def message_json(message: Message, workspace: Workspace, *, with_metadata: bool = False) -> Json:
    """Return the JSON of a message."""
    body: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    body |= _author(message, workspace) | _thread(message, workspace)
    if message.blocks:
        body["blocks"] = list(message.blocks)
    if message.attachments:
        body["attachments"] = list(message.attachments)
    if message.files:
        body["files"] = [file.as_json() for name in message.files if (file := workspace.files.get(name))]
    if message.edited_ts:
        body["edited"] = {"user": message.user, "ts": message.edited_ts}
    if with_metadata and message.metadata:
        body["metadata"] = message.metadata
    return body


def _author(message: Message, workspace: Workspace) -> Json:
    app = workspace.installation
    if message.user != app.bot_user_id:
        return {"team": app.team_id}
    profile = {"id": app.bot_id, "app_id": app.app_id, "name": app.app_name, "team_id": app.team_id}
    return {"team": app.team_id, "bot_id": app.bot_id, "app_id": app.app_id, "bot_profile": profile}


def _thread(message: Message, workspace: Workspace) -> Json:
    if message.is_reply:
        return {"thread_ts": message.thread_ts} | ({"subtype": "thread_broadcast"} if message.broadcast else {})
    replies = workspace.messages.replies(message)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": sorted({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
    }
