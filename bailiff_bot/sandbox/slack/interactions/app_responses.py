"""What an app answers to a command or a click: with the acknowledgement, or later at the response address."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.web.content import content
from bailiff_bot.sandbox.slack.workspace import Message, ResponseUrl, Workspace

NOTICES_FROM = "USLACKBOT"


def respond(workspace: Workspace, url: ResponseUrl, body: Json) -> None:
    """Post, replace or delete as the body says; raises Refused."""
    arguments = Arguments(body)
    source = workspace.messages.get(url.channel, url.source_ts) if url.source_ts else None
    if arguments.flag("delete_original"):
        if source is not None:
            workspace.messages.remove(source)
        return
    if arguments.flag("replace_original") and source is not None:
        body_content = content(arguments)
        workspace.messages.edit(source, text=body_content.text, blocks=body_content.blocks)
        return
    # Behind a command there is no message of the app's to replace: the answer is one more message.
    answer(workspace, url.user, url.channel, arguments)


def answer(workspace: Workspace, user: str, channel: str, arguments: Arguments) -> None:
    """Post a new message: for the one who acted, or for all if the body says `in_channel`."""
    body = content(arguments)
    for_all = arguments.text("response_type") == "in_channel"
    workspace.messages.post(
        Message(
            channel,
            workspace.bot,
            body.text,
            blocks=body.blocks,
            attachments=body.attachments,
            thread_ts=arguments.text("thread_ts") or None,
            reader=None if for_all else user,
        ),
    )


def notice(workspace: Workspace, user: str, channel: str, text: str) -> None:
    """Post Slack's own word to one user."""
    workspace.messages.post(Message(channel, NOTICES_FROM, text, reader=user))
