"""The errors of this local Slack, in one table: the code, its meaning, and where it is documented.

The URL says where to look the error or the rule up. It is not a proof: none of this was run against Slack itself.
"""

from dataclasses import dataclass
from types import MappingProxyType

from bailiff_bot.sandbox.slack.base_types import Json

UNDOCUMENTED = "assumed"
"""The source of what Slack does not document."""
DOCS = "https://docs.slack.dev/"
_METHODS = DOCS + "reference/methods/"
_BLOCKS = DOCS + "reference/block-kit/blocks/"
_ELEMENTS = DOCS + "reference/block-kit/block-elements/"
_OBJECTS = DOCS + "reference/block-kit/composition-objects/"


@dataclass(frozen=True, slots=True)
class ErrorDefinition:
    """One error of the Web API."""

    code: str
    """The value of `error` in Slack's response."""
    meaning: str
    source: str
    """A URL under docs.slack.dev, a report of Slack's behaviour, or UNDOCUMENTED."""
    rule: str = ""
    """The rule that was broken, if several rules share the code; else empty."""

    @property
    def name(self) -> str:
        """The unique name: the rule, else the code."""
        return self.rule or self.code


_TABLE = (
    # Tokens, scopes and rate limits.
    ErrorDefinition("not_authed", "No token was sent.", _METHODS + "auth.test"),
    ErrorDefinition("invalid_auth", "The token is unknown.", _METHODS + "auth.test"),
    ErrorDefinition(
        "not_allowed_token_type", "A bot token instead of an app token, or the reverse.", _METHODS + "auth.test"
    ),
    ErrorDefinition(
        "missing_scope", "The token does not have the scope that this call needs.", _METHODS + "chat.postMessage"
    ),
    ErrorDefinition(
        "ratelimited", "Too many calls; `Retry-After` says how long to wait.", DOCS + "apis/web-api/rate-limits"
    ),
    # Methods and arguments.
    ErrorDefinition("unknown_method", "There is no method of this name.", DOCS + "apis/web-api/"),
    ErrorDefinition(
        "invalid_post_type", "Slack does not accept the body's Content-Type.", _METHODS + "chat.postMessage"
    ),
    ErrorDefinition("invalid_json", "The body should be JSON but is not.", DOCS + "apis/web-api/"),
    ErrorDefinition("json_not_object", "The body is JSON but not an object.", DOCS + "apis/web-api/"),
    ErrorDefinition("invalid_form_data", "The form cannot be read.", _METHODS + "chat.postMessage"),
    ErrorDefinition("invalid_arguments", "An argument is missing or malformed.", _METHODS + "chat.postMessage"),
    ErrorDefinition("invalid_cursor", "The cursor was not issued by this method.", _METHODS + "conversations.list"),
    ErrorDefinition("invalid_limit", "`limit` is out of its range.", _METHODS + "conversations.list"),
    ErrorDefinition(
        "invalid_types", "`types` names a kind of channel that does not exist.", _METHODS + "conversations.list"
    ),
    ErrorDefinition("invalid_ts_latest", "`latest` is not a timestamp.", _METHODS + "conversations.history"),
    ErrorDefinition("invalid_ts_oldest", "`oldest` is not a timestamp.", _METHODS + "conversations.history"),
    # Channels, users, messages.
    ErrorDefinition(
        "channel_not_found", "No such channel, or a private channel without the bot.", _METHODS + "chat.postMessage"
    ),
    ErrorDefinition("not_in_channel", "The bot is not a member of this channel.", _METHODS + "chat.postMessage"),
    ErrorDefinition("is_archived", "The channel is archived.", _METHODS + "chat.postMessage"),
    ErrorDefinition("user_not_found", "No such user.", _METHODS + "users.info"),
    ErrorDefinition("users_not_found", "No active user has this address.", _METHODS + "users.lookupByEmail"),
    ErrorDefinition("user_disabled", "The user was deactivated.", _METHODS + "conversations.open"),
    ErrorDefinition(
        "user_not_in_channel",
        "The reader of an ephemeral message is not in the channel.",
        _METHODS + "chat.postEphemeral",
    ),
    ErrorDefinition("cannot_dm_bot", "A bot cannot open a conversation with a bot.", UNDOCUMENTED),
    ErrorDefinition(
        "not_enough_users", "conversations.open got neither users nor a channel.", _METHODS + "conversations.open"
    ),
    ErrorDefinition(
        "method_not_supported_for_channel_type",
        "The method is not for this kind of conversation.",
        _METHODS + "conversations.open",
    ),
    ErrorDefinition("bot_not_found", "No such bot.", _METHODS + "bots.info"),
    ErrorDefinition("message_not_found", "No message has this timestamp.", _METHODS + "chat.update"),
    ErrorDefinition(
        "thread_not_found", "No message with this timestamp can have replies.", _METHODS + "conversations.replies"
    ),
    ErrorDefinition(
        "cannot_reply_to_message", "`thread_ts` is not the timestamp of a message.", _METHODS + "chat.postMessage"
    ),
    ErrorDefinition("cant_update_message", "The message is by another user.", _METHODS + "chat.update"),
    ErrorDefinition("cant_delete_message", "The message is by another user.", _METHODS + "chat.delete"),
    # The content of messages.
    ErrorDefinition("no_text", "Neither text nor blocks.", _METHODS + "chat.postMessage"),
    ErrorDefinition(
        "msg_too_long", "chat.update rejects a text longer than 4,000 characters.", _METHODS + "chat.update"
    ),
    ErrorDefinition("invalid_blocks_format", "`blocks` is not a JSON array of objects.", _METHODS + "chat.postMessage"),
    ErrorDefinition("invalid_blocks", "A block breaks a rule; the messages say which.", _METHODS + "chat.postMessage"),
    ErrorDefinition("too_many_attachments", "More than 100 attachments.", _METHODS + "chat.postMessage"),
    ErrorDefinition(
        "invalid_attachments", "`attachments` is not a JSON array of objects.", _METHODS + "chat.postMessage"
    ),
    ErrorDefinition(
        "invalid_metadata_format", "Metadata without event_type and event_payload.", _METHODS + "chat.postMessage"
    ),
    ErrorDefinition(
        "metadata_too_large",
        "Metadata of more than 8,000 characters, which is an assumed figure.",
        _METHODS + "chat.postMessage",
    ),
    # Triggers, views, response URLs.
    ErrorDefinition("invalid_trigger_id", "The trigger is unknown.", _METHODS + "views.open"),
    ErrorDefinition("expired_trigger_id", "The trigger is older than 3 seconds.", _METHODS + "views.open"),
    ErrorDefinition("exchanged_trigger_id", "The trigger has been used.", _METHODS + "views.open"),
    ErrorDefinition("view_not_found", "No view has this id.", _METHODS + "views.update"),
    ErrorDefinition("not_found", "No view has this external id.", _METHODS + "views.update"),
    ErrorDefinition("hash_conflict", "The view has changed since that hash.", _METHODS + "views.publish"),
    ErrorDefinition("duplicate_external_id", "Another view has this external id.", _METHODS + "views.open"),
    ErrorDefinition("used_url", "The response URL was used five times.", UNDOCUMENTED),
    ErrorDefinition("expired_url", "The response URL is older than 30 minutes.", UNDOCUMENTED),
    ErrorDefinition("invalid_payload", "The body of the request to a response URL is not a JSON object.", UNDOCUMENTED),
    # Files.
    ErrorDefinition(
        "file_not_found",
        "No upload was started, or finished, for this file id.",
        _METHODS + "files.completeUploadExternal",
    ),
)


def _rule(rule: str, meaning: str, source: str, code: str = "invalid_blocks") -> ErrorDefinition:
    return ErrorDefinition(code, meaning, source, rule)


_BLOCK_RULES = (
    _rule(
        "type.unknown",
        "The block or element does not exist, or is not allowed here.",
        DOCS + "reference/block-kit/blocks",
    ),
    _rule(
        "type.surface",
        "The block is for another surface, such as `alert` for modals.",
        DOCS + "reference/block-kit/blocks",
    ),
    _rule("value.missing", "A required field is missing.", "https://github.com/slackapi/java-slack-sdk/pull/302"),
    _rule("value.either", "None of several alternative fields is present.", _BLOCKS + "section-block"),
    _rule("value.unknown", "An unknown field.", UNDOCUMENTED),
    _rule("value.kind", "The wrong type, such as a string instead of an object.", DOCS + "reference/block-kit/blocks"),
    _rule("value.choice", "A value that is not allowed, such as `style: big`.", _ELEMENTS + "button-element"),
    _rule("value.range", "A number out of its range.", _BLOCKS + "data-table-block"),
    _rule("value.url", "Not a URL.", _ELEMENTS + "button-element"),
    _rule("text.empty", "An empty text.", _OBJECTS + "text-object"),
    _rule("text.long", "A text with too many characters.", _OBJECTS + "text-object"),
    _rule("items.many", "A list with too many items.", _BLOCKS + "actions-block"),
    _rule("items.few", "A list with too few items.", _BLOCKS + "data-table-block"),
    _rule("id.block", "Two blocks have the same block_id.", DOCS + "reference/block-kit/blocks"),
    _rule("id.action", "Two elements of a block have the same action_id.", _ELEMENTS + "button-element"),
    _rule("table.ragged", "Rows of different lengths.", _BLOCKS + "data-table-block"),
    _rule("table.header", "Rich text in a header.", _BLOCKS + "data-table-block"),
    _rule("table.row_header", "The row header is a column that does not exist.", UNDOCUMENTED),
    _rule("table.long", "More than 10,000 characters in all the message's cells.", _BLOCKS + "data-table-block"),
    _rule("table.one", "A second `table` in a message.", "https://github.com/vercel/chat/pull/194"),
    _rule("chart.many", "More than 2 charts in a message.", _BLOCKS + "data-visualization-block"),
    _rule(
        "chart.labels",
        "The labels of a series are not the categories of the axis.",
        _BLOCKS + "data-visualization-block",
    ),
    _rule("chart.names", "Two series with the same name.", _BLOCKS + "data-visualization-block"),
    _rule(
        "view.submit",
        "A modal with inputs but without submit.",
        DOCS + "reference/views/modal-views",
        "invalid_arguments",
    ),
    _rule(
        "blocks.long",
        "All the text in the blocks, cells included, is more than 12,000 characters.",
        "https://github.com/slackapi/bolt-js/issues/2509",
        "msg_blocks_too_long",
    ),
)

ERROR_DEFINITIONS = MappingProxyType({definition.name: definition for definition in (*_TABLE, *_BLOCK_RULES)})
"""Every error, by its name."""


class ApiError(Exception):
    """An error response to a call: HTTP 200, `ok: false` and the code."""

    def __init__(self, name: str, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(name)
        self.definition = ERROR_DEFINITIONS[name]
        self._messages = messages or []
        self._extra = extra

    def response_body(self) -> Json:
        """Return the body of the response, with the text and JSON pointer of each problem."""
        body: Json = {"ok": False, "error": self.definition.code, **self._extra}
        if self._messages:
            body["errors"] = self._messages
            body["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self._messages]}
        return body
