"""The refusals of this local Slack, in one table: the error code, what it means, and where that is documented."""

from dataclasses import dataclass
from types import MappingProxyType

from bailiff_bot.sandbox.slack.values import Json

ASSUMED = "assumed"
"""Stands in place of an address where Slack's documentation is silent."""
DOCS = "https://docs.slack.dev/"
_METHODS = DOCS + "reference/methods/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to be refused."""

    code: str
    """What Slack answers in `error`."""
    meaning: str
    source: str
    """An address under docs.slack.dev, an issue of Slack's own SDKs, or ASSUMED."""


_TABLE = (
    # Who calls, and may they?
    Refusal("not_authed", "No token was sent.", _METHODS + "auth.test"),
    Refusal("invalid_auth", "Nobody was given this token.", _METHODS + "auth.test"),
    Refusal(
        "not_allowed_token_type", "A bot token where an app token belongs, or the reverse.", _METHODS + "auth.test"
    ),
    Refusal("missing_scope", "The token was not granted the scope this call needs.", _METHODS + "chat.postMessage"),
    Refusal("ratelimited", "Too many calls; `Retry-After` says how long to wait.", DOCS + "apis/web-api/rate-limits"),
    # Is it a call at all?
    Refusal("unknown_method", "There is no method of this name.", DOCS + "apis/web-api/"),
    Refusal("invalid_post_type", "The body's Content-Type is none Slack reads.", _METHODS + "chat.postMessage"),
    Refusal("invalid_json", "The body says it is JSON and is not.", DOCS + "apis/web-api/"),
    Refusal("json_not_object", "The body is JSON but no object.", DOCS + "apis/web-api/"),
    Refusal("invalid_form_data", "The form cannot be read.", _METHODS + "chat.postMessage"),
    Refusal("invalid_arguments", "An argument is missing, or not of its form.", _METHODS + "chat.postMessage"),
    Refusal("invalid_cursor", "The cursor is not one this method gave.", _METHODS + "conversations.list"),
    Refusal("invalid_limit", "`limit` is out of its range.", _METHODS + "conversations.list"),
    Refusal("invalid_types", "`types` names a kind of channel that does not exist.", _METHODS + "conversations.list"),
    Refusal("invalid_ts_latest", "`latest` is no timestamp.", _METHODS + "conversations.history"),
    Refusal("invalid_ts_oldest", "`oldest` is no timestamp.", _METHODS + "conversations.history"),
    # Channels, users, messages.
    Refusal("channel_not_found", "No such channel, or a private one without the bot.", _METHODS + "chat.postMessage"),
    Refusal("not_in_channel", "The bot is not a member of this channel.", _METHODS + "chat.postMessage"),
    Refusal("is_archived", "The channel is archived.", _METHODS + "chat.postMessage"),
    Refusal("user_not_found", "No such user.", _METHODS + "users.info"),
    Refusal("users_not_found", "Nobody active here has that address.", _METHODS + "users.lookupByEmail"),
    Refusal("user_disabled", "The user was deactivated.", _METHODS + "conversations.open"),
    Refusal(
        "user_not_in_channel", "The reader of an ephemeral is not in the channel.", _METHODS + "chat.postEphemeral"
    ),
    Refusal("cannot_dm_bot", "A bot opens no conversation with a bot.", ASSUMED),
    Refusal("not_enough_users", "conversations.open got neither users nor a channel.", _METHODS + "conversations.open"),
    Refusal("bot_not_found", "No such bot.", _METHODS + "bots.info"),
    Refusal("message_not_found", "No message has this timestamp.", _METHODS + "chat.update"),
    Refusal("thread_not_found", "No message to have replies has this timestamp.", _METHODS + "conversations.replies"),
    Refusal("cannot_reply_to_message", "`thread_ts` names nothing to reply to.", _METHODS + "chat.postMessage"),
    Refusal("cant_update_message", "The message is somebody else's.", _METHODS + "chat.update"),
    Refusal("cant_delete_message", "The message is somebody else's.", _METHODS + "chat.delete"),
    # What a message may hold.
    Refusal("no_text", "Neither text nor blocks.", _METHODS + "chat.postMessage"),
    Refusal("msg_too_long", "chat.update takes no text longer than 4,000 characters.", _METHODS + "chat.update"),
    Refusal("invalid_blocks_format", "`blocks` is no JSON array of objects.", _METHODS + "chat.postMessage"),
    Refusal("invalid_blocks", "A block breaks a rule; the messages say which.", _METHODS + "chat.postMessage"),
    Refusal(
        "msg_blocks_too_long",
        "All the text in the blocks is more than 12,000 characters.",
        "https://github.com/slackapi/bolt-js/issues/2509",
    ),
    Refusal("too_many_attachments", "More than 100 attachments.", _METHODS + "chat.postMessage"),
    Refusal("invalid_attachments", "`attachments` is no JSON array of objects.", _METHODS + "chat.postMessage"),
    Refusal("invalid_metadata_format", "Metadata without event_type and event_payload.", _METHODS + "chat.postMessage"),
    Refusal("metadata_too_large", "Metadata of more than 8,000 characters.", _METHODS + "chat.postMessage"),
    # Triggers, views, response addresses.
    Refusal("invalid_trigger_id", "Nobody was given this trigger.", _METHODS + "views.open"),
    Refusal("expired_trigger_id", "The trigger is older than 3 seconds.", _METHODS + "views.open"),
    Refusal("exchanged_trigger_id", "The trigger has been used.", _METHODS + "views.open"),
    Refusal("view_not_found", "No view has this id.", _METHODS + "views.update"),
    Refusal("not_found", "No view has this external id.", _METHODS + "views.update"),
    Refusal("hash_conflict", "The view has changed since that hash.", _METHODS + "views.publish"),
    Refusal("duplicate_external_id", "Another view has this external id.", _METHODS + "views.open"),
    Refusal("used_url", "The response address was used five times.", ASSUMED),
    Refusal("expired_url", "The response address is older than 30 minutes.", ASSUMED),
    Refusal("invalid_payload", "What was posted there is no JSON object.", ASSUMED),
    # Files.
    Refusal(
        "file_not_found",
        "No upload was begun, or finished, for this file id.",
        _METHODS + "files.completeUploadExternal",
    ),
)

REFUSALS = MappingProxyType({refusal.code: refusal for refusal in _TABLE})
"""Every refusal, by its code."""


class Refused(Exception):  # noqa: N818 - it is an answer of Slack's, not a defect of the sandbox
    """Slack refuses the call: answered with HTTP 200, `ok: false` and the code."""

    def __init__(self, code: str, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(code)
        self.refusal = REFUSALS[code]
        self._messages = messages or []
        self._extra = extra

    def answer(self) -> Json:
        """The body of the answer, with each problem's text and JSON pointer."""
        body: Json = {"ok": False, "error": self.refusal.code, **self._extra}
        if self._messages:
            body["errors"] = self._messages
            body["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self._messages]}
        return body
