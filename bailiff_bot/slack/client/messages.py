"""Messages that are in Slack already."""

from slack_sdk import WebClient

from bailiff_bot.errors import SlackError
from bailiff_bot.slack.client.web import call


def message_link(client: WebClient, channel: str, ts: str) -> str:
    """Return the URL that opens a message; empty if it was deleted, or if Slack does not answer."""
    try:
        return str(call(client, "chat_getPermalink", channel=channel, message_ts=ts)["permalink"])
    except SlackError:
        return ""
