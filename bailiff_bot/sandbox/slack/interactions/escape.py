"""Escapes typed text as Slack does (`should_escape: true`): names become ids, `&<>` become entities."""

import re

from bailiff_bot.sandbox.slack.workspace import Workspace

_MENTION = re.compile(r"(?<![\w/])([@#])([\w.-]*\w)")
_LINK = re.compile(r"https?://[^\s<>|]+")
_ADDRESS = re.compile(r"(?<![\w.+@/:-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_BROADCASTS = ("here", "channel", "everyone")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape_text(text: str, workspace: Workspace) -> str:
    """Return the text with `@ada` as `<@U0AGR00001|ada>`, `#general` as `<#C0GENERAL2|general>`, and links.

    An e-mail address is a link: `<mailto:ada@octo.example|ada@octo.example>`.
    """

    def mention(match: re.Match[str]) -> str:
        sign, name = match.groups()
        if sign == "@" and name in _BROADCASTS:
            return f"<!{name}>"
        if sign == "@":
            user = next((user for user in workspace.users if user.name == name), None)
            return f"<@{user.id}|{user.name}>" if user else match.group()
        channel = workspace.channels.find(name)
        return f"<#{channel.id}|{channel.name}>" if channel else match.group()

    links = _ADDRESS.sub(r"<mailto:\g<0>|\g<0>>", _LINK.sub(r"<\g<0>>", text.translate(_ENTITIES)))
    return _MENTION.sub(mention, links)
