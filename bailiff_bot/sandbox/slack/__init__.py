"""A local Slack workspace that speaks what slack_sdk and Bolt speak, and refuses what Slack refuses.

    with SlackSandbox() as slack:
        app = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url))
        handler = SocketModeHandler(app, slack.app_token)
        handler.connect()                       # over a real WebSocket

        ada = slack.driver.user("ada")
        outcome = ada.types("/bailiff report", channel="cloud-costs")
        assert outcome.acknowledged             # within 3 seconds, or Ada is told that it failed
        answer = slack.driver.wait_for(lambda: ada.sees("cloud-costs"))[-1]
        ada.clicks(answer, "Share in channel")  # what the button says, or its action_id
        ada.sees("bailiff")                     # her conversation with the bot

        slack.driver.fault("drop_after", "chat.postMessage")   # taken, and the answer lost
        slack.driver.sockets("reset")                          # a TCP reset on every WebSocket
        slack.driver.calls("chat.postMessage"), slack.driver.failures()

From another process: `Driver(url)`. For messages without a server: `problems(blocks, "message")`.
"""

from bailiff_bot.sandbox.slack.base_types import MANIFEST_SCOPES, Installation
from bailiff_bot.sandbox.slack.blocks import Problem, problems, view_problems
from bailiff_bot.sandbox.slack.driver import Driver, UserDriver
from bailiff_bot.sandbox.slack.errors import ERROR_DEFINITIONS, ErrorDefinition
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.rendered import RenderedFile, RenderedMessage, RenderedView
from bailiff_bot.sandbox.slack.server import SlackSandbox

__all__ = [
    "ERROR_DEFINITIONS",
    "MANIFEST_SCOPES",
    "Driver",
    "ErrorDefinition",
    "Installation",
    "InteractionError",
    "InteractionResult",
    "Problem",
    "RenderedFile",
    "RenderedMessage",
    "RenderedView",
    "SlackSandbox",
    "UserDriver",
    "problems",
    "view_problems",
]
