"""The table of methods."""

from types import MappingProxyType

from bailiff_bot.sandbox.slack.web import auth, block_kit, chat, conversations, files, users, views
from bailiff_bot.sandbox.slack.web.method_call import Method

_TABLE = (
    Method("auth.test", auth.test, tier=4),
    Method("bots.info", auth.bots_info, tier=3, scope="users:read", accepts_json=False),
    Method("apps.connections.open", auth.connections_open, tier=1, scope="connections:write", token="app"),  # noqa: S106 - a kind
    Method("chat.postMessage", chat.post_message, tier=4, scope="chat:write", required_arguments=("channel",)),
    Method(
        "chat.postEphemeral", chat.post_ephemeral, tier=4, scope="chat:write", required_arguments=("channel", "user")
    ),
    Method("chat.update", chat.update, tier=3, scope="chat:write", required_arguments=("channel", "ts")),
    Method("chat.delete", chat.delete, tier=3, scope="chat:write", required_arguments=("channel", "ts")),
    Method(
        "chat.getPermalink",
        chat.get_permalink,
        tier=4,
        required_arguments=("channel", "message_ts"),
        accepts_json=False,
    ),
    Method("conversations.open", conversations.open_direct, tier=3, scope="im:write"),
    Method("conversations.info", conversations.info, tier=3, required_arguments=("channel",), accepts_json=False),
    Method("conversations.list", conversations.list_all, tier=2, accepts_json=False),
    Method("conversations.history", conversations.history, tier=3, required_arguments=("channel",)),
    Method(
        "conversations.replies", conversations.replies, tier=3, required_arguments=("channel", "ts"), accepts_json=False
    ),
    Method("users.info", users.info, tier=4, scope="users:read", required_arguments=("user",), accepts_json=False),
    Method("users.list", users.list_all, tier=2, scope="users:read", accepts_json=False),
    Method(
        "users.lookupByEmail",
        users.lookup_by_email,
        tier=3,
        scope="users:read.email",
        required_arguments=("email",),
        accepts_json=False,
    ),
    Method("views.open", views.open_modal, tier=4, required_arguments=("trigger_id", "view")),
    Method("views.push", views.push, tier=4, required_arguments=("trigger_id", "view")),
    Method("views.update", views.update, tier=4, required_arguments=("view",)),
    Method("views.publish", views.publish, tier=4, required_arguments=("user_id", "view")),
    Method(
        "files.getUploadURLExternal",
        files.get_upload_url,
        tier=4,
        scope="files:write",
        required_arguments=("filename", "length"),
    ),
    Method(
        "files.completeUploadExternal",
        files.complete_upload,
        tier=4,
        scope="files:write",
        required_arguments=("files",),
    ),
    Method("files.delete", files.delete, tier=3, scope="files:write", required_arguments=("file",)),
    Method("blocks.validate", block_kit.validate, tier=3, required_arguments=("blocks",)),
)

METHODS = MappingProxyType({method.name: method for method in _TABLE})
"""Every method, by its name."""
