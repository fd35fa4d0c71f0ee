"""The errors of the Web API, of response URLs and of uploads."""

from bailiff_bot.sandbox.slack.error_definition import DOCS, METHODS, UNDOCUMENTED, ErrorDefinition

API_ERRORS = (
    # Tokens, scopes and rate limits.
    ErrorDefinition("not_authed", "No token was sent.", METHODS + "auth.test"),
    ErrorDefinition("invalid_auth", "The token is unknown.", METHODS + "auth.test"),
    ErrorDefinition(
        "not_allowed_token_type", "A bot token instead of an app token, or the reverse.", METHODS + "auth.test"
    ),
    ErrorDefinition(
        "missing_scope", "The token does not have the scope that this call needs.", METHODS + "chat.postMessage"
    ),
    ErrorDefinition(
        "ratelimited", "Too many calls; `Retry-After` says how long to wait.", DOCS + "apis/web-api/rate-limits"
    ),
    # Methods and arguments.
    ErrorDefinition("unknown_method", "There is no method of this name.", DOCS + "apis/web-api/"),
    ErrorDefinition(
        "invalid_post_type", "Slack does not accept the body's Content-Type.", METHODS + "chat.postMessage"
    ),
    ErrorDefinition("invalid_json", "The body should be JSON but is not.", DOCS + "apis/web-api/"),
    ErrorDefinition("json_not_object", "The body is JSON but not an object.", DOCS + "apis/web-api/"),
    ErrorDefinition("invalid_form_data", "The form cannot be read.", METHODS + "chat.postMessage"),
    ErrorDefinition("invalid_arguments", "An argument is missing or malformed.", METHODS + "chat.postMessage"),
    ErrorDefinition("invalid_cursor", "The cursor was not issued by this method.", METHODS + "conversations.list"),
    ErrorDefinition("invalid_limit", "`limit` is out of its range.", METHODS + "conversations.list"),
    ErrorDefinition(
        "invalid_types", "`types` names a kind of channel that does not exist.", METHODS + "conversations.list"
    ),
    ErrorDefinition("invalid_ts_latest", "`latest` is not a timestamp.", METHODS + "conversations.history"),
    ErrorDefinition("invalid_ts_oldest", "`oldest` is not a timestamp.", METHODS + "conversations.history"),
    # Channels, users, messages.
    ErrorDefinition(
        "channel_not_found", "No such channel, or a private channel without the bot.", METHODS + "chat.postMessage"
    ),
    ErrorDefinition("not_in_channel", "The bot is not a member of this channel.", METHODS + "chat.postMessage"),
    ErrorDefinition("is_archived", "The channel is archived.", METHODS + "chat.postMessage"),
    ErrorDefinition("user_not_found", "No such user.", METHODS + "users.info"),
    ErrorDefinition("users_not_found", "No active user has this address.", METHODS + "users.lookupByEmail"),
    ErrorDefinition("user_disabled", "The user was deactivated.", METHODS + "conversations.open"),
    ErrorDefinition(
        "user_not_in_channel",
        "The reader of an ephemeral message is not in the channel.",
        METHODS + "chat.postEphemeral",
    ),
    ErrorDefinition("cannot_dm_bot", "A bot cannot open a conversation with a bot.", UNDOCUMENTED),
    ErrorDefinition(
        "not_enough_users", "conversations.open got neither users nor a channel.", METHODS + "conversations.open"
    ),
    ErrorDefinition(
        "method_not_supported_for_channel_type",
        "The method is not for this kind of conversation.",
        METHODS + "conversations.open",
    ),
    ErrorDefinition("bot_not_found", "No such bot.", METHODS + "bots.info"),
    ErrorDefinition("message_not_found", "No message has this timestamp.", METHODS + "chat.update"),
    ErrorDefinition(
        "thread_not_found", "No message with this timestamp can have replies.", METHODS + "conversations.replies"
    ),
    ErrorDefinition(
        "cannot_reply_to_message", "`thread_ts` is not the timestamp of a message.", METHODS + "chat.postMessage"
    ),
    ErrorDefinition("cant_update_message", "The message is by another user.", METHODS + "chat.update"),
    ErrorDefinition("cant_delete_message", "The message is by another user.", METHODS + "chat.delete"),
    # The content of messages.
    ErrorDefinition("no_text", "Neither text nor blocks.", METHODS + "chat.postMessage"),
    ErrorDefinition(
        "msg_too_long", "chat.update rejects a text longer than 4,000 characters.", METHODS + "chat.update"
    ),
    ErrorDefinition("invalid_blocks_format", "`blocks` is not a JSON array of objects.", METHODS + "chat.postMessage"),
    ErrorDefinition("invalid_blocks", "A block breaks a rule; the messages say which.", METHODS + "chat.postMessage"),
    ErrorDefinition("too_many_attachments", "More than 100 attachments.", METHODS + "chat.postMessage"),
    ErrorDefinition(
        "invalid_attachments", "`attachments` is not a JSON array of objects.", METHODS + "chat.postMessage"
    ),
    ErrorDefinition(
        "invalid_metadata_format", "Metadata without event_type and event_payload.", METHODS + "chat.postMessage"
    ),
    ErrorDefinition(
        "metadata_too_large",
        "Metadata of more than 8,000 characters, which is an assumed figure.",
        METHODS + "chat.postMessage",
    ),
    # Triggers, views, response URLs.
    ErrorDefinition("invalid_trigger_id", "The trigger is unknown.", METHODS + "views.open"),
    ErrorDefinition("expired_trigger_id", "The trigger is older than 3 seconds.", METHODS + "views.open"),
    ErrorDefinition("exchanged_trigger_id", "The trigger has been used.", METHODS + "views.open"),
    ErrorDefinition(
        "not_found",
        "No open view has this id or external id, or the trigger is not of a modal.",
        METHODS + "views.push",
    ),
    ErrorDefinition("push_limit_reached", "The modal has three views already.", METHODS + "views.push"),
    ErrorDefinition("view_too_large", "The view is larger than 250 kB.", METHODS + "views.open"),
    ErrorDefinition("hash_conflict", "The view has changed since that hash.", METHODS + "views.publish"),
    ErrorDefinition("duplicate_external_id", "Another view has this external id.", METHODS + "views.open"),
    ErrorDefinition("used_url", "The response URL was used five times.", UNDOCUMENTED),
    ErrorDefinition("expired_url", "The response URL is older than 30 minutes.", UNDOCUMENTED),
    ErrorDefinition("invalid_payload", "The body of the request to a response URL is not a JSON object.", UNDOCUMENTED),
    # Files.
    ErrorDefinition(
        "file_not_found",
        "No upload was started, or finished, for this file id.",
        METHODS + "files.completeUploadExternal",
    ),
)
