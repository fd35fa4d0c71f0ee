"""A local Slack workspace for slack_sdk and Bolt. It rejects what Slack rejects.

    with SlackSandbox() as slack:
        app = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url))
        handler = SocketModeHandler(app, slack.app_token)
        handler.connect()                       # over a real WebSocket

        ada = slack.driver.user("ada")
        result = ada.run_command("/bailiff report", channel="cloud-costs")
        assert result.acknowledged              # within 3 seconds; otherwise Slack shows Ada an error
        answer = slack.driver.wait_for(lambda: ada.visible_messages("cloud-costs"))[-1]
        ada.click(answer, "Share in channel")   # by action_id or visible text: a button, a menu, a picker
        kept = ada.click(answer, "Keep", near="agr-web")          # the first "Keep" at or below "agr-web"
        ada.submit_modal(ada.modal(), {"Until when": "2026-02-28"})   # the modal that the app opened
        ada.visible_messages("bailiff")         # her conversation with the bot

        ada.click_twice(answer, "Not mine")     # an option of an overflow menu, on two devices at once
        ada.click(answer, "Keep", forged={"value": "forged"})
        slack.driver.send_payload(kept.request) # the same payload again, after a restart for example
        slack.driver.change_user("ada", guest=True)
        slack.driver.inject_fault("refuse", "users.info", user="ada", error="fatal_error")

        slack.driver.inject_fault("drop_after", "chat.postMessage")   # the message is posted, the response is lost
        slack.driver.inject_socket_fault("reset")                     # a TCP reset on every WebSocket
        slack.driver.calls("chat.postMessage"), slack.driver.failures()

From another process, use `Driver(url)`. To check blocks without a server, use `problems(blocks, "message")`.
"""

from bailiff_bot.sandbox.slack.base_types import MANIFEST_SCOPES, Installation
from bailiff_bot.sandbox.slack.blocks import Problem, problems, view_problems
from bailiff_bot.sandbox.slack.driver import Driver
from bailiff_bot.sandbox.slack.errors import ERROR_DEFINITIONS, ErrorDefinition
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.rendered import RenderedFile, RenderedMessage, RenderedView
from bailiff_bot.sandbox.slack.server import SlackSandbox
from bailiff_bot.sandbox.slack.user_driver import UserDriver

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
