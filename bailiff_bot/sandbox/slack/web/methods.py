"""The table of methods."""

from types import MappingProxyType

from bailiff_bot.sandbox.slack.web import auth, block_kit, chat, conversations, files, users, views
from bailiff_bot.sandbox.slack.web.method_call import Method

_TABLE = (
    Method("auth.test", auth.test, tier=4),
    Method("bots.info", auth.bots_info, tier=3, scope="users:read", takes_json=False),
    Method("apps.connections.open", auth.connections_open, tier=1, scope="connections:write", token="app"),  # noqa: S106 - a kind
    Method("chat.postMessage", chat.post_message, tier=4, scope="chat:write", needs=("channel",)),
    Method("chat.postEphemeral", chat.post_ephemeral, tier=4, scope="chat:write", needs=("channel", "user")),
    Method("chat.update", chat.update, tier=3, scope="chat:write", needs=("channel", "ts")),
    Method("chat.delete", chat.delete, tier=3, scope="chat:write", needs=("channel", "ts")),
    Method("chat.getPermalink", chat.get_permalink, tier=4, needs=("channel", "message_ts"), takes_json=False),
    Method("conversations.open", conversations.open_direct, tier=3, scope="im:write"),
    Method("conversations.info", conversations.info, tier=3, needs=("channel",), takes_json=False),
    Method("conversations.list", conversations.list_all, tier=2, takes_json=False),
    Method("conversations.history", conversations.history, tier=3, needs=("channel",)),
    Method("conversations.replies", conversations.replies, tier=3, needs=("channel", "ts"), takes_json=False),
    Method("users.info", users.info, tier=4, scope="users:read", needs=("user",), takes_json=False),
    Method("users.list", users.list_all, tier=2, scope="users:read", takes_json=False),
    Method(
        "users.lookupByEmail",
        users.lookup_by_email,
        tier=3,
        scope="users:read.email",
        needs=("email",),
        takes_json=False,
    ),
    Method("views.open", views.open_modal, tier=4, needs=("trigger_id", "view")),
    Method("views.update", views.update, tier=4, needs=("view",)),
    Method("views.publish", views.publish, tier=4, needs=("user_id", "view")),
    Method(
        "files.getUploadURLExternal",
        files.get_upload_url,
        tier=4,
        scope="files:write",
        needs=("filename", "length"),
    ),
    Method("files.completeUploadExternal", files.complete_upload, tier=4, scope="files:write", needs=("files",)),
    Method("files.delete", files.delete, tier=3, scope="files:write", needs=("file",)),
    Method("blocks.validate", block_kit.validate, tier=3, needs=("blocks",)),
)

METHODS = MappingProxyType({method.name: method for method in _TABLE})
"""Every method, by its name."""
