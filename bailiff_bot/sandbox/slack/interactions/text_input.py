"""Text that users type: slash commands and messages."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.app_responses import post_notice, post_response
from bailiff_bot.sandbox.slack.interactions.escape import escape_text
from bailiff_bot.sandbox.slack.interactions.lookup import active_user, find_writable_channel
from bailiff_bot.sandbox.slack.interactions.result import InteractionError, InteractionResult
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User, Workspace


@dataclass(frozen=True, slots=True)
class TextInteractions:
    """Performs text input."""

    workspace: Workspace
    socket_mode: SocketModeServer
    call_log: CallLog

    async def run_command(self, origin: str, name: str, text: str, channel_name: str) -> InteractionResult:
        """Type a slash command and wait for its acknowledgement; on failure, show Slack's error to the user."""
        user = active_user(self.workspace, name)
        channel = find_writable_channel(self.workspace, channel_name, user)
        command, _, rest = text.partition(" ")
        if command != self.workspace.installation.command:
            raise InteractionError(f"{command} is not a valid command")
        payload = payloads.slash_command(
            self.workspace, origin, user, channel, escape_text(rest.strip(), self.workspace)
        )
        envelope_result = await self.socket_mode.deliver(
            "slash_commands", payload, description=text, accepts_payload=True
        )
        result = InteractionResult.from_envelope_result(envelope_result, payload)
        if result.error:
            self._post_notice(user, channel, f"{command} failed with the error \u201c{result.error}\u201d")
        elif result.payload:
            self._post_response(user, channel, result)
        return result

    def post_message(self, name: str, text: str, channel_name: str, thread_ts: str | None) -> Message:
        """Post a message in a channel or a thread."""
        user = active_user(self.workspace, name)
        channel = find_writable_channel(self.workspace, channel_name, user)
        message = Message(channel.id, user.id, escape_text(text, self.workspace), thread_ts=thread_ts)
        return self.workspace.messages.post(message)

    def _post_response(self, user: User, channel: Channel, result: InteractionResult) -> None:
        try:
            post_response(self.workspace, user.id, channel.id, Arguments(result.payload))
        except ApiError as error:
            self.call_log.record_failure("bad_ack", f"{error.definition.code}: {error.response_body()}")
            command = self.workspace.installation.command
            self._post_notice(user, channel, f"{command} failed with the error \u201cinvalid_command_response\u201d")

    def _post_notice(self, user: User, channel: Channel, text: str) -> None:
        post_notice(self.workspace, user.id, channel.id, text)
