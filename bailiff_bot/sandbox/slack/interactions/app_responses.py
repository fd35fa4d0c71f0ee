"""Applies an app's response to a command or a click: with the acknowledgement, or later at the response URL."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.web.content import checked_content
from bailiff_bot.sandbox.slack.workspace import Message, ResponseUrl, Workspace

SLACKBOT_USER_ID = "USLACKBOT"


def apply_response(workspace: Workspace, url: ResponseUrl, body: Json) -> None:
    """Post, replace or delete a message as the body says. Raises ApiError."""
    arguments = Arguments(body)
    source = workspace.messages.get(url.channel, url.source_ts) if url.source_ts else None
    if arguments.flag("delete_original"):
        if source is not None:
            workspace.messages.remove(source)
        return
    if arguments.flag("replace_original") and source is not None:
        content = checked_content(arguments)
        workspace.messages.edit(source, text=content.text, blocks=content.blocks)
        return
    # A command has no message of the app to replace, so the response becomes a new message.
    post_response(workspace, url.user, url.channel, arguments)


def post_response(workspace: Workspace, user: str, channel: str, arguments: Arguments) -> None:
    """Post a new message: visible to all if `response_type` is `in_channel`, else to the user only."""
    content = checked_content(arguments)
    for_all = arguments.text("response_type") == "in_channel"
    workspace.messages.post(
        Message(
            channel,
            workspace.bot_user_id,
            content.text,
            blocks=content.blocks,
            attachments=content.attachments,
            thread_ts=arguments.text("thread_ts") or None,
            visible_to=None if for_all else user,
        ),
    )


def post_notice(workspace: Workspace, user: str, channel: str, text: str) -> None:
    """Post a message of Slackbot that only one user sees."""
    workspace.messages.post(Message(channel, SLACKBOT_USER_ID, text, visible_to=user))
