"""A person types: a slash command, or plain words."""

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
    """Where people type."""

    workspace: Workspace
    socket_mode: SocketModeServer
    call_log: CallLog

    async def run_command(self, origin: str, name: str, text: str, channel_name: str) -> InteractionResult:
        """Type a slash command; the app has seconds to acknowledge it."""
        user = active_user(self.workspace, name)
        channel = find_writable_channel(self.workspace, channel_name, user)
        word, _, rest = text.partition(" ")
        if word != self.workspace.installation.command:
            raise InteractionError(f"{word} is not a valid command")
        payload = payloads.slash_command(
            self.workspace, origin, user, channel, escape_text(rest.strip(), self.workspace)
        )
        result = await self.socket_mode.deliver("slash_commands", payload, description=text, accepts_payload=True)
        outcome = InteractionResult.from_envelope_result(result, payload)
        if outcome.error:
            self._post_notice(user, channel, f"{word} failed with the error \u201c{outcome.error}\u201d")
        elif outcome.payload:
            self._post_response(user, channel, outcome)
        return outcome

    def post_message(self, name: str, text: str, channel_name: str, thread_ts: str | None) -> Message:
        """Say something in a channel."""
        user = active_user(self.workspace, name)
        channel = find_writable_channel(self.workspace, channel_name, user)
        draft = Message(channel.id, user.id, escape_text(text, self.workspace), thread_ts=thread_ts)
        return self.workspace.messages.post(draft)

    def _post_response(self, user: User, channel: Channel, outcome: InteractionResult) -> None:
        try:
            post_response(self.workspace, user.id, channel.id, Arguments(outcome.payload))
        except ApiError as refused:
            self.call_log.record_failure("bad_ack", f"{refused.definition.code}: {refused.response_body()}")
            word = self.workspace.installation.command
            self._post_notice(user, channel, f"{word} failed with the error \u201cinvalid_command_response\u201d")

    def _post_notice(self, user: User, channel: Channel, text: str) -> None:
        post_notice(self.workspace, user.id, channel.id, text)
